import { encodeUtf8 } from '@motestack/bytes';
import { type PayloadWriter as CborWriter, makeRoom, writeByte, writeRaw } from '../values/payload-writer.ts';
import { halfBits } from './half-float.ts';
import * as MajorType from './major-type.ts';

const HEAD_BYTES_MAX = 9;
const SHORT_TEXT_LENGTH = 64;

export type { PayloadWriter as CborWriter } from '../values/payload-writer.ts';

// The functions of this module add items in preferred serialization: shortest heads, shortest floats, definite lengths
// (RFC 8949 §4.1).

/** Writes a head in its shortest form. @param argument a safe integer, 0 or more */
export function writeHead(writer: CborWriter, major: number, argument: number): void {
  const at = makeRoom(writer, HEAD_BYTES_MAX);
  writer.offset = putHead(writer, at, major, argument);
}

function putHead({ bytes, view }: CborWriter, at: number, major: number, argument: number): number {
  const type = major << 5;
  if (argument < 24) {
    bytes[at] = type | argument;
    return at + 1;
  }
  if (argument < 0x100) {
    bytes[at] = type | 24;
    bytes[at + 1] = argument;
    return at + 2;
  }
  if (argument < 0x1_0000) {
    bytes[at] = type | 25;
    view.setUint16(at + 1, argument);
    return at + 3;
  }
  if (argument < 0x1_0000_0000) {
    bytes[at] = type | 26;
    view.setUint32(at + 1, argument);
    return at + 5;
  }
  bytes[at] = type | 27;
  view.setUint32(at + 1, argument / 0x1_0000_0000);
  view.setUint32(at + 5, argument >>> 0);
  return at + 9;
}

/** Writes a head of nine bytes. @param argument any of 64 bits */
export function writeWideHead(writer: CborWriter, major: number, argument: bigint): void {
  const at = makeRoom(writer, HEAD_BYTES_MAX);
  writer.bytes[at] = (major << 5) | 27;
  writer.view.setBigUint64(at + 1, argument);
  writer.offset = at + 9;
}

/** Writes `null`. */
export function writeNull(writer: CborWriter): void {
  writeByte(writer, 0xf6);
}

/** Writes `true` or `false`. */
export function writeBoolean(writer: CborWriter, value: boolean): void {
  writeByte(writer, value ? 0xf5 : 0xf4);
}

/**
 * Writes an integer where the number is one, and else the shortest float that is exact. −0 and numbers beyond
 * ±(2^53 − 1) are floats; every NaN is the same one.
 */
export function writeNumber(writer: CborWriter, value: number): void {
  const at = makeRoom(writer, HEAD_BYTES_MAX);
  writer.offset = putNumber(writer, at, value);
}

/**
 * {@link writeNumber} where there is room already. Times and measured values, 32 bits of integer and 64 of float, are looked
 * for first, so that the engine can put this part where it is called, and the number need not become an object.
 *
 * @returns the index behind it
 */
export function putNumber(writer: CborWriter, at: number, value: number): number {
  const { bytes, view } = writer;
  if (value >>> 0 === value && value >= 0x1_0000) {
    bytes[at] = 0x1a;
    view.setUint32(at + 1, value);
    return at + 5;
  }
  const single = Math.fround(value);
  if ((single < value || single > value) && Math.floor(value) !== value) {
    bytes[at] = 0xfb;
    view.setFloat64(at + 1, value);
    return at + 9;
  }
  return putOther(writer, at, value);
}

function putOther(writer: CborWriter, at: number, value: number): number {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return putFloat(writer, at, value);
  return value < 0
    ? putHead(writer, at, MajorType.NEGATIVE, -1 - value)
    : putHead(writer, at, MajorType.UNSIGNED, value);
}

/** Writes the shortest float that is exact, whole numbers too. Every NaN is the same one. */
export function writeFloat(writer: CborWriter, value: number): void {
  const at = makeRoom(writer, HEAD_BYTES_MAX);
  writer.offset = putFloat(writer, at, value);
}

function putFloat({ bytes, view, halfFloats }: CborWriter, at: number, value: number): number {
  if (!Object.is(Math.fround(value), value)) {
    bytes[at] = 0xfb;
    view.setFloat64(at + 1, value);
    return at + 9;
  }
  const half = halfFloats ? halfBits(value) : -1;
  if (half < 0) {
    bytes[at] = 0xfa;
    view.setFloat32(at + 1, value);
    return at + 5;
  }
  bytes[at] = 0xf9;
  view.setUint16(at + 1, half);
  return at + 3;
}

/**
 * Writes an integer of major type 0 or 1.
 *
 * @throws {RangeError} beyond −2^64 and 2^64 − 1
 */
export function writeBigint(writer: CborWriter, value: bigint): void {
  const argument = value < 0n ? -1n - value : value;
  if (BigInt.asUintN(64, argument) !== argument) throw new RangeError(`${value} does not fit 64 bits`);
  const major = value < 0n ? MajorType.NEGATIVE : MajorType.UNSIGNED;
  if (argument < 0x1_0000_0000n) writeHead(writer, major, Number(argument));
  else writeWideHead(writer, major, argument);
}

/**
 * Writes a text string.
 *
 * @throws {TypeError} for half a surrogate pair, which UTF-8 cannot carry
 */
export function writeText(writer: CborWriter, text: string): void {
  const { length } = text;
  if (length <= SHORT_TEXT_LENGTH) {
    const before = writer.offset - writer.start;
    const at = makeRoom(writer, length + 2);
    const { bytes } = writer;
    let next = at;
    bytes[next++] = length < 24 ? 0x60 | length : 0x78;
    if (length >= 24) bytes[next++] = length;
    let seen = 0;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      seen |= unit;
      bytes[next++] = unit;
    }
    writer.offset = next;
    if (seen < 0x80) return;
    writer.offset = writer.start + before;
  }
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('half a surrogate pair has no UTF-8');
  const encoded = encodeUtf8(text);
  writeHead(writer, MajorType.TEXT, encoded.length);
  writeRaw(writer, encoded);
}

/** Writes a byte string. */
export function writeBytes(writer: CborWriter, value: Uint8Array): void {
  writeHead(writer, MajorType.BYTES, value.length);
  writeRaw(writer, value);
}
