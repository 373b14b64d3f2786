import type { Instant } from '@motestack/coap';
import { SimulatedStreamTransport, type StreamTransportOptions } from './simulated-stream-transport.ts';

/** What connections ask of their network. */
export interface StreamSurroundings {
  readonly now: () => Instant;
  /** Lets something happen at a time. */
  readonly deliver: (at: Instant, run: () => void) => void;
  /** How long the next piece takes; what is lost on the way is sent again, and only later. */
  readonly delay: () => number;
  /** A port that nobody has. */
  readonly nextPort: () => number;
}

/** One end of a connection. */
interface End {
  readonly transport: SimulatedStreamTransport;
  /** Who the other end is, to this one. */
  readonly peer: string;
  /** What goes to this end comes no earlier than this: a stream is in order. */
  lastArrival: Instant;
  isOpen: boolean;
}

/** Reliable connections over the simulated network: bytes come in order, cut as a test wants, or the connection ends. */
export class SimulatedStreams {
  readonly #surroundings: StreamSurroundings;
  readonly #listening = new Map<string, SimulatedStreamTransport>();
  readonly #other = new Map<End, End>();
  #open = 0;

  constructor(surroundings: StreamSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Transports that were not closed. */
  get openTransports(): number {
    return this.#open;
  }

  /** Connections that are there, or not gone from both ends yet. */
  get connectionCount(): number {
    return this.#other.size / 2;
  }

  /** Makes a transport: a server's, or with `remote` a client's. */
  transport(address: string, options: StreamTransportOptions): SimulatedStreamTransport {
    const transport: SimulatedStreamTransport = new SimulatedStreamTransport(
      {
        connect: (remote) => this.#connect(transport, address, remote),
        send: (peer, bytes) => this.#send(transport, peer, bytes),
        disconnect: (peer, cause) => this.#disconnect(transport, peer, cause),
        release: () => {
          this.#open--;
          if (this.#listening.get(address) === transport) this.#listening.delete(address);
        },
      },
      address,
      options,
    );
    if (options.remote === undefined) {
      if (this.#listening.has(address)) throw new Error(`the address ${address} is in use`);
      this.#listening.set(address, transport);
    }
    this.#open++;
    return transport;
  }

  #connect(client: SimulatedStreamTransport, address: string, remote: string): void {
    const { now, deliver, delay, nextPort } = this.#surroundings;
    const at = now() + delay();
    deliver(at, () => {
      const server = this.#listening.get(remote);
      if (server === undefined) {
        client.tellDisconnected(remote, new Error(`connection refused by ${remote}`));
        return;
      }
      const host = address.slice(0, address.lastIndexOf(':'));
      const clientEnd: End = { transport: client, peer: remote, lastArrival: 0, isOpen: true };
      const serverEnd: End = { transport: server, peer: `${host}:${nextPort()}`, lastArrival: 0, isOpen: true };
      this.#other.set(clientEnd, serverEnd);
      this.#other.set(serverEnd, clientEnd);
      // What the server says first comes behind this.
      this.#wait(clientEnd);
      this.#arrive(clientEnd, () => client.tellConnected(remote));
      server.tellConnected(serverEnd.peer);
    });
  }

  #send(from: SimulatedStreamTransport, peer: string, bytes: Uint8Array): void {
    const end = this.#endOf(from, peer);
    if (end === undefined) return;
    this.#wait(end);
    for (const piece of from.pieces(bytes)) this.#arrive(end, () => end.transport.tellBytes(end.peer, piece));
  }

  /** The connection is gone from this end at once, and from the other when what was sent has come. */
  #disconnect(from: SimulatedStreamTransport, peer: string, cause: Error | undefined): void {
    const end = this.#endOf(from, peer);
    if (end === undefined) return;
    const own = this.#other.get(end) as End;
    own.isOpen = false;
    const finish = (): void => {
      this.#other.delete(end);
      this.#other.delete(own);
      if (end.isOpen) end.transport.tellDisconnected(end.peer, cause);
      end.isOpen = false;
    };
    this.#wait(end);
    this.#arrive(end, finish, true);
  }

  /** The other end of the connection that a transport has with a peer. */
  #endOf(transport: SimulatedStreamTransport, peer: string): End | undefined {
    for (const [own, other] of this.#other) {
      if (own.transport === transport && own.peer === peer && own.isOpen) return other;
    }
    return undefined;
  }

  /** What is sent now comes in its time, and behind what was sent before. */
  #wait(end: End): void {
    const { now, delay } = this.#surroundings;
    end.lastArrival = Math.max(end.lastArrival, now() + delay());
  }

  #arrive(end: End, run: () => void, always = false): void {
    const { deliver } = this.#surroundings;
    deliver(end.lastArrival, () => {
      if (end.isOpen || always) run();
    });
  }
}
