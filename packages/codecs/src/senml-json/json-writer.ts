import { encodeUtf8 } from '@motestack/bytes';
import { makeRoom, type PayloadWriter, writeRaw } from '../values/payload-writer.ts';
import { formatJsonNumber } from './format-number.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const DOT = 0x2e;
const ZERO = 0x30;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const SHORT_TEXT_LENGTH = 64;
/** A sign, ten digits, a point, three more. */
const SHORT_NUMBER_BYTES_MAX = 16;
/** Integers below this, in either direction, are written without a detour over text. */
const INTEGER_END = 2 ** 31;
/** Numbers below this, in either direction, that have up to three decimals, too. */
const FRACTION_END = 2 ** 20;
const THOUSAND = 1000;

/** Writes text that is ASCII and holds nothing that JSON escapes: labels, digits. */
export function writeAscii(writer: PayloadWriter, text: string): void {
  const { length } = text;
  const at = makeRoom(writer, length);
  const { bytes } = writer;
  for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index);
  writer.offset = at + length;
}

/**
 * Writes a string of JSON. Most are short and hold nothing that JSON escapes: to look is faster than to have them written.
 *
 * @see RFC 8259 §7
 */
export function writeJsonText(writer: PayloadWriter, text: string): void {
  const { length } = text;
  const at = makeRoom(writer, SHORT_TEXT_LENGTH + 2);
  const { bytes } = writer;
  let isPlain = length <= SHORT_TEXT_LENGTH;
  for (let index = 0; isPlain && index < length; index++) {
    const unit = text.charCodeAt(index);
    isPlain = unit >= SPACE && unit < 0x80 && unit !== QUOTE && unit !== BACKSLASH;
    bytes[at + 1 + index] = unit;
  }
  if (isPlain) {
    bytes[at] = QUOTE;
    bytes[at + length + 1] = QUOTE;
    writer.offset = at + length + 2;
  } else writeRaw(writer, encodeUtf8(JSON.stringify(text)));
}

/**
 * Writes a number of JSON: the shortest text that reads back as the same number.
 *
 * @throws {ContentError} `not-representable` for NaN and the infinities
 * @see RFC 8259 §6
 */
export function writeJsonNumber(writer: PayloadWriter, value: number | bigint): void {
  const at = makeRoom(writer, SHORT_NUMBER_BYTES_MAX);
  const end = typeof value === 'number' ? putShortNumber(writer.bytes, at, value) : at;
  if (end > at) writer.offset = end;
  else writeAscii(writer, formatJsonNumber(value));
}

/** Writes an integer of up to 31 bits, or a number of up to three decimals. @returns the index behind it, or `start` */
function putShortNumber(bytes: Uint8Array, start: number, value: number): number {
  const size = Math.abs(value);
  const thousandths = Math.round(size * THOUSAND);
  const isWhole = Number.isInteger(size);
  // What is read back is the quotient nearest to these digits: the number itself.
  if (!(isWhole ? size < INTEGER_END : size < FRACTION_END && thousandths / THOUSAND === size)) return start;
  if (Object.is(value, -0)) return start;
  bytes[start] = MINUS;
  const at = putDigits(bytes, value < 0 ? start + 1 : start, isWhole ? size : Math.floor(size), 1);
  if (isWhole) return at;
  bytes[at] = DOT;
  let end = putDigits(bytes, at + 1, thousandths % THOUSAND, 100);
  while (bytes[end - 1] === ZERO) end--;
  return end;
}

/** Writes an integer in decimal, with zeros in front up to the place of `least`. @returns the index behind it */
function putDigits(bytes: Uint8Array, start: number, value: number, least: number): number {
  let end = start + 1;
  for (let limit = 10; limit <= value || limit <= least; limit *= 10) end++;
  for (let rest = value | 0, index = end - 1; index >= start; index--) {
    const tenth = (rest / 10) | 0;
    bytes[index] = ZERO + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}
