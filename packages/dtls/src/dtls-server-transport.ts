import { DtlsError } from './dtls-error.ts';
import { DtlsServer } from './dtls-server.ts';
import type { PeerId } from './effects.ts';
import { EffectsDriver } from './effects-driver.ts';
import { PSK_KEY_BYTES_MAX } from './psk-credential.ts';
import type { CipherSuite } from './record/cipher-suite.ts';
import type { DtlsServerEvent, DtlsServerOptions, DtlsServerStats } from './server-options.ts';
import type { Clock, DatagramReceiver, DatagramTransport } from './transport.ts';

/** Finds the key of an identity, at once or later; `undefined`: nobody has it. The key is only read. */
export type PskLookup = (
  identity: Uint8Array,
  address: string,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** Who is at the other end of an association. */
export interface DtlsPeer {
  /** Its name in this transport. */
  readonly peer: PeerId;
  /** The identity whose key it has. */
  readonly identity: Uint8Array;
  /** Where it is now. */
  readonly address: string;
  /** What protects the association. */
  readonly cipherSuite: CipherSuite;
}

/** What a server's transport is made of. */
export interface DtlsServerTransportOptions extends DtlsServerOptions {
  /** What carries the records. */
  readonly transport: DatagramTransport;
  /** Time. */
  readonly clock: Clock;
  /** Finds the key of an identity. One that throws, or finds a key of no allowed length, counts as one that found nobody. */
  readonly pskOf: PskLookup;
  /** Told of every association that stands, of every one that ends, and of handshakes that come to nothing. */
  readonly onEvent?: ((event: Exclude<DtlsServerEvent, { kind: 'credentialWanted' | 'datagram' }>) => void) | undefined;
}

/** The transport of a DTLS server: each association is a peer of its own. */
export class DtlsServerTransport implements DatagramTransport {
  readonly localUrl: string;
  readonly remote: undefined = undefined;
  readonly #options: DtlsServerTransportOptions;
  readonly #server: DtlsServer;
  readonly #driver: EffectsDriver<DtlsServerEvent>;
  readonly #peers = new Map<PeerId, Omit<DtlsPeer, 'address'>>();
  #receiver: DatagramReceiver | undefined;
  #closing: Promise<void> | undefined;

  /** @throws {RangeError} an option out of its bounds */
  constructor(options: DtlsServerTransportOptions) {
    const { transport, clock } = options;
    this.#options = options;
    this.localUrl = transport.localUrl.replace(/^coap:/, 'coaps:');
    this.#server = new DtlsServer(options);
    this.#driver = new EffectsDriver(
      transport,
      clock,
      () => this.#server.handleTimeout(clock.now()),
      (event) => this.#handleEvent(event),
    );
    transport.open({
      datagram: (address, bytes) => this.#driver.run(this.#server.handleDatagram(address, bytes, clock.now())),
      // Anybody can send that in a peer's name; an association ends by its own rules.
      unreachable: () => {},
      closed: (cause) => this.#handleClosed(cause),
    });
  }

  /** Who is at the other end; `undefined`: the association is over. */
  peerOf(peer: PeerId): DtlsPeer | undefined {
    const address = this.#server.addressOf(peer);
    const known = this.#peers.get(peer);
    return known === undefined || address === undefined ? undefined : { ...known, address };
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
    if (this.#closing === undefined) this.#driver.run(this.#server.send(peer, bytes));
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
        this.#lookUp(event);
        return;
      case 'datagram':
        this.#receiver?.datagram(event.peer, event.bytes);
        return;
      case 'connected': {
        const { peer, identity, cipherSuite } = event;
        this.#peers.set(peer, { peer, identity, cipherSuite });
        break;
      }
      case 'ended':
        this.#peers.delete(event.peer);
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

  #lookUp({ request, identity, address }: DtlsServerEvent & { kind: 'credentialWanted' }): void {
    const answer = (key: Uint8Array | undefined): void => {
      if (this.#closing !== undefined) return;
      const isUsable = key !== undefined && key.length > 0 && key.length <= PSK_KEY_BYTES_MAX;
      const effects = this.#server.provideCredential(request, isUsable ? key : undefined, this.#options.clock.now());
      this.#driver.run(effects);
    };
    let found: ReturnType<PskLookup>;
    try {
      found = this.#options.pskOf(identity, address);
    } catch {
      answer(undefined);
      return;
    }
    if (found !== undefined && 'then' in found) found.then(answer, () => answer(undefined));
    else answer(found);
  }

  #handleClosed(cause?: Error): void {
    this.#driver.stop();
    this.#closing ??= Promise.resolve();
    this.#receiver?.closed(cause);
  }
}

function assertNever(event: never): never {
  throw new Error(`no such event: ${String(event)}`);
}
