import { DecodeError } from './decode-error.ts';

// Node, Deno, Bun and browsers all have these two, but no library of ECMAScript's own declares them.
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const SECTION = 'RFC 3629 §3';

/** A byte order mark is text like any other here: what was received is what is returned. */
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = /* @__PURE__ */ new TextEncoder();

/** Up to this length a loop is faster than the platform's decoder. */
const SHORT_LENGTH = 32;
const ONE_BYTE_END = 0x80;
/** The first code point of each length in bytes: below it, a form is overlong (RFC 3629 §3). */
const LEAST_CODE_POINTS = [0, 0x80, 0x800, 0x1_0000];

/**
 * Decodes UTF-8 and accepts nothing else: no overlong form, no surrogate, no truncated sequence.
 *
 * @param bytes the whole text
 * @param section where the text's format is specified: named by the error
 * @returns the text
 * @throws {DecodeError} `bad-utf8`, with the offset of the first byte of the sequence at fault
 * @see RFC 3629 §3
 */
export function decodeUtf8(bytes: Uint8Array, section: string = SECTION): string {
  return decodeUtf8Range(bytes, 0, bytes.length, section);
}

/**
 * Decodes a part of some bytes as {@link decodeUtf8} does, without making a view of it where it is short.
 *
 * @param bytes hold the text
 * @param start index of its first byte
 * @param end index behind its last byte, at most the length of `bytes`
 * @param section where the text's format is specified: named by the error
 * @returns the text
 * @throws {DecodeError} `bad-utf8`; the offset counts from the start of `bytes`
 * @see RFC 3629 §3
 */
export function decodeUtf8Range(bytes: Uint8Array, start: number, end: number, section: string = SECTION): string {
  if (end - start > SHORT_LENGTH) {
    try {
      return decoder.decode(bytes.subarray(start, end));
    } catch {
      // Read again for the place of the fault.
    }
  }
  return decodeByHand(bytes, start, end, section);
}

/**
 * Encodes text as UTF-8.
 *
 * @param text any text; a surrogate without its partner, which UTF-8 cannot carry, becomes U+FFFD
 * @returns the bytes
 * @see RFC 3629 §3
 */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Takes several ASCII characters at a time, which is twice as fast as one by one. */
function decodeByHand(bytes: Uint8Array, start: number, end: number, section: string): string {
  let text = '';
  let index = start;
  for (; index + 8 <= end && isAscii(bytes, index); index += 8) text += eightCharacters(bytes, index);
  while (index < end) {
    const first = bytes[index] as number;
    if (index + 4 <= end) {
      const second = bytes[index + 1] as number;
      const third = bytes[index + 2] as number;
      const fourth = bytes[index + 3] as number;
      if ((first | second | third | fourth) < ONE_BYTE_END) {
        text += String.fromCharCode(first, second, third, fourth);
        index += 4;
        continue;
      }
    }
    if (first < ONE_BYTE_END) {
      text += String.fromCharCode(first);
      index++;
      continue;
    }
    const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    const point = codePointAt(bytes, index, more);
    if (point < 0 || index + more >= end) throw new DecodeError('bad-utf8', { offset: index, section });
    text += String.fromCodePoint(point);
    index += 1 + more;
  }
  return text;
}

function isAscii(bytes: Uint8Array, index: number): boolean {
  let bits = 0;
  for (let next = index; next < index + 8; next++) bits |= bytes[next] as number;
  return bits < ONE_BYTE_END;
}

function eightCharacters(bytes: Uint8Array, index: number): string {
  return String.fromCharCode(
    bytes[index] as number,
    bytes[index + 1] as number,
    bytes[index + 2] as number,
    bytes[index + 3] as number,
    bytes[index + 4] as number,
    bytes[index + 5] as number,
    bytes[index + 6] as number,
    bytes[index + 7] as number,
  );
}

/** The code point of a sequence of more than one byte; −1 if it is not well-formed. What is behind the bytes counts as 0. */
function codePointAt(bytes: Uint8Array, index: number, more: number): number {
  const first = bytes[index] as number;
  let point = first & (0x3f >> more);
  for (let next = 1; next <= more; next++) {
    const byte = bytes[index + next] ?? 0;
    if (byte >>> 6 !== 2) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  const wrong =
    first < 0xc0 ||
    first > 0xf7 ||
    point < (LEAST_CODE_POINTS[more] ?? 0) ||
    point > 0x10_ffff ||
    (point >= 0xd800 && point <= 0xdfff);
  return wrong ? -1 : point;
}
