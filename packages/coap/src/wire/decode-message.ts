import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { DecodedMessage, HEADER_LENGTH } from './decoded-message.ts';
import { OptionCursor } from './option-cursor.ts';
import { decodeTokenLength, tokenStart } from './token-length.ts';

const VERSION = 1;

/** How many options a message may have, unless the caller says otherwise. Deployed requests have about ten. */
export const OPTION_COUNT_MAX = 128;

/** What a decoder accepts beyond RFC 7252, and up to where. */
export interface DecodeMessageOptions {
  /** Accept tokens of 9 to 65804 bytes (RFC 8974 §2.1). Default: no. */
  readonly extendedTokens?: boolean;
  /** The most options that a message may have. Default: {@link OPTION_COUNT_MAX}. */
  readonly optionCountMax?: number;
}

/**
 * Decodes one datagram into a message.
 *
 * The whole datagram is checked at once. The token, the option values and the payload are views of `bytes`,
 * not copies, and are made when they are first asked for.
 *
 * @param bytes one whole UDP payload
 * @param options what is accepted beyond RFC 7252, and up to where
 * @returns the message; `options` ascend by number, `payload` is empty where there is none
 * @throws {DecodeError} `unknown-version`, `reserved-value`, `truncated`, `empty-payload-after-marker`, `too-many`,
 *   `too-long`; of an empty message that is not empty `bad-value` or `trailing-bytes`. What the peer is told is not
 *   decided here: see `rejectionOf`.
 * @see RFC 7252 §3 (format), §3.1 (options), §4.1 (empty message)
 */
export function decodeMessage(bytes: Uint8Array, options: DecodeMessageOptions = {}): DecodedMessage {
  const length = bytes.length;
  if (length < HEADER_LENGTH) throw error('truncated', length);
  const first = bytes[0] as number;
  if (first >>> 6 !== VERSION) throw error('unknown-version', 0);
  const code = bytes[1] as number;
  const nibble = first & 0x0f;
  if (code === 0) checkEmpty(nibble, length);
  const start = tokenStart(nibble, HEADER_LENGTH);
  const optionsStart = start + decodeTokenLength(bytes, nibble, HEADER_LENGTH, options.extendedTokens);
  if (optionsStart > length) throw error('truncated', length);
  const cursor = new OptionCursor(bytes, optionsStart);
  const present = walkOptions(cursor, options.optionCountMax);
  return new DecodedMessage(bytes, optionsStart, payloadStart(bytes, cursor.end), present);
}

/**
 * Walks over all options of a message, to their end.
 *
 * @param cursor before the first option
 * @param optionCountMax the most options that are accepted
 * @returns bit n is set if an option of number n, up to 31, is there
 * @throws {DecodeError} as `decodeMessage` does for options
 * @see RFC 7252 §3.1
 */
export function walkOptions(cursor: OptionCursor, optionCountMax: number = OPTION_COUNT_MAX): number {
  let present = 0;
  let count = 0;
  while (cursor.next()) {
    if (++count > optionCountMax) throw error('too-many', cursor.start);
    if (cursor.number < 32) present |= 1 << cursor.number;
  }
  return present;
}

/**
 * Where the payload begins.
 *
 * @param bytes a message, to its end
 * @param optionsEnd index behind the last option
 * @returns index of the payload's first byte; the length of `bytes` where there is none
 * @throws {DecodeError} `empty-payload-after-marker`
 * @see RFC 7252 §3
 */
export function payloadStart(bytes: Uint8Array, optionsEnd: number): number {
  if (optionsEnd === bytes.length) return optionsEnd;
  if (optionsEnd + 1 === bytes.length) throw error('empty-payload-after-marker', optionsEnd);
  return optionsEnd + 1;
}

/** An empty message has nothing behind its message ID (RFC 7252 §4.1). */
function checkEmpty(nibble: number, length: number): void {
  if (nibble !== 0) throw error('bad-value', 0);
  if (length > HEADER_LENGTH) throw error('trailing-bytes', HEADER_LENGTH);
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: 'RFC 7252 §3' });
}
