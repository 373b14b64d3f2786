import { copyOf } from '../copy-of.ts';
import type { Instant } from '../effects.ts';
import { ServerHandshake } from '../handshake/server-handshake.ts';
import type { ServerResumption } from '../handshake/server-resumption.ts';
import type { WholeClientHello } from '../handshake/whole-client-hello.ts';
import { TicketKeys } from '../session/ticket-keys.ts';
import { decodeClientHello, decodeServerName, ExtensionType } from '../wire/index.ts';
import type { DtlsServerOptions, DtlsServerParameters, ServerContext } from './server-options.ts';

/** Begins the server's side of handshakes. */
export class ServerHandshakes {
  readonly #options: DtlsServerOptions;
  readonly #context: ServerContext;
  readonly #ticketKeys: TicketKeys;
  readonly #lifetimeMs: number;

  constructor(options: DtlsServerOptions, context: ServerContext, { sessionLifetimeMs }: DtlsServerParameters) {
    this.#options = options;
    this.#context = context;
    // A ticket is good for twice as long at most.
    this.#lifetimeMs = Math.max(Math.floor(sessionLifetimeMs / 2), 1);
    this.#ticketKeys = new TicketKeys(options.provider, options.random, this.#lifetimeMs);
  }

  /**
   * Begins one.
   *
   * @param connectionId what the client is to put into its records; `undefined`: no connection IDs
   * @throws {HandshakeError} nothing in the hello fits
   * @throws {DecodeError} an extension that cannot be read
   */
  begin(came: WholeClientHello, connectionId: Uint8Array | undefined, now: Instant): ServerHandshake {
    const { fragment, hello } = ownedWhereKept(came);
    const { identityHint, namedCertificates } = this.#options;
    const data = hello.extensions.find(({ type }) => type === ExtensionType.ServerName)?.data;
    const serverName = data === undefined ? '' : decodeServerName(data);
    // Who asks for a name that nobody has gets what there is without a name (RFC 6066 §3).
    const named = namedCertificates?.get(serverName);
    return new ServerHandshake({
      ...this.#context,
      certificate: named ?? this.#context.certificate,
      identityHint,
      connectionId,
      serverName,
      knowsServerName: named !== undefined,
      resumption: this.#resumption(now),
      message: fragment,
      hello,
    });
  }

  /** Forgets the keys of tickets. */
  destroy(): void {
    this.#ticketKeys.destroy();
  }

  #resumption(now: Instant): ServerResumption {
    const { givesTickets = true, keepsSessions = false } = this.#options;
    const tickets = {
      lifetimeSeconds: Math.floor(this.#lifetimeMs / 1000),
      seal: (session: Uint8Array) => this.#ticketKeys.seal(session, now),
      open: (ticket: Uint8Array) => this.#ticketKeys.open(ticket, now),
    };
    return { tickets: givesTickets ? tickets : undefined, hasStore: keepsSessions };
  }
}

/** Whoever wants to go on from a session may have to wait for an answer, longer than the datagram is valid. */
function ownedWhereKept(came: WholeClientHello): WholeClientHello {
  const { sessionId, extensions } = came.hello;
  const hasTicket = extensions.some(({ type, data }) => type === ExtensionType.SessionTicket && data.length > 0);
  if (sessionId.length === 0 && !hasTicket) return came;
  const fragment = { ...came.fragment, body: copyOf(came.fragment.body) };
  return { fragment, hello: decodeClientHello(fragment.body) };
}
