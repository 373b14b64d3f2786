import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import { type JsonValue, parseJsonExactly } from './json-reader.ts';

/** An integer of so many digits may be one that no double holds. */
const LONG_DIGITS = 16;
const DOT = 0x2e;

/**
 * Reads JSON by the platform's parser where no integer can be too long for it, and by our own where one may be.
 *
 * @param bytes one JSON value in UTF-8
 * @param nestingMax counts where our own parser reads; the platform's knows no limit
 * @param section where what is read is specified, for errors
 * @returns the value, integers exact
 * @throws {DecodeError} `bad-utf8`; as {@link parseJsonExactly}
 * @see RFC 8259
 */
export function parseJson(bytes: Uint8Array, nestingMax: number, section: string): JsonValue {
  const text = decodeUtf8(bytes, section);
  if (hasLongInteger(bytes)) return parseJsonExactly(text, nestingMax);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    // Read again for the place of the fault.
    parseJsonExactly(text, nestingMax);
    throw new DecodeError('bad-syntax', { offset: 0, section, cause });
  }
}

/**
 * Whether anywhere so many digits stand in a row, in text too, but for those of a fraction. Every sixteenth byte is looked
 * at, since a long row has one of these; each byte is passed twice at most.
 *
 * @param bytes UTF-8
 */
export function hasLongInteger(bytes: Uint8Array): boolean {
  for (let index = LONG_DIGITS - 1; index < bytes.length; index += LONG_DIGITS) {
    if (!isDigit(bytes[index])) continue;
    let first = index;
    while (isDigit(bytes[first - 1])) first--;
    while (isDigit(bytes[index + 1])) index++;
    if (index - first >= LONG_DIGITS - 1 && bytes[first - 1] !== DOT) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
