import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '@motestack/bytes';

/** The one kind of name there is. */
const HOST_NAME = 0;
/** The longest name that is taken: that of DNS. */
export const SERVER_NAME_BYTES_MAX = 255;
const ASCII_END = 0x7f;

/**
 * Decodes the name that a client calls its server by.
 *
 * @returns in lower case: names differ in nothing else (RFC 4343)
 * @throws {DecodeError} `truncated`, `trailing-bytes`, `reserved-value` (no host name), `duplicate` (several names),
 *   `bad-value` (empty, or not ASCII) or `too-long`
 * @see RFC 6066 §3
 */
export function decodeServerName(data: Uint8Array): string {
  const reader = new ByteReader(data, 'RFC 6066 §3');
  const end = reader.u16() + reader.offset;
  const typeAt = reader.offset;
  if (reader.u8() !== HOST_NAME) throw reader.error('reserved-value', typeAt);
  const nameAt = reader.offset + 2;
  const name = reader.take(reader.u16());
  if (name.length > SERVER_NAME_BYTES_MAX) throw reader.error('too-long', nameAt);
  if (name.length === 0 || name.some((byte) => byte > ASCII_END || byte <= 0x20))
    throw reader.error('bad-value', nameAt);
  if (reader.offset < end) throw reader.error('duplicate');
  if (reader.offset > end) throw reader.error('bad-value', 0);
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return decodeUtf8(name).toLowerCase();
}

/**
 * Encodes the name that a client calls its server by.
 *
 * @throws {RangeError} a name that is empty, or longer than 255 bytes
 * @see RFC 6066 §3
 */
export function encodeServerName(name: string): Uint8Array {
  const bytes = encodeUtf8(name);
  if (bytes.length === 0 || bytes.length > SERVER_NAME_BYTES_MAX)
    throw new RangeError('a server name has 1 to 255 bytes');
  const writer = new ByteWriter(5 + bytes.length);
  writer.u16(3 + bytes.length);
  writer.u8(HOST_NAME);
  writer.u16(bytes.length);
  writer.bytes(bytes);
  return writer.finish();
}
