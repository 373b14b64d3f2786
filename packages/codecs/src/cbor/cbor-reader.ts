import { DecodeError, type DecodeErrorCode, decodeUtf8Range } from '@motestack/bytes';
import { decodeHalf } from './half-float.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';
import { bignum, epochOfDateText, fractionOf } from './tagged-numbers.ts';

/** The count of an array or map, or the length of a string, that ends with a break. */
export const INDEFINITE = -1;

const BREAK = 0xff;
const NULL = 0xf6;
const NO_TAG = -1;
const TWO_BYTE_SIMPLE = 0xf8;
const HALF = 0xf9;
const DOUBLE = 0xfb;
const INDEFINITE_INFO = 31;
/** The initial byte of empty text: those of up to 23 bytes follow. */
const SHORT_TEXT = 0x60;

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/**
 * A place in one CBOR payload. The functions of this module read the data items in order: well-formedness is checked at every
 * step, and nothing is allocated on the word of a length that the payload does not bear out. They are functions, so that a
 * bundle holds those alone that it needs.
 *
 * @see RFC 8949 §3, Appendix C, Appendix F
 */
export class CborReader {
  /** What is read. */
  bytes: Uint8Array = NOTHING;
  /** Index of the next byte. */
  offset = 0;
  /** The argument of the head that was read last. Beyond 2^53 it is not exact: see `wideArgument`. */
  argument = 0;
  /** Where what is read is specified, for errors. */
  section = '';
  /** Containers and tags within each other; more is `too-deep`. */
  nestingMax = 0;
}

/**
 * The reader of the last payload, for the next one. It is never without life: the engine throws away what it optimized for a
 * shape when all objects of that shape die.
 */
let spare: CborReader | undefined;

/**
 * Begins to read a payload.
 *
 * @param bytes a whole payload
 * @param section where what is read is specified, for errors
 * @param nestingMax containers and tags within each other; more is `too-deep`
 */
export function beginReading(bytes: Uint8Array, section: string, nestingMax: number): CborReader {
  const reader = spare ?? new CborReader();
  spare = undefined;
  reader.bytes = bytes;
  reader.offset = 0;
  reader.section = section;
  reader.nestingMax = nestingMax;
  return reader;
}

const scratch = /* @__PURE__ */ new DataView(new ArrayBuffer(8));

/** Copies eight bytes to where they are read as a number. A view of each payload would take longer to make. */
function scratchOf(bytes: Uint8Array, at: number): DataView {
  scratch.setInt32(0, wordAt(bytes, at));
  scratch.setInt32(4, wordAt(bytes, at + 4));
  return scratch;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
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
 * @returns the initial byte
 * @throws {DecodeError} `truncated`, `reserved-value`, `bad-syntax` (a break or an indefinite length)
 */
export function readHead(reader: CborReader): number {
  const { bytes, offset: start } = reader;
  const initial = peek(reader);
  const info = initial & 0x1f;
  let argument = info;
  let at = start + 1;
  if (info > 23) {
    if (info > 27) refuse(reader, info === INDEFINITE_INFO ? 'bad-syntax' : 'reserved-value');
    const end = at + (1 << (info - 24));
    if (end > bytes.length) refuse(reader, 'truncated', bytes.length);
    for (argument = 0; at < end; at++) argument = argument * 0x100 + (bytes[at] as number);
    // Simple values below 32 have one byte (RFC 8949 §3.3).
    if (initial === TWO_BYTE_SIMPLE && argument < 32) refuse(reader, 'reserved-value');
  }
  reader.argument = argument;
  reader.offset = at;
  return initial;
}

/** The argument of the head that was read last, if it has 64 bits and a number is not exact. */
export function wideArgument(reader: CborReader): bigint | undefined {
  return Number.isSafeInteger(reader.argument) ? undefined : scratchOf(reader.bytes, reader.offset - 8).getBigUint64(0);
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
  if (skipByte(reader, (major << 5) | INDEFINITE_INFO)) return INDEFINITE;
  if (readHead(reader) >>> 5 !== major) refuse(reader, 'bad-type', start);
  return reader.argument;
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
  const major = readHead(reader) >>> 5;
  if (major > MajorType.NEGATIVE) refuse(reader, 'bad-type', start);
  const exact = wideArgument(reader) ?? reader.argument;
  if (major === MajorType.UNSIGNED) return exact;
  return exact < Number.MAX_SAFE_INTEGER ? -1 - Number(exact) : -1n - BigInt(exact);
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
  const { bytes, offset } = reader;
  if (bytes[offset] === DOUBLE && offset + 9 <= bytes.length) {
    reader.offset = offset + 9;
    return scratchOf(bytes, offset + 1).getFloat64(0);
  }
  return readTaggedNumber(reader, untag(reader), offset);
}

/** Reads an integer or float without a tag. @throws {DecodeError} `bad-type` */
export function readPlainNumber(reader: CborReader): number | bigint {
  const start = reader.offset;
  const initial = peek(reader);
  if (initial < 0x40) return readInteger(reader);
  if (initial < HALF || initial > DOUBLE) refuse(reader, 'bad-type');
  readHead(reader);
  if (initial === HALF) return decodeHalf(reader.argument);
  if (initial === DOUBLE) return scratchOf(reader.bytes, start + 1).getFloat64(0);
  scratch.setUint32(0, reader.argument);
  return scratch.getFloat32(0);
}

/**
 * Reads the content of a tag as a number.
 *
 * @param tag of {@link Tag} what it is said to be; of another tag it is a plain number
 * @param start where the item begins, for errors
 * @throws {DecodeError} as {@link readNumber}
 */
export function readTaggedNumber(reader: CborReader, tag: number, start: number): number | bigint {
  switch (tag) {
    case Tag.DateText:
      return epochOfDateText(readText(reader)) ?? refuse(reader, 'bad-value', start);
    case Tag.PositiveBignum:
    case Tag.NegativeBignum:
      return bignum(readBytes(reader), tag === Tag.NegativeBignum) ?? refuse(reader, 'too-long', start);
    case Tag.Decimal:
    case Tag.Bigfloat:
      return readFraction(reader, tag === Tag.Decimal ? 10 : 2, start);
    default:
      return readPlainNumber(reader);
  }
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
export function untag(reader: CborReader): number {
  let tag = NO_TAG;
  for (let count = 0; peekMajor(reader) === MajorType.TAG; count++) {
    if (count >= reader.nestingMax) refuse(reader, 'too-deep');
    readHead(reader);
    tag = reader.argument;
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
  const { bytes, offset } = reader;
  const short = (bytes[offset] ?? 0) - SHORT_TEXT;
  if (short >= 0 && short < 24 && offset + short < bytes.length) {
    reader.offset = offset + 1 + short;
    return decodeUtf8Range(bytes, offset + 1, reader.offset, reader.section);
  }
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
  readHead(reader);
  return reader.argument;
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
  const start = reader.offset;
  skipBytes(reader, length);
  return decodeUtf8Range(reader.bytes, start, reader.offset, reader.section);
}

/** A view of what was read since an offset: a plain `Uint8Array` also where the payload is a Node `Buffer`. */
export function bytesSince({ bytes, offset }: CborReader, start: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, offset - start);
}

/** Makes sure that nothing is left; the reader is of no more use then. @throws {DecodeError} `trailing-bytes` */
export function finishReading(reader: CborReader): void {
  if (reader.offset !== reader.bytes.length) refuse(reader, 'trailing-bytes');
  reader.bytes = NOTHING;
  spare = reader;
}
