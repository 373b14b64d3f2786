import { ByteReader, ByteWriter } from '@motestack/bytes';

/** The longest identity and hint that are taken: what every implementation has to know (RFC 4279 §5.3). */
export const PSK_IDENTITY_BYTES_MAX = 128;

/**
 * Decodes the body of a ServerKeyExchange (the identity hint) or a ClientKeyExchange (the identity) of plain PSK.
 *
 * @returns a view of the input
 * @throws {DecodeError} `truncated`, `too-long` or `trailing-bytes`
 * @see RFC 4279 §2
 */
export function decodePskIdentity(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body, 'RFC 4279 §2');
  const length = reader.u16();
  if (length > PSK_IDENTITY_BYTES_MAX) throw reader.error('too-long', 0);
  const identity = reader.take(length);
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return identity;
}

/**
 * Encodes an identity or a hint.
 *
 * @throws {RangeError} more than {@link PSK_IDENTITY_BYTES_MAX} bytes
 */
export function encodePskIdentity(identity: Uint8Array): Uint8Array {
  if (identity.length > PSK_IDENTITY_BYTES_MAX) throw new RangeError('a PSK identity has at most 128 bytes');
  const writer = new ByteWriter(2 + identity.length);
  writer.u16(identity.length);
  writer.bytes(identity);
  return writer.finish();
}
