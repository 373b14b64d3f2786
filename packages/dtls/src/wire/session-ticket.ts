import { ByteReader, ByteWriter } from '@motestack/bytes';

/** A ticket that the server gives the client to come back with. */
export interface NewSessionTicket {
  /** A hint for how long it is good, in seconds; 0: nothing is said. */
  readonly lifetimeSeconds: number;
  /** What nobody but the server can read; empty: there is none after all. A view of the input. */
  readonly ticket: Uint8Array;
}

/**
 * Decodes a NewSessionTicket.
 *
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 5077 §3.3
 */
export function decodeNewSessionTicket(body: Uint8Array): NewSessionTicket {
  const reader = new ByteReader(body, 'RFC 5077 §3.3');
  const lifetimeSeconds = reader.u32();
  const ticket = reader.take(reader.u16());
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { lifetimeSeconds, ticket };
}

/**
 * Encodes a NewSessionTicket.
 *
 * @throws {RangeError} a field that does not fit
 */
export function encodeNewSessionTicket({ lifetimeSeconds, ticket }: NewSessionTicket): Uint8Array {
  const writer = new ByteWriter(6 + ticket.length);
  writer.u32(lifetimeSeconds);
  writer.u16(ticket.length);
  writer.bytes(ticket);
  return writer.finish();
}
