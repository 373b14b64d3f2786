import { toHex } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import { answerWanted, type SigningCredential } from '../credentials/answer-wanted.ts';
import type { PeerVerifier } from '../credentials/certificate-credential.ts';
import { DtlsError } from '../dtls-error.ts';
import type { PeerId } from '../effects.ts';
import { EffectsDriver } from '../effects-driver.ts';
import { isMessageTooLong } from '../message-too-long.ts';
import { resolveParameters } from '../parameters.ts';
import { keepQuietly } from '../session/keep-quietly.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { Clock, DatagramReceiver, DatagramTransport } from '../transport.ts';
import { DtlsClient, type DtlsClientEvent, type DtlsClientOptions } from './dtls-client.ts';

/** What a client's transport is made of. */
export interface DtlsClientTransportOptions
  extends Omit<DtlsClientOptions, 'address' | 'certificate' | 'peerForms' | 'keepsSessions'> {
  /** What carries the records; connected to the server. */
  readonly transport: DatagramTransport;
  /** Time. */
  readonly clock: Clock;
  /** The key that the client shows that it is by, where the server asks for one, and who signs with it. */
  readonly certificate?: SigningCredential | undefined;
  /** Decides whether the server is believed; without it there is `psk` alone. */
  readonly verifier?: PeerVerifier | undefined;
  /** Where the session is kept that a later handshake goes on from. Default: in this transport. `false`: nowhere. */
  readonly sessions?: SessionStore | false | undefined;
}

/** So many datagrams wait for the end of a handshake; the oldest makes room. */
const QUEUED_MAX = 16;
const NONE = new Uint8Array(0);

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The transport of a DTLS client. What is sent while there is no association begins a handshake and waits for it; when
 * that fails, or an association ends, the receiver is told `unreachable`.
 */
export class DtlsClientTransport implements DatagramTransport {
  readonly localUrl: string;
  /** What was decrypted is in memory of its own. */
  readonly givesBytesAway = true;
  readonly remote: PeerId;
  readonly #transport: DatagramTransport;
  readonly #clock: Clock;
  readonly #options: DtlsClientTransportOptions;
  readonly #client: DtlsClient;
  readonly #driver: EffectsDriver<DtlsClientEvent>;
  readonly #sessions: SessionStore | undefined;
  /** Under which the session is kept: the server, its name, and who the client is there. */
  readonly #sessionKey: string;
  #isSessionKnown = false;
  #isAsking = false;
  #receiver: DatagramReceiver | undefined;
  #queue: Uint8Array[] = [];
  #waiting: Waiting[] = [];
  #closing: Promise<void> | undefined;

  /**
   * @throws {TypeError} a transport below that is not connected to one peer
   * @throws {RangeError} an option out of its bounds
   */
  constructor(options: DtlsClientTransportOptions) {
    const { transport, clock, verifier } = options;
    if (transport.remote === undefined) throw new TypeError('a DTLS client needs a transport with one peer');
    this.remote = transport.remote;
    this.localUrl = transport.localUrl.replace(/^coap:/, 'coaps:');
    this.#transport = transport;
    this.#clock = clock;
    this.#options = options;
    const { sessions = new MemorySessionStore(clock, 1) } = options;
    this.#sessionKey = [this.remote, options.serverName ?? '', toHex(options.psk?.identity ?? NONE)].join(' ');
    this.#sessions = sessions === false ? undefined : sessions;
    const keepsSessions = sessions !== false;
    this.#client = new DtlsClient({ ...options, keepsSessions, peerForms: verifier?.forms, address: this.remote });
    this.#driver = new EffectsDriver(
      transport,
      clock,
      () => this.#client.handleTimeout(clock.now()),
      (event) => this.#handleEvent(event),
    );
    transport.open({
      datagram: (_peer, bytes) => this.#driver.run(this.#client.handleDatagram(bytes, clock.now())),
      unreachable: (_peer, error) => this.#handleUnreachable(error),
      closed: (cause) => this.#handleClosed(cause),
    });
  }

  /** Whether there is an association. */
  get isConnected(): boolean {
    return this.#client.isConnected;
  }

  /**
   * Bytes of data that reach the server whole: what one of its records takes (RFC 8449, RFC 6066 §4), in a datagram of
   * `datagramBytesMax`. `undefined`: there is no association.
   */
  get payloadBytesMax(): number | undefined {
    return this.#client.payloadBytesMax;
  }

  /**
   * Makes an association; at once where there is one.
   *
   * @throws {DtlsError} the handshake came to nothing
   */
  connect(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new DtlsError('local'));
    if (this.#client.isConnected) return Promise.resolve();
    const connected = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#begin();
    return connected;
  }

  /**
   * Ends the association, so that it goes on where the export is imported, and no handshake is needed. What is sent
   * afterwards makes a new one.
   *
   * @param key 16 or 32 bytes that the export is sealed with; it is as secret as that
   * @returns to be imported once; `undefined`: there is no association, or its keys do not come out of the cryptography
   * @throws {RangeError} a key of another length
   */
  exportAssociation(key: Uint8Array): Uint8Array | undefined {
    const { effects, exported } = this.#client.exportAssociation(key);
    this.#driver.run(effects);
    return exported;
  }

  /**
   * Goes on with an association that was exported. Each export is imported once: delete it first.
   *
   * @throws {RangeError} a key that has not 16 or 32 bytes
   * @throws {ImportError} why it was not imported
   */
  importAssociation(exported: Uint8Array, key: Uint8Array): void {
    this.#driver.run(this.#client.importAssociation(exported, key));
  }

  open(receiver: DatagramReceiver): void {
    if (this.#receiver !== undefined) throw new Error('the transport is open already');
    this.#receiver = receiver;
  }

  send(_peer: PeerId, bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    const now = this.#clock.now();
    if (this.#client.isTooLong(bytes)) {
      this.#clock.schedule(now, () => this.#receiver?.unreachable(this.remote, new DtlsError('too-long')));
      return;
    }
    if (this.#client.isConnected && !this.#client.isSilent(now)) {
      this.#driver.run(this.#client.send(bytes, now));
      return;
    }
    if (this.#queue.length >= QUEUED_MAX) this.#queue.shift();
    this.#queue.push(copyOf(bytes));
    this.#begin();
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#driver.run(this.#client.close());
      this.#driver.stop();
      this.#closing = this.#transport.close();
    }
    return this.#closing;
  }

  /** Begins a handshake, the first one after a look into the store. */
  #begin(): void {
    const connect = (): void => {
      if (this.#closing === undefined) this.#driver.run(this.#client.connect(this.#clock.now()));
    };
    if (this.#isSessionKnown || this.#sessions === undefined) {
      connect();
      return;
    }
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { sessions = this.#sessions } = this.#options;
    answerWanted({ kind: 'session', sessionId: this.#sessionKey }, this.remote, { sessions }, (answer) => {
      this.#isSessionKnown = true;
      if (answer.kind === 'session' && answer.session !== undefined) this.#client.useSession(answer.session);
      connect();
    });
  }

  #keep(session: Uint8Array | undefined): void {
    const sessions = this.#sessions;
    if (sessions === undefined) return;
    const { sessionLifetimeMs } = resolveParameters(this.#options.parameters);
    keepQuietly(() =>
      session === undefined
        ? sessions.forget(this.#sessionKey)
        : sessions.keep(this.#sessionKey, session, sessionLifetimeMs),
    );
  }

  #handleEvent(event: DtlsClientEvent): void {
    switch (event.kind) {
      case 'credentialWanted':
        answerWanted(event.wanted, this.remote, this.#options, (answer) =>
          this.#driver.run(this.#client.provideCredential(event.request, answer, this.#clock.now())),
        );
        break;
      case 'connected': {
        const [waiting, queue] = [this.#waiting, this.#queue];
        this.#waiting = [];
        this.#queue = [];
        for (const { resolve } of waiting) resolve();
        for (const bytes of queue) this.send(this.remote, bytes);
        break;
      }
      case 'datagram':
        this.#receiver?.datagram(this.remote, event.bytes);
        break;
      case 'session':
        this.#keep(event.session);
        break;
      case 'ended':
        this.#handleEnded(new DtlsError(event.reason, event.alert));
        break;
      default:
        assertNever(event);
    }
  }

  #handleUnreachable(error: Error): void {
    if (!isMessageTooLong(error)) this.#driver.run(this.#client.handleUnreachable());
    else if (this.#client.isConnected) this.#receiver?.unreachable(this.remote, error);
    else this.#driver.run(this.#client.handleTooLarge(this.#clock.now()));
  }

  #handleEnded(error: DtlsError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#queue = [];
    for (const { reject } of waiting) reject(error);
    // Of our own `close` the receiver is told by `closed`, and what was exported goes on.
    if (error.code !== 'local' && error.code !== 'exported') this.#receiver?.unreachable(this.remote, error);
  }

  #handleClosed(cause?: Error): void {
    this.#driver.stop();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(cause ?? new DtlsError('local'));
    this.#closing ??= Promise.resolve();
    this.#receiver?.closed(cause);
  }
}

function assertNever(event: never): never {
  throw new Error(`no such event: ${String(event)}`);
}
