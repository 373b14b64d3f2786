import { fromHex } from '@motestack/bytes';
import { concat } from '../concat.ts';
import { DerTag } from './der-reader.ts';

/** An element of DER. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return concat([Uint8Array.of(tag, ...(length < 128 ? [length] : long)), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(DerTag.Sequence, ...parts);
export const oid = (hex: string): Uint8Array => der(DerTag.ObjectIdentifier, fromHex(hex));
export const text = (tag: number, value: string): Uint8Array => der(tag, new TextEncoder().encode(value));
export const integer = (value: number): Uint8Array => der(DerTag.Integer, Uint8Array.of(value));
export const boolean = (value: boolean): Uint8Array => der(DerTag.Boolean, Uint8Array.of(value ? 0xff : 0));
export const bits = (bytes: Uint8Array, unused: number = 0): Uint8Array =>
  der(DerTag.BitString, Uint8Array.of(unused), bytes);

/** A BIT STRING of named bits, in as few bits as DER wants. */
export function namedBits(...set: readonly number[]): Uint8Array {
  const last = Math.max(...set);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of set) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return bits(bytes, 7 - (last & 7));
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(epochMs: number): Uint8Array {
  const digits = new Date(epochMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return digits < '2050' ? text(DerTag.UtcTime, `${digits.slice(2)}Z`) : text(DerTag.GeneralizedTime, `${digits}Z`);
}
