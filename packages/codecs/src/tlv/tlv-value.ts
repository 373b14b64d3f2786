import { encodeUtf8 } from '@motestack/bytes';
import type { Path, ResourceValue } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { Leniency } from '../payload-context.ts';
import { checkInteger, normalizeInteger } from '../values/integers.ts';
import { knownText } from '../values/known-text.ts';
import { isObjectLink } from '../values/object-link-text.ts';
import { dateFromSeconds, type ValueType, valueToWire } from '../values/typed-value.ts';
import { NOT_PLAIN, PLAIN_VALUE_BYTES_MAX, putFloat, putPlainValue } from './plain-value.ts';
import { TLV_SECTION } from './tlv-header.ts';
import { reserve, type TlvWriter, writeTlvBytes, writeUnsigned } from './tlv-writer.ts';

/** Where the value of a TLV stands in a payload. */
export interface TlvValuePlace {
  /** The whole payload. */
  readonly bytes: Uint8Array;
  /** Index of the value's first byte. */
  readonly valueStart: number;
  /** Index behind its last byte. */
  readonly valueEnd: number;
}

/**
 * Decodes the value of one Resource or Resource Instance TLV.
 *
 * @param type from the definition; without one the bytes are the value
 * @param place where it stands; opaque values are a view of it
 * @param path for the error
 * @param leniency `zeroLengthInteger` and `threeByteInteger` count here
 * @returns the value by type
 * @throws {DecodeError} `bad-utf8`
 * @throws {ContentError} `wrong-type`: a length or a Boolean that the type does not have; `out-of-range`
 * @see LwM2M Core 1.1.1 Appendix C (TLV Format)
 */
export function decodeTlvValue(
  type: ValueType | undefined,
  { bytes, valueStart: start, valueEnd: end }: TlvValuePlace,
  path: Path,
  leniency: Leniency,
): ResourceValue {
  switch (type) {
    case undefined:
    case 'Opaque':
      return bytes.subarray(start, end);
    case 'String':
    case 'Corelnk':
      return knownText(bytes, start, end, TLV_SECTION);
    case 'Integer':
      return decodeInteger(bytes, start, end, true) ?? decodeOddInteger(bytes.subarray(start, end), path, leniency, 8);
    case 'Unsigned Integer':
      return decodeInteger(bytes, start, end, false) ?? decodeOddInteger(bytes.subarray(start, end), path, leniency, 0);
    case 'Time': {
      const seconds =
        decodeInteger(bytes, start, end, true) ?? decodeOddInteger(bytes.subarray(start, end), path, leniency, 8);
      return dateFromSeconds(Number(seconds), path);
    }
    case 'Float':
      return decodeFloat(bytes.subarray(start, end), path);
    case 'Boolean': {
      const byte = bytes[start];
      if (end - start !== 1 || byte === undefined || byte > 1) throw new ContentError('wrong-type', { path });
      return byte === 1;
    }
    case 'Objlnk':
      if (end - start !== 4) throw new ContentError('wrong-type', { path });
      return { objectId: u16(bytes, start), objectInstanceId: u16(bytes, start + 2) };
  }
}

/**
 * Writes the value of one Resource or Resource Instance TLV, in the shortest form of its type.
 *
 * @param writer writes backwards; the header comes after
 * @param type from the definition; without one it follows from the value
 * @param value the caller's
 * @param path for the error
 * @throws {ContentError} `wrong-type`, `out-of-range`, `not-representable`
 * @see LwM2M Core 1.1.1 Appendix C (TLV Format)
 */
export function encodeTlvValue(writer: TlvWriter, type: ValueType | undefined, value: ResourceValue, path: Path): void {
  const end = reserve(writer, PLAIN_VALUE_BYTES_MAX) + PLAIN_VALUE_BYTES_MAX;
  const start = putPlainValue(writer.bytes, end, type, value);
  writer.start = start === NOT_PLAIN ? end : start;
  if (start !== NOT_PLAIN) return;
  const wire = valueToWire(type, value, path);
  if (typeof wire === 'string') writeTlvBytes(writer, encodeUtf8(wire));
  else if (typeof wire === 'boolean') writeUnsigned(writer, wire ? 1 : 0, 1);
  else if (typeof wire === 'bigint' || typeof wire === 'number') encodeNumber(writer, type, wire, path);
  else if (isObjectLink(wire)) {
    writeUnsigned(writer, wire.objectInstanceId, 2);
    writeUnsigned(writer, wire.objectId, 2);
  } else writeTlvBytes(writer, wire);
}

function encodeNumber(writer: TlvWriter, type: ValueType | undefined, value: number | bigint, path: Path): void {
  if (type === 'Unsigned Integer') encodeInteger(writer, value);
  else if (type === 'Float' || (typeof value === 'number' && !Number.isInteger(value))) {
    writer.start = putFloat(writer.bytes, reserve(writer, 8) + 8, Number(value));
  } else encodeInteger(writer, checkInteger(value, false, path));
}

/** An integer of 1, 2, 4 or 8 bytes; `undefined` for one of another length. */
function decodeInteger(bytes: Uint8Array, start: number, end: number, signed: boolean): number | bigint | undefined {
  const first = bytes[start] as number;
  switch (end - start) {
    case 1:
      return signed ? (first << 24) >> 24 : first;
    case 2:
      return signed ? (u16(bytes, start) << 16) >> 16 : u16(bytes, start);
    case 4:
      return signed ? u32(bytes, start) | 0 : u32(bytes, start);
    case 8:
      return wide(signed ? u32(bytes, start) | 0 : u32(bytes, start), u32(bytes, start + 4));
    default:
      return undefined;
  }
}

/** @param signBits how far to shift three bytes up and down again: 8 carries their sign, 0 keeps them as they are */
function decodeOddInteger(value: Uint8Array, path: Path, leniency: Leniency, signBits: 0 | 8): number {
  if (value.length === 0 && leniency.zeroLengthInteger) return 0;
  if (value.length === 3 && leniency.threeByteInteger) {
    return (((u16(value, 0) << 8) | (value[2] ?? 0)) << signBits) >> signBits;
  }
  throw new ContentError('wrong-type', { path });
}

function decodeFloat(value: Uint8Array, path: Path): number {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.length === 8) return view.getFloat64(0);
  if (value.length === 4) return view.getFloat32(0);
  throw new ContentError('wrong-type', { path });
}

/**
 * Unsigned integers leave the first bit 0 where there is a wider form: any width is allowed, and decoders that know signed
 * integers alone (Leshan 2.0 among them) would read 0xbc1c as 2^64 − 17380.
 */
function encodeInteger(writer: TlvWriter, value: number | bigint): void {
  if (value >= -0x80 && value <= 0x7f) writeUnsigned(writer, Number(value), 1);
  else if (value >= -0x8000 && value <= 0x7fff) writeUnsigned(writer, Number(value), 2);
  else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) writeUnsigned(writer, Number(value), 4);
  else {
    const wide = BigInt(value);
    writeUnsigned(writer, Number(BigInt.asIntN(32, wide)), 4);
    writeUnsigned(writer, Number(BigInt.asIntN(32, wide >> 32n)), 4);
  }
}

function u16(value: Uint8Array, index: number): number {
  return ((value[index] ?? 0) << 8) | (value[index + 1] ?? 0);
}

function u32(value: Uint8Array, index: number): number {
  return ((u16(value, index) << 16) | u16(value, index + 2)) >>> 0;
}

/** Two halves of 64 bits: a number where that is exact. */
function wide(high: number, low: number): number | bigint {
  const sum = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(sum) ? sum : normalizeInteger((BigInt(high) << 32n) | BigInt(low));
}
