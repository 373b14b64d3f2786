import { DecodeError } from '@motestack/bytes';
import { usesPreSharedKey } from '../record/cipher-suite.ts';
import { type ClientSession, decodeClientSession } from '../session/client-session.ts';
import { AlertDescription, SESSION_ID_BYTES_MAX } from '../wire/index.ts';
import type { Choice, ClientHandshakeInit } from './client-offer.ts';
import { HandshakeError } from './handshake-error.ts';
import { bindingOf } from './handshake-secrets.ts';

const NONE = new Uint8Array(0);

/** The own credential that a suite shows, which a session is bound to. */
export function clientCredential(init: ClientHandshakeInit, suite: ClientSession['cipherSuite']): Uint8Array {
  return (usesPreSharedKey(suite) ? init.psk?.key : init.certificate?.publicKey) ?? NONE;
}

/**
 * The session that a client offers to go on from; `undefined`: none, or one that belongs to another credential, another
 * name of the server or a suite that is not offered any more.
 */
export function offeredSession(init: ClientHandshakeInit): ClientSession | undefined {
  const session = init.session === undefined ? undefined : decoded(init.session);
  if (session === undefined) return undefined;
  const { provider, psk, serverName, parameters } = init;
  const { cipherSuite, masterSecret, binding, identity, ticket } = session;
  const isSame =
    init.cipherSuites.includes(cipherSuite.id) &&
    session.serverName === serverName &&
    ticket.length <= parameters.ticketBytesMax &&
    (!usesPreSharedKey(cipherSuite) || provider.isEqual(psk?.identity ?? NONE, identity)) &&
    provider.isEqual(binding, bindingOf(provider, masterSecret, clientCredential(init, cipherSuite)));
  if (isSame) return session;
  masterSecret.fill(0);
  return undefined;
}

/** The id of a ClientHello: with a ticket a fresh one, whose echo says that the ticket was taken (RFC 5077 §3.4). */
export function offeredSessionId({ random }: ClientHandshakeInit, session: ClientSession | undefined): Uint8Array {
  if (session === undefined) return NONE;
  if (session.ticket.length === 0) return session.sessionId;
  const sessionId = new Uint8Array(SESSION_ID_BYTES_MAX);
  random.fill(sessionId);
  return sessionId;
}

/**
 * Checks that a server that goes on from a session goes on as it was.
 *
 * @throws {HandshakeError} another suite, or not bound to the whole handshake any more
 * @see RFC 5246 §7.4.1.3, RFC 7627 §5.3
 */
export function checkResumed({ cipherSuite, encryptThenMac }: ClientSession, choice: Choice): void {
  if (choice.cipherSuite !== cipherSuite || choice.encryptThenMac !== encryptThenMac)
    throw new HandshakeError(AlertDescription.IllegalParameter, 'another suite than that of the session');
  if (!choice.extendedMasterSecret)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'RFC 7627 §5.3: the extended master secret is gone');
}

function decoded(bytes: Uint8Array): ClientSession | undefined {
  try {
    return decodeClientSession(bytes);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}
