import type { DatagramReceiver, DatagramTransport } from '@motestack/coap';

/** What a transport asks of its network. */
export interface TransportWires {
  /** Puts a datagram on its way; `bytes` belong to the network. */
  send(from: SimulatedTransport, to: string, bytes: Uint8Array): void;
  /** Gives the address back. */
  release(transport: SimulatedTransport): void;
}

/** A socket of the simulated network. */
export class SimulatedTransport implements DatagramTransport {
  /** The URL of the socket as its owner knows it; a changed address (NAT) does not show here. */
  readonly localUrl: string;
  /** The one peer of a connected transport. */
  readonly remote: string | undefined;
  readonly #wires: TransportWires;
  #receiver: DatagramReceiver | undefined;
  #closed = false;
  #sendsAfterClose = 0;

  constructor(wires: TransportWires, address: string, remote: string | undefined) {
    this.#wires = wires;
    this.localUrl = `coap://${address}`;
    this.remote = remote;
  }

  /** Whether `close()` was called or the transport failed. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Begins to deliver; called once. */
  open(receiver: DatagramReceiver): void {
    if (this.#receiver !== undefined) throw new Error(`the transport at ${this.localUrl} is open already`);
    this.#receiver = receiver;
  }

  /** Datagrams that were to be sent after `close()`: 0 unless the owner has a fault. */
  get sendsAfterClose(): number {
    return this.#sendsAfterClose;
  }

  /** Sends one datagram; `bytes` may be reused when the call returns. Never throws, as a socket does not. */
  send(peer: string, bytes: Uint8Array): void {
    if (this.#closed) {
      this.#sendsAfterClose++;
      return;
    }
    this.#wires.send(this, peer, bytes.slice());
  }

  /** Gives the address back and tells the receiver; datagrams on their way here are lost. */
  close(): Promise<void> {
    this.fail();
    return Promise.resolve();
  }

  /** Ends the transport as a broken socket would. */
  fail(cause?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wires.release(this);
    this.#receiver?.closed(cause);
  }

  /**
   * Hands a datagram to the receiver, and spoils `bytes` afterwards: a receiver that keeps a view instead of a copy
   * reads nonsense.
   *
   * @returns whether it was taken: a connected transport takes only what its peer sent
   */
  receive(peer: string, bytes: Uint8Array): boolean {
    if (this.#closed || this.#receiver === undefined) return false;
    if (this.remote !== undefined && peer !== this.remote) return false;
    this.#receiver.datagram(peer, bytes);
    bytes.fill(0xdb);
    return true;
  }

  /** Tells a connected transport that it cannot reach a peer, as ICMP does; others never hear of it. */
  reportUnreachable(peer: string): void {
    if (this.#closed || this.remote === undefined) return;
    this.#receiver?.unreachable(peer, new Error(`connection refused by ${peer}`));
  }
}
