import { DecodeError } from '@motestack/bytes';

const SECTION = 'RFC 4648';
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NO_DIGIT = 0xff;
const STANDARD_DIGITS = digitsOf([STANDARD]);
const URL_SAFE_DIGITS = digitsOf([URL_SAFE]);
const EITHER_DIGITS = digitsOf([STANDARD, URL_SAFE]);

/** Which of the two notations of RFC 4648, and what is accepted beside it. */
export interface Base64Options {
  /** `base64` (§4) is written with padding, `base64url` (§5) without. */
  readonly alphabet: 'base64' | 'base64url';
  /** Accept the digits of either alphabet, and padding whether present or not. Default false. */
  readonly lenient?: boolean;
}

/**
 * Writes bytes as base64, with padding, or as base64url, without.
 *
 * @param bytes any bytes
 * @param options which alphabet
 * @returns ASCII text
 * @see RFC 4648 §4, §5
 */
export function encodeBase64(bytes: Uint8Array, { alphabet }: Base64Options): string {
  const digits = alphabet === 'base64' ? STANDARD : URL_SAFE;
  let text = '';
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const group = (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8) | byteAt(bytes, index + 2);
    text += digits.charAt(group >>> 18) + digits.charAt((group >>> 12) & 63);
    text += digits.charAt((group >>> 6) & 63) + digits.charAt(group & 63);
  }
  const left = bytes.length - index;
  if (left === 0) return text;
  const group = (byteAt(bytes, index) << 16) | (left === 2 ? byteAt(bytes, index + 1) << 8 : 0);
  text += digits.charAt(group >>> 18) + digits.charAt((group >>> 12) & 63);
  if (left === 2) text += digits.charAt((group >>> 6) & 63);
  return alphabet === 'base64' ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
}

/**
 * Reads base64 or base64url. White space, stray digits and bits that are not zero at the end are refused always.
 *
 * @param text the whole text
 * @param options which alphabet, and whether the other notation is accepted too
 * @returns the bytes
 * @throws {DecodeError} `bad-syntax`, with the index of the first character at fault
 * @see RFC 4648 §3.2 (padding), §3.3 (other characters), §3.5 (trailing bits), §4, §5
 */
export function decodeBase64(text: string, { alphabet, lenient = false }: Base64Options): Uint8Array {
  const length = lengthWithoutPadding(text, alphabet, lenient);
  if (length % 4 === 1) throw badSyntax(length);
  const digits = lenient ? EITHER_DIGITS : alphabet === 'base64' ? STANDARD_DIGITS : URL_SAFE_DIGITS;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let written = 0;
  let bits = 0;
  let bitCount = 0;
  for (let index = 0; index < length; index++) {
    const digit = digits[text.charCodeAt(index)] ?? NO_DIGIT;
    if (digit === NO_DIGIT) throw badSyntax(index);
    bits = (bits << 6) | digit;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[written++] = (bits >>> bitCount) & 0xff;
      bits &= (1 << bitCount) - 1;
    }
  }
  if (bits !== 0) throw badSyntax(length - 1);
  return bytes;
}

/** Padding is demanded by `base64` and refused by `base64url`, unless the reader is lenient (RFC 4648 §3.2). */
function lengthWithoutPadding(text: string, alphabet: Base64Options['alphabet'], lenient: boolean): number {
  let length = text.length;
  while (length > 0 && text.length - length < 2 && text.charCodeAt(length - 1) === 0x3d) length--;
  const padding = text.length - length;
  const wanted = (4 - (length % 4)) % 4;
  const allowed = alphabet === 'base64' ? padding === wanted : padding === 0;
  if (!allowed && !(lenient && (padding === 0 || padding === wanted))) throw badSyntax(length);
  return length;
}

function badSyntax(offset: number): DecodeError {
  return new DecodeError('bad-syntax', { offset, section: SECTION });
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function digitsOf(alphabets: readonly string[]): Uint8Array {
  const digits = new Uint8Array(128).fill(NO_DIGIT);
  for (const alphabet of alphabets) {
    for (let digit = 0; digit < alphabet.length; digit++) digits[alphabet.charCodeAt(digit)] = digit;
  }
  return digits;
}
