import { DecodeError } from './decode-error.ts';

// Node, Deno, Bun and browsers all have these two, but no library of ECMAScript's own declares them.
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const SECTION = 'RFC 3629 §3';

/** A byte order mark is text like any other here: what was received is what is returned. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Up to this length a loop over ASCII is faster than the platform's decoder. */
const SHORT_LENGTH = 24;

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
  if (end - start <= SHORT_LENGTH) {
    const text = decodeAscii(bytes, start, end);
    if (text !== undefined) return text;
  }
  const part = bytes.subarray(start, end);
  try {
    return decoder.decode(part);
  } catch (cause) {
    throw new DecodeError('bad-utf8', { offset: start + firstBadSequence(part), section, cause });
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

/** Takes several characters at a time, which is twice as fast as one by one. */
function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let index = start;
  for (; index + 4 <= end; index += 4) {
    const first = bytes[index] as number;
    const second = bytes[index + 1] as number;
    const third = bytes[index + 2] as number;
    const fourth = bytes[index + 3] as number;
    if ((first | second | third | fourth) > 0x7f) return undefined;
    text += String.fromCharCode(first, second, third, fourth);
  }
  for (; index < end; index++) {
    const byte = bytes[index] as number;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Offset of the first sequence that the decoder cannot accept. Sequences before it are well-formed. */
function firstBadSequence(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes[offset] ?? 0);
    if (!isWellFormed(bytes.subarray(offset, offset + length))) return offset;
    offset += length;
  }
  return offset;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

function isWellFormed(sequence: Uint8Array): boolean {
  try {
    decoder.decode(sequence);
    return true;
  } catch {
    return false;
  }
}
