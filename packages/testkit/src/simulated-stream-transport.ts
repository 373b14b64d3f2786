import type { DisconnectAdvice, StreamReceiver, StreamTransport } from '@motestack/coap';

/** How a transport of connections behaves. */
export interface StreamTransportOptions {
  /** Whom a client connects to; without it the transport is a server's. */
  readonly remote?: string | undefined;
  /** `message`: as over WebSocket, what is sent in one call comes in one. Default: `length`. */
  readonly framing?: 'length' | 'message' | undefined;
  /** How long the next piece is of `left` bytes that were sent in one call. Default: all of them. */
  readonly cut?: ((left: number) => number) | undefined;
}

/** What a transport asks of the connections that it is a part of. */
export interface StreamWires {
  connect(remote: string): void;
  send(peer: string, bytes: Uint8Array): void;
  disconnect(peer: string, cause?: Error): void;
  release(): void;
}

/** Sockets of the simulated network that carry connections: those of a server, or the one of a client. */
export class SimulatedStreamTransport implements StreamTransport {
  readonly framing: 'length' | 'message';
  readonly localUrl: string;
  readonly remote: string | undefined;
  readonly #wires: StreamWires;
  readonly #cut: (left: number) => number;
  readonly #peers = new Set<string>();
  #receiver: StreamReceiver | undefined;
  #isConnecting = false;
  #isClosed = false;

  constructor(wires: StreamWires, address: string, options: StreamTransportOptions) {
    const { remote, framing = 'length', cut = (left) => left } = options;
    this.#wires = wires;
    this.#cut = cut;
    this.framing = framing;
    this.localUrl = `coap+${framing === 'length' ? 'tcp' : 'ws'}://${address}`;
    this.remote = remote;
  }

  /** The peers to whom there is a connection. */
  get peers(): readonly string[] {
    return [...this.#peers];
  }

  open(receiver: StreamReceiver): void {
    if (this.#receiver !== undefined) throw new Error(`the transport at ${this.localUrl} is open already`);
    this.#receiver = receiver;
  }

  connect(): void {
    if (this.remote === undefined) throw new Error('a server connects to nobody');
    if (this.#isClosed || this.#isConnecting || this.#peers.size > 0) return;
    this.#isConnecting = true;
    this.#wires.connect(this.remote);
  }

  send(peer: string, bytes: Uint8Array): void {
    if (this.#peers.has(peer)) this.#wires.send(peer, bytes);
  }

  disconnect(peer: string, _advice?: DisconnectAdvice): void {
    if (this.#peers.delete(peer)) this.#wires.disconnect(peer);
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    for (const peer of this.peers) this.disconnect(peer);
    this.#wires.release();
    this.#receiver?.closed();
    return Promise.resolve();
  }

  /** Ends the connection with a peer as a broken one does: both ends are told. */
  break(peer: string, cause: Error = new Error('the connection broke')): void {
    if (!this.#peers.delete(peer)) return;
    this.#wires.disconnect(peer, cause);
    this.#receiver?.disconnected(peer, cause);
  }

  /** Copies of what is sent, in pieces as a test wants them. */
  *pieces(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let start = 0; start < bytes.length; ) {
      const left = bytes.length - start;
      const length = this.framing === 'message' ? left : Math.min(Math.max(1, Math.floor(this.#cut(left))), left);
      yield bytes.slice(start, start + length);
      start += length;
    }
  }

  /** A connection is there. */
  tellConnected(peer: string): void {
    this.#isConnecting = false;
    if (this.#isClosed) return;
    this.#peers.add(peer);
    this.#receiver?.connected(peer);
  }

  /** Hands a piece to the receiver, and spoils it afterwards: who keeps a view instead of a copy reads nonsense. */
  tellBytes(peer: string, piece: Uint8Array): void {
    if (!this.#peers.has(peer)) return;
    this.#receiver?.bytes(peer, piece);
    piece.fill(0xdb);
  }

  /** A connection ended, or could not be made. */
  tellDisconnected(peer: string, cause: Error | undefined): void {
    this.#isConnecting = false;
    this.#peers.delete(peer);
    if (!this.#isClosed) this.#receiver?.disconnected(peer, cause);
  }
}
