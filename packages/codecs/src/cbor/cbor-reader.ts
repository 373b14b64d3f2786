import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { knownText } from '../values/known-text.ts';
import { decodeHalf } from './half-float.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';
import { bignum, epochOfDateText, fractionOf } from './tagged-numbers.ts';

/** The count of an array or map, or the length of a string, that ends with a break. */
export const INDEFINITE = -1;

const BREAK = 0xff;
const NULL = 0xf6;
const NO_TAG = -1;
const INDEFINITE_INFO = 31;
/** The initial byte of empty text: those of up to 23 bytes follow. */
const SHORT_TEXT = 0x60;

/**
 * A place in one CBOR payload. The functions of this module read the data items in order: well-formedness is checked at every
 * step, and nothing is allocated on the word of a length that the payload does not bear out. They are functions, so that a
 * bundle holds those alone that it needs.
 *
 * @see RFC 8949 §3, Appendix C, Appendix F
 */
export interface CborReader {
  /** What is read. */
  readonly bytes: Uint8Array;
  /** Index of the next byte. */
  offset: number;
  /** Where what is read is specified, for errors. */
  readonly section: string;
  /** Containers and tags within each other; more is `too-deep`. */
  readonly nestingMax: number;
}

/**
 * Begins to read a payload.
 *
 * @param bytes a whole payload
 * @param section where what is read is specified, for errors
 * @param nestingMax containers and tags within each other; more is `too-deep`
 */
export function beginReading(bytes: Uint8Array, section: string, nestingMax: number): CborReader {
  return { bytes, offset: 0, section, nestingMax };
}

/**
 * Refuses the payload.
 *
 * @param reader whose payload is at fault
 * @param code what is wrong
 * @param offset index of the byte at fault; the next byte unless said
 * @throws {DecodeError} always
 */
export function refuse(reader: CborReader, code: DecodeErrorCode, offset: number = reader.offset): never {
  throw new DecodeError(code, { offset, section: reader.section });
}

/** The next initial byte, not read. @throws {DecodeError} `truncated` */
export function peek(reader: CborReader): number {
  return reader.bytes[reader.offset] ?? refuse(reader, 'truncated');
}

/** The major type of the next item. @throws {DecodeError} `truncated` */
export function peekMajor(reader: CborReader): number {
  return peek(reader) >>> 5;
}

/**
 * Reads an initial byte and its argument. Indefinite lengths are for {@link begin}.
 *
 * @returns the argument, a `bigint` beyond 2^53 − 1
 * @throws {DecodeError} `truncated`, `reserved-value`, `bad-syntax` (a break or an indefinite length)
 */
export function readHead(reader: CborReader): number | bigint {
  const { bytes, offset } = reader;
  const info = peek(reader) & 0x1f;
  if (info > 27) refuse(reader, info === INDEFINITE_INFO ? 'bad-syntax' : 'reserved-value');
  reader.offset++;
  if (info < 24) return info;
  const end = offset + 1 + skipBytes(reader, 1 << (info - 24));
  let argument = 0;
  for (let at = offset + 1; at < end; at++) argument = argument * 0x100 + (bytes[at] as number);
  return Number.isSafeInteger(argument) ? argument : bignum(bytesSince(reader, offset + 1));
}

/**
 * Begins an array, a map or a string.
 *
 * @param major which of them it must be
 * @returns how many items, pairs or bytes follow, or {@link INDEFINITE}
 * @throws {DecodeError} `bad-type` for another major type
 */
export function begin(reader: CborReader, major: number): number {
  const start = reader.offset;
  const isOther = peekMajor(reader) !== major;
  if (skipByte(reader, (major << 5) | INDEFINITE_INFO)) return INDEFINITE;
  const count = Number(readHead(reader));
  return isOther ? refuse(reader, 'bad-type', start) : count;
}

/** Whether an indefinite-length item ends here. The break is read. @throws {DecodeError} `truncated` */
export function atBreak(reader: CborReader): boolean {
  return skipByte(reader, BREAK);
}

/** Whether an array or map goes on. @param index how many items or pairs were read @param count as {@link begin} gave it */
export function hasNext(reader: CborReader, index: number, count: number): boolean {
  return count === INDEFINITE ? !atBreak(reader) : index < count;
}

/** Whether the next item is `null`. It is read then. @throws {DecodeError} `truncated` */
export function atNull(reader: CborReader): boolean {
  return skipByte(reader, NULL);
}

function skipByte(reader: CborReader, byte: number): boolean {
  const found = peek(reader) === byte;
  if (found) reader.offset++;
  return found;
}

/** Reads `true` or `false`. @throws {DecodeError} `bad-type` */
export function readBoolean(reader: CborReader): boolean {
  untag(reader);
  const byte = peek(reader);
  if (byte >>> 1 !== 0x7a) refuse(reader, 'bad-type'); // 0xf4 and 0xf5
  reader.offset++;
  return byte === 0xf5;
}

/** Reads an integer of major type 0 or 1. @throws {DecodeError} `bad-type` */
export function readInteger(reader: CborReader): number | bigint {
  const start = reader.offset;
  const major = peekMajor(reader);
  const argument = readHead(reader);
  if (major > MajorType.NEGATIVE) refuse(reader, 'bad-type', start);
  if (major === MajorType.UNSIGNED) return argument;
  return argument < Number.MAX_SAFE_INTEGER ? -1 - Number(argument) : -1n - BigInt(argument);
}

/**
 * Reads a number: an integer or float of any width, or what tags 0 to 5 make of their content: a date as text, seconds
 * since 1970, a bignum, a decimal fraction, a bigfloat. Other tags are passed over.
 *
 * @returns a `bigint` beyond ±(2^53 − 1)
 * @throws {DecodeError} `bad-type`, `bad-value` (a fraction beyond what a double holds), `too-long` (a bignum), `too-deep`
 * @see RFC 8949 §3.3, §3.4.1 to §3.4.4
 */
export function readNumber(reader: CborReader): number | bigint {
  const { offset } = reader;
  return readTaggedNumber(reader, untag(reader), offset);
}

const scratch = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** Reads an integer or float without a tag. @throws {DecodeError} `bad-type` */
export function readPlainNumber(reader: CborReader): number | bigint {
  const { bytes, offset } = reader;
  const initial = peek(reader);
  if (initial < 0x40) return readInteger(reader);
  // 0xf9, 0xfa and 0xfb: 2, 4 and 8 bytes.
  const width = 1 << (initial - 0xf8);
  if (initial < 0xf9 || width > 8) refuse(reader, 'bad-type');
  skipBytes(reader, 1 + width);
  const first = wordAt(bytes, offset + 1);
  if (width === 2) return decodeHalf(first >>> 16);
  // Copied to where it can be read: a view of each payload would take longer to make.
  scratch.setInt32(0, first);
  if (width === 4) return scratch.getFloat32(0);
  scratch.setInt32(4, wordAt(bytes, offset + 5));
  return scratch.getFloat64(0);
}

/** Four bytes; those behind the end count as 0. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/**
 * Reads the content of a tag as a number.
 *
 * @param tag of `Tag` what it is said to be; of another tag it is a plain number
 * @param start where the item begins, for errors
 * @throws {DecodeError} as {@link readNumber}
 */
export function readTaggedNumber(reader: CborReader, tag: number | bigint, start: number): number | bigint {
  switch (tag) {
    case Tag.DateText:
      return epochOfDateText(readText(reader)) ?? refuse(reader, 'bad-value', start);
    case Tag.PositiveBignum:
    case Tag.NegativeBignum:
      return readBignum(reader, tag === Tag.NegativeBignum, start);
    case Tag.Decimal:
    case Tag.Bigfloat:
      return readFraction(reader, tag === Tag.Decimal ? 10 : 2, start);
    default:
      return readPlainNumber(reader);
  }
}

/** The longest bignum that is read: far beyond any value of LwM2M, and beyond what a double tells apart. */
const BIGNUM_BYTES_MAX = 128;

function readBignum(reader: CborReader, isNegative: boolean, start: number): number | bigint {
  const bytes = readBytes(reader);
  if (bytes.length > BIGNUM_BYTES_MAX) refuse(reader, 'too-long', start);
  return bignum(bytes, isNegative);
}

/** `[exponent, mantissa]`; a mantissa may be a bignum (RFC 8949 §3.4.4). */
function readFraction(reader: CborReader, base: 2 | 10, start: number): number | bigint {
  if (begin(reader, MajorType.ARRAY) !== 2) refuse(reader, 'bad-type', start);
  const exponent = readInteger(reader);
  const tag = untag(reader);
  const bignumFollows = tag === Tag.PositiveBignum || tag === Tag.NegativeBignum;
  const mantissa = bignumFollows ? readTaggedNumber(reader, tag, start) : readInteger(reader);
  return fractionOf(base, exponent, mantissa) ?? refuse(reader, 'bad-value', start);
}

/** Passes over the tags in front of an item. @returns the innermost, −1 if there is none @throws {DecodeError} `too-deep` */
export function untag(reader: CborReader): number | bigint {
  let tag: number | bigint = NO_TAG;
  for (let count = 0; peekMajor(reader) === MajorType.TAG; count++) {
    if (count >= reader.nestingMax) refuse(reader, 'too-deep');
    tag = readHead(reader);
  }
  return tag;
}

/**
 * Reads a text string of definite or indefinite length.
 *
 * @throws {DecodeError} `bad-utf8`, of each chunk by itself; `bad-type`, `truncated`
 * @see RFC 8949 §3.2.3
 */
export function readText(reader: CborReader): string {
  const length = peek(reader) - SHORT_TEXT;
  if (length >= 0 && length < 24) {
    reader.offset++;
    return takeText(reader, length);
  }
  return readLongText(reader);
}

function readLongText(reader: CborReader): string {
  untag(reader);
  const length = begin(reader, MajorType.TEXT);
  if (length !== INDEFINITE) return takeText(reader, length);
  let text = '';
  while (!atBreak(reader)) text += takeText(reader, beginChunk(reader, MajorType.TEXT));
  return text;
}

/**
 * Reads a byte string of definite or indefinite length.
 *
 * @returns a view of the payload, or the chunks in one array
 * @throws {DecodeError} `bad-type`, `truncated`
 * @see RFC 8949 §3.2.3
 */
export function readBytes(reader: CborReader): Uint8Array {
  untag(reader);
  const length = begin(reader, MajorType.BYTES);
  if (length !== INDEFINITE) return takeBytes(reader, length);
  // Twice: chunks of one byte each would take many times their memory in a list.
  const start = reader.offset;
  let total = 0;
  while (!atBreak(reader)) total += skipBytes(reader, beginChunk(reader, MajorType.BYTES));
  const joined = new Uint8Array(total);
  reader.offset = start;
  for (let written = 0; !atBreak(reader); ) {
    const chunk = takeBytes(reader, beginChunk(reader, MajorType.BYTES));
    joined.set(chunk, written);
    written += chunk.length;
  }
  return joined;
}

/**
 * Begins a chunk of an indefinite-length string: a string of the same major type and of definite length.
 *
 * @returns how many bytes it has
 * @throws {DecodeError} `bad-syntax` for anything else
 */
export function beginChunk(reader: CborReader, major: number): number {
  if (peekMajor(reader) !== major) refuse(reader, 'bad-syntax');
  return Number(readHead(reader));
}

/** Passes over bytes. @returns how many they are @throws {DecodeError} `truncated` */
export function skipBytes(reader: CborReader, length: number): number {
  if (length > reader.bytes.length - reader.offset) refuse(reader, 'truncated', reader.bytes.length);
  reader.offset += length;
  return length;
}

/** A view of the next bytes. @throws {DecodeError} `truncated` */
export function takeBytes(reader: CborReader, length: number): Uint8Array {
  skipBytes(reader, length);
  return bytesSince(reader, reader.offset - length);
}

/** The next bytes as text. @throws {DecodeError} `truncated`, `bad-utf8` */
export function takeText(reader: CborReader, length: number): string {
  skipBytes(reader, length);
  return knownText(reader.bytes, reader.offset - length, reader.offset, reader.section);
}

/** A view of what was read since an offset: a plain `Uint8Array` also where the payload is a Node `Buffer`. */
export function bytesSince({ bytes, offset }: CborReader, start: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, offset - start);
}

/** Makes sure that nothing is left. @throws {DecodeError} `trailing-bytes` */
export function finishReading(reader: CborReader): void {
  if (reader.offset !== reader.bytes.length) refuse(reader, 'trailing-bytes');
}

/**
 * Reads the head of a simple value.
 *
 * @returns its number, 0 to 255
 * @throws {DecodeError} `reserved-value`: those below 32 have one byte (RFC 8949 §3.3)
 */
export function readSimple(reader: CborReader): number {
  const isLong = peek(reader) === 0xf8;
  const value = Number(readHead(reader));
  return isLong && value < 32 ? refuse(reader, 'reserved-value') : value;
}
