import { encodeUtf8 } from '@motestack/bytes';
import { MajorType } from './cbor-reader.ts';
import { halfBits } from './half-float.ts';

/** The size of memory that short payloads share, as Node's own pool for short buffers. */
const SLAB_BYTES = 8192;
/** Longer payloads get memory of their own, so that little of a slab is lost at its end. */
const SHARED_BYTES_MAX = 2048;
/** Up to this length the engine keeps an array within its own heap, which is as fast and holds no slab. */
const INLINE_BYTES_MAX = 64;
/** A buffer that once grew beyond this is not kept for the next payload. */
const KEPT_CAPACITY_MAX = 65_536;
const HEAD_BYTES_MAX = 9;
const SHORT_TEXT_LENGTH = 64;

/**
 * A CBOR payload that is being written. The functions of this module add items to it in preferred serialization: shortest
 * heads, shortest floats, definite lengths.
 *
 * Payloads are written where they stay, in memory that short ones share.
 *
 * @see RFC 8949 §4.1
 */
export class CborWriter {
  /** Holds what was written. */
  bytes: Uint8Array = new Uint8Array(SLAB_BYTES);
  /** The same memory. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Index of the payload's first byte. */
  start = 0;
  /** Index of the next byte. */
  offset = 0;
  /** Whether floats of 16 bits are written where they are exact. Constrained decoders may lack them. */
  halfFloats = true;
}

/**
 * The writer of the last payload, for the next one. It is never without life: the engine throws away what it optimized for a
 * shape when all objects of that shape die.
 */
let spare: CborWriter | undefined;

/** Begins a payload. @param halfFloats whether floats of 16 bits are written where they are exact */
export function beginWriting(halfFloats = true): CborWriter {
  const writer = spare ?? new CborWriter();
  spare = undefined;
  writer.halfFloats = halfFloats;
  return writer;
}

/** The payload, of exactly its size. */
export function finishWriting(writer: CborWriter): Uint8Array {
  const { bytes, start, offset } = writer;
  const length = offset - start;
  const shared = length > INLINE_BYTES_MAX && length <= SHARED_BYTES_MAX;
  if (shared) writer.start = offset;
  else writer.offset = start;
  if (bytes.length <= KEPT_CAPACITY_MAX) spare = writer;
  return shared ? new Uint8Array(bytes.buffer, start, length) : bytes.slice(start, offset);
}

/** Makes sure that so many bytes can be written. @returns where they are to begin */
export function makeRoom(writer: CborWriter, length: number): number {
  if (writer.offset + length > writer.bytes.length) grow(writer, length);
  return writer.offset;
}

function grow(writer: CborWriter, length: number): void {
  const { bytes, start, offset } = writer;
  writer.bytes = new Uint8Array(Math.max(SLAB_BYTES, 2 * (offset - start + length)));
  writer.bytes.set(bytes.subarray(start, offset));
  writer.view = new DataView(writer.bytes.buffer);
  writer.start = 0;
  writer.offset = offset - start;
}

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

/** Writes an item of one byte: `null`, a truth value, a label. */
export function writeByte(writer: CborWriter, byte: number): void {
  const at = makeRoom(writer, 1);
  writer.bytes[at] = byte;
  writer.offset = at + 1;
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
    ? putHead(writer, at, MajorType.Negative, -1 - value)
    : putHead(writer, at, MajorType.Unsigned, value);
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
  const major = value < 0n ? MajorType.Negative : MajorType.Unsigned;
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
  writeHead(writer, MajorType.Text, encoded.length);
  writeRaw(writer, encoded);
}

/** Writes a byte string. */
export function writeBytes(writer: CborWriter, value: Uint8Array): void {
  writeHead(writer, MajorType.Bytes, value.length);
  writeRaw(writer, value);
}

/** Writes an item that is encoded already. */
export function writeRaw(writer: CborWriter, value: Uint8Array): void {
  const at = makeRoom(writer, value.length);
  writer.bytes.set(value, at);
  writer.offset = at + value.length;
}
