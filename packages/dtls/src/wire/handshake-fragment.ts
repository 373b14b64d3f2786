import { ByteReader, ByteWriter } from '@motestack/bytes';

/** Kinds of handshake messages that this implementation sends or tells apart (RFC 6347 §4.3.2, RFC 5077 §3.3). */
export const HandshakeType = {
  HelloRequest: 0,
  ClientHello: 1,
  ServerHello: 2,
  HelloVerifyRequest: 3,
  NewSessionTicket: 4,
  Certificate: 11,
  ServerKeyExchange: 12,
  CertificateRequest: 13,
  ServerHelloDone: 14,
  CertificateVerify: 15,
  ClientKeyExchange: 16,
  Finished: 20,
} as const;

/** A handshake message, or a part of one. */
export interface HandshakeFragment {
  /** Mostly one of {@link HandshakeType}; any byte is read. */
  readonly type: number;
  /** Bytes of the whole message, without this header. */
  readonly length: number;
  /** Number of the message in the handshake. */
  readonly messageSequence: number;
  /** Where `body` stands in the message. */
  readonly fragmentOffset: number;
  /** This part. A view of the input. */
  readonly body: Uint8Array;
}

/** Bytes of a fragment before its body. */
export const HANDSHAKE_HEADER_BYTES = 12;

/**
 * Decodes the handshake fragments of one record.
 *
 * @param bytes the content of the record: one fragment or more
 * @param messageBytesMax the longest message that is taken, in bytes
 * @throws {DecodeError} `truncated`, `too-long` (message beyond the limit) or `bad-value` (a part outside its message)
 * @see RFC 6347 §4.2.2
 */
export function decodeHandshakeFragments(bytes: Uint8Array, messageBytesMax: number): HandshakeFragment[] {
  const reader = new ByteReader(bytes, 'RFC 6347 §4.2.2');
  const fragments: HandshakeFragment[] = [];
  do {
    const start = reader.offset;
    const type = reader.u8();
    const length = reader.u24();
    if (length > messageBytesMax) throw reader.error('too-long', start + 1);
    const messageSequence = reader.u16();
    const fragmentOffset = reader.u24();
    const fragmentLength = reader.u24();
    if (fragmentOffset + fragmentLength > length) throw reader.error('bad-value', start + 6);
    fragments.push({ type, length, messageSequence, fragmentOffset, body: reader.take(fragmentLength) });
  } while (reader.remaining > 0);
  return fragments;
}

/**
 * Encodes one fragment.
 *
 * @throws {RangeError} a field that does not fit
 * @see RFC 6347 §4.2.2
 */
export function encodeHandshakeFragment(fragment: HandshakeFragment): Uint8Array {
  const writer = new ByteWriter(HANDSHAKE_HEADER_BYTES + fragment.body.length);
  writer.u8(fragment.type);
  writer.u24(fragment.length);
  writer.u16(fragment.messageSequence);
  writer.u24(fragment.fragmentOffset);
  writer.u24(fragment.body.length);
  writer.bytes(fragment.body);
  return writer.finish();
}
