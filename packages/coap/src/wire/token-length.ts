import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';

/** The longest token without the extension of RFC 8974 (RFC 7252 §3). */
export const TOKEN_LENGTH_MAX = 8;

/** The longest token that the extension can express (RFC 8974 §2.1). */
export const EXTENDED_TOKEN_LENGTH_MAX = 65804;

/**
 * Where the token begins: behind the extension of its length, if there is one.
 *
 * @param nibble the Token Length field
 * @param offset index behind the fixed part of the header
 * @see RFC 8974 §2.1
 */
export function tokenStart(nibble: number, offset: number): number {
  return nibble <= 12 ? offset : offset + nibble - 12;
}

/**
 * The length of the token.
 *
 * @param bytes a message
 * @param nibble the Token Length field
 * @param offset index behind the fixed part of the header, where an extension stands
 * @param extended whether lengths beyond 8 are accepted
 * @throws {DecodeError} `reserved-value` for a length that is not accepted, `truncated` for a missing extension
 * @see RFC 7252 §3; RFC 8974 §2.1
 */
export function decodeTokenLength(
  bytes: Uint8Array,
  nibble: number,
  offset: number,
  extended: boolean | undefined,
): number {
  if (nibble <= TOKEN_LENGTH_MAX) return nibble;
  if (!extended || nibble === 15) throw error('reserved-value', 0);
  if (nibble < 13) return nibble;
  const high = bytes[offset];
  const low = bytes[offset + 1];
  if (high === undefined || (nibble === 14 && low === undefined)) throw error('truncated', bytes.length);
  return nibble === 13 ? high + 13 : (high << 8) + (low ?? 0) + 269;
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: 'RFC 8974 §2.1' });
}
