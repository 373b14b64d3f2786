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
const lossyDecoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
const encoder = /* @__PURE__ */ new TextEncoder();

/** Up to this length a loop over ASCII is faster than the platform's decoder. */
const SHORT_LENGTH = 32;
const ONE_BYTE_END = 0x80;
/** The first byte of U+FFFD, which stands for what cannot be read. */
const REPLACEMENT_FIRST = 0xef;

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
  const ascii = end - start > SHORT_LENGTH ? undefined : asciiText(bytes, start, end);
  if (ascii !== undefined) return ascii;
  const text = bytes.subarray(start, end);
  try {
    return decoder.decode(text);
  } catch (cause) {
    throw new DecodeError('bad-utf8', { offset: start + faultIn(text), section, cause });
  }
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

/** Takes several characters at a time, which is twice as fast as one by one. @returns `undefined` if one is not ASCII */
function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const { fromCharCode } = String;
  let text = '';
  let seen = 0;
  let index = start;
  for (; index + 8 <= end; index += 8) {
    const a = bytes[index] as number;
    const b = bytes[index + 1] as number;
    const c = bytes[index + 2] as number;
    const d = bytes[index + 3] as number;
    const e = bytes[index + 4] as number;
    const f = bytes[index + 5] as number;
    const g = bytes[index + 6] as number;
    const h = bytes[index + 7] as number;
    seen |= a | b | c | d | e | f | g | h;
    text += fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; index + 4 <= end; index += 4) {
    const a = bytes[index] as number;
    const b = bytes[index + 1] as number;
    const c = bytes[index + 2] as number;
    const d = bytes[index + 3] as number;
    seen |= a | b | c | d;
    text += fromCharCode(a, b, c, d);
  }
  if (index + 2 <= end) {
    const a = bytes[index++] as number;
    const b = bytes[index++] as number;
    seen |= a | b;
    text += fromCharCode(a, b);
  }
  if (index < end) {
    const a = bytes[index] as number;
    seen |= a;
    text += fromCharCode(a);
  }
  return seen < ONE_BYTE_END ? text : undefined;
}

/** Index of the first byte of the first sequence that is not well-formed: there, what is read and written again differs. */
function faultIn(bytes: Uint8Array): number {
  const again = encoder.encode(lossyDecoder.decode(bytes));
  let index = 0;
  while (index < bytes.length && bytes[index] === again[index]) index++;
  // A sequence may have begun as the replacement character does.
  if (bytes[index - 1] === REPLACEMENT_FIRST) return index - 1;
  return bytes[index - 2] === REPLACEMENT_FIRST ? index - 2 : index;
}
