import type { KnownPeer } from '../association/exported-association.ts';
import { ImportError } from '../association/import-error.ts';
import { joinExports, splitExports } from '../association/joined-exports.ts';
import { type AnswerSources, answerWanted } from '../credentials/answer-wanted.ts';
import type { PeerCertificate } from '../credentials/certificate-credential.ts';
import { type PeerIdentity, peerIdentity } from '../credentials/peer-identity.ts';
import { DtlsError } from '../dtls-error.ts';
import type { Instant, PeerId } from '../effects.ts';
import { EffectsDriver } from '../effects-driver.ts';
import { isMessageTooLong } from '../message-too-long.ts';
import type { CipherSuite } from '../record/cipher-suite.ts';
import { keepQuietly } from '../session/keep-quietly.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { Clock, DatagramReceiver, DatagramTransport } from '../transport.ts';
import { DtlsServer } from './dtls-server.ts';
import {
  type DtlsServerEvent,
  type DtlsServerOptions,
  type DtlsServerStats,
  resolveServerParameters,
} from './server-options.ts';

/** Who is at the other end of an association. */
export interface DtlsPeer {
  /** Its name in this transport. */
  readonly peer: PeerId;
  /** The identity whose pre-shared key it has; empty: it showed it by something else. */
  readonly identity: Uint8Array;
  /** The key or the certificates that it showed and was believed for. */
  readonly certificate: PeerCertificate | undefined;
  /** The same as `@motestack/coap` tells it to those who answer requests; `undefined`: it showed nothing. */
  readonly proved: PeerIdentity | undefined;
  /** Where it is now. */
  readonly address: string;
  /** Bytes of data that reach it whole: what one of its records takes, in a datagram of `datagramBytesMax`. */
  readonly payloadBytesMax: number;
  /** What protects the association. */
  readonly cipherSuite: CipherSuite;
}

/** What a server's transport is made of. */
export interface DtlsServerTransportOptions
  extends Omit<DtlsServerOptions, 'acceptsPsk' | 'certificate' | 'namedCertificates' | 'peerForms' | 'keepsSessions'>,
    AnswerSources {
  /** What carries the records. */
  readonly transport: DatagramTransport;
  /** Time. */
  readonly clock: Clock;
  /** Where sessions of clients without tickets are kept. Default: in memory, 10,000 at most. `false`: nowhere. */
  readonly sessions?: SessionStore | false | undefined;
  /** Told of every association that stands, of every one that ends, and of handshakes that come to nothing. */
  readonly onEvent?:
    | ((event: Exclude<DtlsServerEvent, { kind: 'credentialWanted' | 'datagram' | 'session' }>) => void)
    | undefined;
}

/** What is kept of an association while it stands. */
type KnownAssociation = Omit<DtlsPeer, 'address' | 'payloadBytesMax'> &
  Pick<KnownPeer, 'extendedMasterSecret' | 'serverName'>;

/** So many associations are handed over in one turn of the event loop. */
const EXPORTS_PER_TURN = 64;

/** The transport of a DTLS server: each association is a peer of its own. */
export class DtlsServerTransport implements DatagramTransport {
  readonly localUrl: string;
  /** What was decrypted is in memory of its own. */
  readonly givesBytesAway = true;
  readonly remote: undefined = undefined;
  readonly #options: DtlsServerTransportOptions;
  readonly #server: DtlsServer;
  readonly #driver: EffectsDriver<DtlsServerEvent>;
  readonly #peers = new Map<PeerId, KnownAssociation>();
  /** Whether the associations go on elsewhere. */
  #hasLeft = false;
  readonly #sessions: SessionStore | undefined;
  readonly #sessionLifetimeMs: number;
  #receiver: DatagramReceiver | undefined;
  #closing: Promise<void> | undefined;

  /** @throws {RangeError} an option out of its bounds */
  constructor(options: DtlsServerTransportOptions) {
    const { transport, clock } = options;
    this.#options = options;
    this.localUrl = transport.localUrl.replace(/^coap:/, 'coaps:');
    const { pskOf, verifier, sessions = new MemorySessionStore(clock) } = options;
    this.#sessions = sessions === false ? undefined : sessions;
    this.#sessionLifetimeMs = resolveServerParameters(options.parameters).sessionLifetimeMs;
    const own = { acceptsPsk: pskOf !== undefined, peerForms: verifier?.forms, keepsSessions: sessions !== false };
    this.#server = new DtlsServer({ ...options, ...own });
    this.#driver = new EffectsDriver(
      transport,
      clock,
      () => this.#server.handleTimeout(clock.now()),
      (event) => this.#handleEvent(event),
    );
    transport.open({
      datagram: (address, bytes) => {
        if (!this.#hasLeft) this.#driver.run(this.#server.handleDatagram(address, bytes, clock.now()));
      },
      unreachable: (address, error) => {
        // Anything else anybody can send in a peer's name; an association ends by its own rules.
        if (isMessageTooLong(error)) this.#driver.run(this.#server.handleTooLarge(address, clock.now()));
      },
      closed: (cause) => this.#handleClosed(cause),
    });
  }

  /** Who is at the other end; `undefined`: the association is over. */
  peerOf(peer: PeerId): DtlsPeer | undefined {
    const address = this.#server.addressOf(peer);
    const known = this.#peers.get(peer);
    if (known === undefined || address === undefined) return undefined;
    const { identity, certificate, proved, cipherSuite } = known;
    return {
      peer,
      identity,
      certificate,
      proved,
      cipherSuite,
      address,
      payloadBytesMax: this.#server.payloadBytesMaxOf(peer) ?? 0,
    };
  }

  /** Who a peer proved to be; `undefined`: nobody in particular, or the association is over. */
  identityOf(peer: PeerId): PeerIdentity | undefined {
    return this.#peers.get(peer)?.proved;
  }

  /** What was counted. */
  stats(): DtlsServerStats {
    return this.#server.stats();
  }

  open(receiver: DatagramReceiver): void {
    if (this.#receiver !== undefined) throw new Error('the transport is open already');
    this.#receiver = receiver;
  }

  send(peer: PeerId, bytes: Uint8Array): void {
    if (this.#closing !== undefined || this.#hasLeft) return;
    const { clock } = this.#options;
    if (this.#server.isTooLong(peer, bytes)) {
      clock.schedule(clock.now(), () => this.#receiver?.unreachable(peer, new DtlsError('too-long')));
      return;
    }
    if (this.#peers.has(peer)) {
      this.#driver.run(this.#server.send(peer, bytes));
      return;
    }
    // An association that is over, or one of before a restart: only its client can make another.
    clock.schedule(clock.now(), () => this.#receiver?.unreachable(peer, new DtlsError('unreachable')));
  }

  /**
   * Ends all associations, so that they go on where the exports are imported, and no handshake is needed: for a planned
   * restart. Afterwards nothing is taken or sent any more; `close` ends the rest. The receiver is not told that they are
   * over, since they are not.
   *
   * @param key 16 or 32 bytes that the exports are sealed with; they are as secret as it
   * @returns all of them, each to be imported once. Those whose keys do not come out of the cryptography end with `close`.
   * @throws {RangeError} a key of another length
   */
  async exportAssociations(key: Uint8Array): Promise<Uint8Array> {
    this.#hasLeft = true;
    const exports: Uint8Array[] = [];
    for (const [index, { peer, ...known }] of [...this.#peers.values()].entries()) {
      if (index % EXPORTS_PER_TURN === EXPORTS_PER_TURN - 1) await this.#nextTurn();
      const { exported, effects } = this.#server.exportAssociation(peer, knownPeerOf(known), key, this.#now());
      this.#driver.run(effects);
      if (exported !== undefined) exports.push(exported);
    }
    return joinExports(exports);
  }

  /**
   * Goes on with the associations that `exportAssociations` of another process gave out; `onEvent` is told of each. They
   * have the names and connection IDs that they had. Each export is imported once: delete it first.
   *
   * @returns how many go on, and why others do not: their clients have to make new ones
   * @throws {RangeError} a key that has not 16 or 32 bytes
   * @throws {DecodeError} bytes that are no such exports
   */
  async importAssociations(
    exports: Uint8Array,
    key: Uint8Array,
  ): Promise<{ readonly imported: number; readonly refused: readonly ImportError[] }> {
    const refused: ImportError[] = [];
    const all = splitExports(exports);
    for (const [index, exported] of all.entries()) {
      if (index % EXPORTS_PER_TURN === EXPORTS_PER_TURN - 1) await this.#nextTurn();
      try {
        this.#driver.run(this.#server.importAssociation(exported, key, this.#now()));
      } catch (error) {
        if (!ImportError.is(error)) throw error;
        refused.push(error);
      }
    }
    return { imported: all.length - refused.length, refused };
  }

  #now(): Instant {
    return this.#options.clock.now();
  }

  /** Others are to have their turn while many are handed over. */
  #nextTurn(): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.schedule(this.#now(), resolve));
  }

  /** Ends one association with a word to the client. */
  closePeer(peer: PeerId): void {
    if (this.#closing === undefined) this.#driver.run(this.#server.close(peer));
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#driver.run(this.#server.closeAll());
      this.#driver.stop();
      this.#closing = this.#options.transport.close();
    }
    return this.#closing;
  }

  #handleEvent(event: DtlsServerEvent): void {
    switch (event.kind) {
      case 'credentialWanted':
        this.#answer(event);
        return;
      case 'datagram':
        this.#receiver?.datagram(event.peer, event.bytes);
        return;
      case 'session':
        this.#keep(event);
        return;
      case 'connected': {
        const { peer, identity, cipherSuite, peerCertificate: certificate, extendedMasterSecret, serverName } = event;
        const proved = peerIdentity(identity, certificate);
        this.#peers.set(peer, { peer, identity, cipherSuite, certificate, proved, extendedMasterSecret, serverName });
        break;
      }
      case 'ended':
        this.#peers.delete(event.peer);
        if (event.reason !== 'exported')
          this.#receiver?.unreachable(event.peer, new DtlsError(event.reason, event.alert));
        break;
      case 'moved':
      case 'handshakeFailed':
        break;
      default:
        assertNever(event);
    }
    this.#options.onEvent?.(event);
  }

  #keep({ sessionId, session }: DtlsServerEvent & { kind: 'session' }): void {
    const sessions = this.#sessions;
    if (sessions === undefined) return;
    keepQuietly(() =>
      session === undefined ? sessions.forget(sessionId) : sessions.keep(sessionId, session, this.#sessionLifetimeMs),
    );
  }

  #answer({ request, wanted, address }: DtlsServerEvent & { kind: 'credentialWanted' }): void {
    const sessions = this.#sessions;
    answerWanted(wanted, address, { ...this.#options, sessions }, (answer) => {
      if (this.#closing === undefined)
        this.#driver.run(this.#server.provideCredential(request, answer, this.#options.clock.now()));
    });
  }

  #handleClosed(cause?: Error): void {
    this.#driver.stop();
    this.#closing ??= Promise.resolve();
    this.#receiver?.closed(cause);
  }
}

function knownPeerOf({
  identity,
  certificate,
  extendedMasterSecret,
  serverName,
}: Omit<KnownAssociation, 'peer'>): KnownPeer {
  return { identity, peerCertificate: certificate, extendedMasterSecret, serverName };
}

function assertNever(event: never): never {
  throw new Error(`no such event: ${String(event)}`);
}
