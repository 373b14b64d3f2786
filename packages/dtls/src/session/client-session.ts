import { ByteReader, ByteWriter } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import { SESSION_ID_BYTES_MAX } from '../wire/index.ts';
import { decodeSession, encodeSession, type Session } from './session.ts';

/** A session as a client keeps it: with what the server knows it by. */
export interface ClientSession extends Session {
  /** The server's id of it; empty: there is a ticket. */
  readonly sessionId: Uint8Array;
  /** What the server gave for it (RFC 5077); empty: there is an id. */
  readonly ticket: Uint8Array;
}

/**
 * Encodes a client's session. The bytes are as secret as the keys.
 *
 * @throws {RangeError} a field that does not fit
 */
export function encodeClientSession(session: ClientSession): Uint8Array {
  const { sessionId, ticket } = session;
  const encoded = encodeSession(session);
  const writer = new ByteWriter(3 + sessionId.length + ticket.length + encoded.length);
  writer.u8(sessionId.length);
  writer.bytes(sessionId);
  writer.u16(ticket.length);
  writer.bytes(ticket);
  writer.bytes(encoded);
  encoded.fill(0);
  return writer.finish();
}

/**
 * Decodes a client's session.
 *
 * @throws {DecodeError} `too-long` (an id of more than 32 bytes), `truncated` or those of `decodeSession`
 */
export function decodeClientSession(bytes: Uint8Array): ClientSession {
  const reader = new ByteReader(bytes, 'RFC 5246 §7.3');
  const length = reader.u8();
  if (length > SESSION_ID_BYTES_MAX) throw reader.error('too-long', 0);
  const sessionId = copyOf(reader.take(length));
  const ticket = copyOf(reader.take(reader.u16()));
  return { ...decodeSession(reader.rest()), sessionId, ticket };
}
