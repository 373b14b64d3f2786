import { DecodeError } from '@motestack/bytes';
import { Association } from '../association/association.ts';
import { CONNECTION_ID_BYTES_MAX } from '../credentials/psk-credential.ts';
import type { Instant } from '../effects.ts';
import { CookieJar } from '../handshake/cookie-jar.ts';
import { HandshakeError } from '../handshake/handshake-error.ts';
import type { ServerHandshake } from '../handshake/server-handshake.ts';
import { helloVerifyRequest, statelessAlert } from '../handshake/stateless-answer.ts';
import { type HeardClientHello, type WholeClientHello, wholeClientHello } from '../handshake/whole-client-hello.ts';
import { RecordLayer } from '../record/record-layer.ts';
import { AlertDescription, type DtlsRecord, ExtensionType } from '../wire/index.ts';
import { connectionIdKey } from './connection-id-key.ts';
import type { ServerCounts } from './server-counts.ts';
import { type EntryOutput, ServerEntry } from './server-entry.ts';
import { ServerHandshakes } from './server-handshakes.ts';
import { type DtlsServerOptions, type DtlsServerParameters, resolveContext } from './server-options.ts';
import type { ServerOutbox } from './server-outbox.ts';
import type { ServerTable } from './server-table.ts';

/** A ClientHello, where and when it came. */
export interface Arrival extends HeardClientHello {
  /** Where from. */
  readonly address: string;
  /** In which record. */
  readonly record: DtlsRecord;
  /** When. */
  readonly now: Instant;
}

/** What those that handle ClientHellos share with their server. */
export interface ClientHellosInit {
  readonly options: DtlsServerOptions;
  readonly parameters: DtlsServerParameters;
  readonly table: ServerTable;
  readonly counts: ServerCounts;
  readonly outbox: ServerOutbox;
  readonly entryOutput: EntryOutput;
}

/**
 * Answers ClientHellos: for an address that did not return a cookie nothing is kept, for one that did a handshake is
 * begun.
 *
 * @see RFC 6347 §4.2.1
 */
export class ClientHellos {
  readonly connectionIdBytes: number;
  readonly #init: ClientHellosInit;
  readonly #handshakes: ServerHandshakes;
  readonly #cookies: CookieJar;
  #peers = 0;

  /** @throws {RangeError} an ID length or a list of suites out of its bounds */
  constructor(init: ClientHellosInit) {
    const { options, parameters } = init;
    const { connectionIdBytes = 8, provider, random } = options;
    this.#init = init;
    this.connectionIdBytes = connectionIdBytes || 0;
    if (!(this.connectionIdBytes >= 0 && this.connectionIdBytes <= CONNECTION_ID_BYTES_MAX))
      throw new RangeError('a connection ID has at most 32 bytes');
    const context = resolveContext(options, parameters);
    if (context.cipherSuites.length === 0) throw new RangeError('there is no cipher suite to choose');
    this.#handshakes = new ServerHandshakes(options, context, parameters);
    this.#cookies = new CookieJar(provider, random, parameters.cookieLifetimeMs);
  }

  /**
   * Asks for a cookie.
   *
   * @returns whether that was done: the cookie is not good
   */
  askForCookie({ address, record, fragment, head, now }: Arrival): boolean {
    if (this.#cookies.isGood(address, head, now)) return false;
    const cookie = this.#cookies.cookieFor(address, head, now);
    this.#init.counts.cookiesSent++;
    this.#init.outbox.send(address, helloVerifyRequest(record, fragment, cookie));
    return true;
  }

  /**
   * Begins a handshake, or refuses it.
   *
   * @returns what was begun; `refused`: nothing in it fits, and the client was told so; `undefined`: it cannot be read
   */
  begin(arrival: Arrival): ServerEntry | 'refused' | undefined {
    const whole = wholeClientHello(arrival);
    if (whole === undefined) return undefined;
    const { address, record, now } = arrival;
    const { fragment, hello } = whole;
    const connectionId = this.#connectionIdFor(whole);
    let role: ServerHandshake;
    try {
      role = this.#handshakes.begin(whole, connectionId, now);
    } catch (error) {
      this.#refuse(arrival, error);
      return 'refused';
    }
    const { parameters, table, counts, entryOutput } = this.#init;
    this.#makeRoom(address);
    const layer = new RecordLayer(record.sequence);
    const firstMessageSequence = fragment.messageSequence + 1;
    const init = {
      peer: this.#newName(address),
      address,
      association: new Association({ role, parameters, layer, firstMessageSequence }),
      clientRandom: String.fromCharCode(...hello.random),
      connectionId: connectionId === undefined || connectionId.length === 0 ? undefined : connectionIdKey(connectionId),
      now,
    };
    const entry = new ServerEntry(init, entryOutput);
    table.add(entry);
    counts.handshakesBegun++;
    entry.association.start(now, entry);
    return entry;
  }

  /** Forgets the keys of tickets. */
  destroy(): void {
    this.#handshakes.destroy();
  }

  #makeRoom(address: string): void {
    const { table, parameters, counts } = this.#init;
    const same = table.slotOf(address)?.fresh;
    same?.association.end('replaced', same);
    const [oldest] = table.fresh;
    if (oldest === undefined || table.fresh.size < parameters.handshakesMax) return;
    counts.handshakesEvicted++;
    oldest.association.end('evicted', oldest);
  }

  /** One that no association has, not even one that was imported. */
  #newName(address: string): string {
    do this.#peers++;
    while (this.#init.table.live.has(`${address}#${this.#peers}`));
    return `${address}#${this.#peers}`;
  }

  #connectionIdFor({ hello }: WholeClientHello): Uint8Array | undefined {
    const { options, table } = this.#init;
    const wantsId =
      options.connectionIdBytes !== false && hello.extensions.some(({ type }) => type === ExtensionType.ConnectionId);
    if (!wantsId) return undefined;
    const connectionId = new Uint8Array(this.connectionIdBytes);
    do options.random.fill(connectionId);
    while (connectionId.length > 0 && table.withConnectionId(connectionIdKey(connectionId)) !== undefined);
    return connectionId;
  }

  #refuse({ address, record }: Arrival, error: unknown): void {
    let description: number = AlertDescription.DecodeError;
    if (error instanceof HandshakeError) description = error.alert;
    else if (!DecodeError.is(error)) throw error; // our bug: not for the peer to hear about
    const { outbox, counts } = this.#init;
    outbox.send(address, statelessAlert(record, description));
    counts.handshakesFailed++;
    outbox.tell({ kind: 'handshakeFailed', address, reason: 'alert-sent', alert: description });
  }
}
