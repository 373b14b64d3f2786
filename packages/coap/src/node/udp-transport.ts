import type { Socket } from 'node:dgram';
import type { PeerId } from '../effects.ts';
import type { DatagramReceiver, DatagramTransport } from '../platform/transport.ts';
import { type PeerAddress, PeerAddresses } from './peer-addresses.ts';
import { loopVigil } from './vigil.ts';

/** So many datagrams are sent before what came in meanwhile is read: Acknowledgements would overflow the buffer. */
const SENDS_PER_TURN = 64;

/** What is said of the peer of a connected socket when it does not listen. */
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

interface Outgoing {
  readonly peer: PeerAddress;
  readonly bytes: Uint8Array;
}

/** How a bound socket is used. */
export interface UdpTransportInit {
  readonly socket: Socket;
  readonly localUrl: string;
  readonly isIpv6: boolean;
  /** The peer that the socket is connected to. */
  readonly remote: PeerId | undefined;
}

/** One UDP socket. */
export class UdpTransport implements DatagramTransport {
  readonly localUrl: string;
  readonly remote: PeerId | undefined;
  /** Node reads each datagram into a buffer of its own. */
  readonly givesBytesAway = true;
  readonly #socket: Socket;
  readonly #peers: PeerAddresses;
  #queue: Outgoing[] = [];
  #queueStart = 0;
  #isFlushing = false;
  readonly #vigil = loopVigil();
  #receiver: DatagramReceiver | undefined;
  #closed: Promise<void> | undefined;

  constructor(init: UdpTransportInit) {
    this.localUrl = init.localUrl;
    this.remote = init.remote;
    this.#socket = init.socket;
    this.#peers = new PeerAddresses(init.isIpv6);
    this.#socket.on('message', (bytes, { address, port }) => {
      const peer = this.#peers.idOf(address, port);
      this.#vigil.heard(peer);
      this.#receiver?.datagram(peer, bytes);
    });
    this.#socket.on('error', (error) => this.#handleError(error));
  }

  open(receiver: DatagramReceiver): void {
    if (this.#receiver !== undefined) throw new Error('the transport is open already');
    this.#receiver = receiver;
  }

  send(peer: PeerId, bytes: Uint8Array): void {
    if (this.#closed !== undefined) return;
    const address = this.#addressOf(peer);
    if (address === undefined) return;
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes);
    const outgoing = { peer: address, bytes: copy };
    if (this.#isFlushing) {
      this.#queue.push(outgoing);
      return;
    }
    // The first of a turn leaves at once: with one message in flight at a time, latency is rate. The others leave
    // together, after all datagrams of this turn were read: a sixth less time for each.
    this.#isFlushing = true;
    setImmediate(this.#flush);
    this.#sendNow(outgoing);
  }

  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#sendAtMost(Number.POSITIVE_INFINITY);
      this.#closed = new Promise((resolve) => {
        this.#socket.close(() => {
          this.#receiver?.closed();
          resolve();
        });
      });
    }
    return this.#closed;
  }

  /** Where to send for a peer; one that this socket cannot send to is told as unreachable. */
  #addressOf(peer: PeerId): PeerAddress | undefined {
    try {
      if (this.remote === undefined || this.remote === peer) return this.#peers.addressOf(peer);
      throw new TypeError(`the socket is connected to ${this.remote}, and cannot send to ${peer}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#receiver?.unreachable(peer, error);
      return undefined;
    }
  }

  readonly #flush = (): void => {
    if (this.#sendAtMost(SENDS_PER_TURN)) {
      this.#isFlushing = false;
      this.#vigil.rest();
    } else setImmediate(this.#flush);
  };

  /** @returns whether nothing is left */
  #sendAtMost(max: number): boolean {
    const queue = this.#queue;
    const end = Math.min(queue.length, this.#queueStart + max);
    for (let index = this.#queueStart; index < end; index++) this.#sendNow(queue[index] as Outgoing);
    if (end < queue.length) {
      this.#queueStart = end;
      return false;
    }
    this.#queue = [];
    this.#queueStart = 0;
    return true;
  }

  #sendNow({ peer, bytes }: Outgoing): void {
    try {
      if (this.remote === undefined) this.#socket.send(bytes, peer.port, peer.address, this.#handleSent);
      else this.#socket.send(bytes, this.#handleSent);
    } catch (error) {
      // A port of 0, or a socket that ended meanwhile.
      if (error instanceof Error) this.#receiver?.unreachable(peer.id, error);
    }
  }

  /** One for all: what failed says where it was sent to. */
  readonly #handleSent = (error: Error | null): void => {
    if (error === null) return;
    const isAddressed = 'address' in error && typeof error.address === 'string';
    const isComplete = isAddressed && 'port' in error && typeof error.port === 'number';
    const peer = isComplete ? this.#peers.idOf(error.address as string, error.port as number) : this.remote;
    if (peer !== undefined) this.#receiver?.unreachable(peer, error);
  };

  #handleError(error: Error): void {
    const isUnreachable = 'code' in error && typeof error.code === 'string' && UNREACHABLE_CODES.has(error.code);
    if (isUnreachable) {
      // Without a connection nobody can say of which peer it is.
      if (this.remote !== undefined) this.#receiver?.unreachable(this.remote, error);
      return;
    }
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(error);
  }
}
