import { DecodeError } from '@motestack/bytes';
import { usesPreSharedKey } from '../record/cipher-suite.ts';
import { decodeSession, type Session } from '../session/session.ts';
import { AlertDescription, type ClientHello, ExtensionType } from '../wire/index.ts';
import { HandshakeError } from './handshake-error.ts';
import type { Offer, ServerHandshakeInit } from './server-offer.ts';

/** How a server lets clients come back. */
export interface ServerResumption {
  /** Tickets (RFC 5077); `undefined`: none are given. */
  readonly tickets: ServerTickets | undefined;
  /** Whether sessions are kept under ids (RFC 5246 §7.4.1.2). */
  readonly hasStore: boolean;
}

/** Seals and opens tickets. */
interface ServerTickets {
  /** What the client is told of how long a ticket is good. */
  readonly lifetimeSeconds: number;
  /** Makes a ticket of an encoded session. */
  seal(session: Uint8Array): Uint8Array;
  /** Opens a ticket; `undefined`: it is none, or none any more. */
  open(ticket: Uint8Array): Uint8Array | undefined;
}

/** What a client shows to go on from: `unknown` is an id that a store may know. */
export type ShownSession =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ticket'; readonly session: Uint8Array | undefined };

/** What a ClientHello shows to go on from: with a ticket the id only asks for an echo (RFC 5077 §3.4). */
export function shownSession({ resumption, hello }: ServerHandshakeInit): ShownSession {
  const ticket = ticketOf(hello);
  if (resumption?.tickets !== undefined && ticket !== undefined && ticket.length > 0)
    return { kind: 'ticket', session: resumption.tickets.open(ticket) };
  return { kind: resumption?.hasStore === true && hello.sessionId.length > 0 ? 'unknown' : 'none' };
}

/**
 * How the client of a full handshake will be let come back; `none`: not at all. A chain of certificates is too long for
 * a ticket, which has to fit into one ClientHello.
 */
export function sessionFormOf({ resumption, hello }: ServerHandshakeInit, offer: Offer): 'none' | 'id' | 'ticket' {
  // Without the extended master secret keys could be carried from one session into another (RFC 7627 §5.4).
  if (resumption === undefined || !offer.extendedMasterSecret) return 'none';
  if (resumption.tickets !== undefined && ticketOf(hello) !== undefined && offer.clientForm !== 'x509') return 'ticket';
  return resumption.hasStore ? 'id' : 'none';
}

/**
 * The session that a handshake goes on from, as far as the hello and the own options let it; `undefined`: the handshake
 * is a full one.
 *
 * @throws {HandshakeError} `handshake_failure`: the session has the extended master secret and the hello has not
 * @see RFC 5246 §7.4.1.2, RFC 7627 §5.3, RFC 6066 §3 (another name is another server)
 */
export function resumableSession(
  init: ServerHandshakeInit,
  offer: Offer,
  encoded: Uint8Array | undefined,
): Session | undefined {
  const session = encoded === undefined ? undefined : decoded(encoded);
  if (session === undefined) return undefined;
  if (!offer.extendedMasterSecret)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'RFC 7627 §5.3: a session with extended master secret');
  const { cipherSuite, encryptThenMac, fragmentLengthCode } = session;
  const { id, cipher } = cipherSuite;
  const { hello, provider } = init;
  const isAgreed = hello.cipherSuites.includes(id) && init.cipherSuites.includes(id) && provider.supports(cipher);
  const isMacFirst = hello.extensions.some(({ type }) => type === ExtensionType.EncryptThenMac);
  const isSame = session.serverName === init.serverName && (cipher !== 'aes-128-cbc' || encryptThenMac === isMacFirst);
  // A length that was agreed on counts for the whole session (RFC 6066 §4).
  if (fragmentLengthCode !== offer.fragmentLengthCode) return undefined;
  return isAgreed && isSame && isAuthenticated(init, session) ? session : undefined;
}

/** Whether a session shows as much of the client as a full handshake would have to. */
function isAuthenticated(init: ServerHandshakeInit, { cipherSuite, peerCertificate }: Session): boolean {
  if (usesPreSharedKey(cipherSuite)) return init.acceptsPsk;
  if (init.certificate === undefined) return false;
  return peerCertificate === undefined
    ? init.clientAuthentication !== 'required'
    : init.clientAuthentication !== 'none' && init.peerForms.includes(peerCertificate.form);
}

function decoded(bytes: Uint8Array): Session | undefined {
  try {
    return decodeSession(bytes);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}

function ticketOf({ extensions }: ClientHello): Uint8Array | undefined {
  return extensions.find(({ type }) => type === ExtensionType.SessionTicket)?.data;
}
