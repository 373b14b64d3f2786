import { decodeUtf8Range } from '@motestack/bytes';

/** Longer text is seldom met twice. */
const LENGTH_MAX = 32;
const PLACES = 256;
const texts: string[] = /* @__PURE__ */ new Array<string>(PLACES).fill('');
/** What the bytes of each text come to: most texts of one place are told apart by it. */
const marks = /* @__PURE__ */ new Int32Array(PLACES);

/**
 * Decodes UTF-8 that is mostly met again and again: names, units, keys, the values of like devices. A text that was met not
 * long ago is the same string, which is compared faster than it is made, and takes memory once.
 *
 * @param bytes hold the text
 * @param start index of its first byte
 * @param end index behind its last byte, at most the length of `bytes`
 * @param section for the error
 * @returns the text
 * @throws {DecodeError} as `decodeUtf8Range`
 */
export function knownText(bytes: Uint8Array, start: number, end: number, section: string): string {
  const length = end - start;
  if (length === 0 || length > LENGTH_MAX) return decodeUtf8Range(bytes, start, end, section);
  const middle = start + (length >> 1);
  const mark =
    (Math.imul((bytes[start] as number) | ((bytes[end - 1] as number) << 16), 0x9e37_79b1) ^
      Math.imul((bytes[middle] as number) | (length << 16), 0x85eb_ca6b)) |
    0;
  const place = mark >>> 24;
  const known = texts[place] as string;
  if (marks[place] === mark && isText(known, bytes, start, length)) return known;
  const text = decodeUtf8Range(bytes, start, end, section);
  // As many characters as bytes: it is ASCII, and may be compared byte by byte.
  if (text.length === length) {
    texts[place] = text;
    marks[place] = mark;
  }
  return text;
}

function isText(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
