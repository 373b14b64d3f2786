import { DecodeError } from '@motestack/bytes';
import { type JsonValue, parseJsonExactly } from './json-reader.ts';

/** So many digits in a row, not those of a fraction, may be an integer that no double holds: the text is read with care then. */
const LONG_DIGITS = /(?<![.0-9])[0-9]{16}/;

/**
 * Reads JSON text by the platform's parser where no integer can be too long for it, and by our own where one may be.
 *
 * @param text one JSON value
 * @param nestingMax counts where our own parser reads; the platform's knows no limit
 * @param section where what is read is specified, for errors
 * @returns the value, integers exact
 * @throws {DecodeError} as {@link parseJsonExactly}
 * @see RFC 8259
 */
export function parseJson(text: string, nestingMax: number, section: string): JsonValue {
  if (LONG_DIGITS.test(text)) return parseJsonExactly(text, nestingMax);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    // Read again for the place of the fault.
    parseJsonExactly(text, nestingMax);
    throw new DecodeError('bad-syntax', { offset: 0, section, cause });
  }
}
