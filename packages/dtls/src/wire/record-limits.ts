import { ByteReader } from '@motestack/bytes';
import { RECORD_CONTENT_BYTES_MAX } from './record.ts';

/** The least that a side may ask for (RFC 8449 §4). */
export const RECORD_SIZE_LIMIT_LEAST = 64;

/** What the numbers 1 to 4 of `max_fragment_length` stand for, in bytes (RFC 6066 §4). */
const FRAGMENT_LENGTHS: readonly number[] = [RECORD_CONTENT_BYTES_MAX, 2 ** 9, 2 ** 10, 2 ** 11, 2 ** 12];

/**
 * Decodes how long the contents of protected records may be that the sender of the extension takes.
 *
 * @returns bytes; any number is read
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 8449 §4
 */
export function decodeRecordSizeLimit(data: Uint8Array): number {
  const reader = new ByteReader(data, 'RFC 8449 §4');
  const limit = reader.u16();
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return limit;
}

/** Encodes a limit of `RECORD_SIZE_LIMIT_LEAST` to 2^14 bytes. */
export function encodeRecordSizeLimit(limit: number): Uint8Array {
  return Uint8Array.of(limit >>> 8, limit & 0xff);
}

/**
 * Decodes how long the contents of all records may be, of both sides.
 *
 * @returns a number that is mostly 1 to 4; any byte is read
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 6066 §4
 */
export function decodeMaxFragmentLength(data: Uint8Array): number {
  const reader = new ByteReader(data, 'RFC 6066 §4');
  const code = reader.u8();
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return code;
}

/** What a number of `max_fragment_length` stands for, in bytes; 0 is nothing asked for; `undefined`: no such number. */
export function fragmentLengthOf(code: number): number | undefined {
  return FRAGMENT_LENGTHS[code];
}

/** The number of `max_fragment_length` for the most bytes that are not more than so many; 0: there is none, or no need. */
export function fragmentLengthCodeOf(bytes: number): number {
  if (bytes >= RECORD_CONTENT_BYTES_MAX) return 0;
  return Math.max(
    FRAGMENT_LENGTHS.findLastIndex((length) => length <= bytes),
    0,
  );
}
