import type { PeerIdentity } from './credentials/peer-identity.ts';
import type { Instant, PeerId } from './effects.ts';

/** What carries datagrams: the form that `@motestack/coap` takes, and that both ends of this layer have. */
export interface DatagramTransport {
  /** Where the transport is reached, with the real port: `coap://127.0.0.1:5683`, `coaps://127.0.0.1:5684`. */
  readonly localUrl: string;
  /** The one peer of a connected transport, `undefined` for one that talks to many. */
  readonly remote: PeerId | undefined;
  /** Whether the bytes of each datagram belong to the receiver, who need not copy them to keep them. Default: no. */
  readonly givesBytesAway?: boolean;
  /** Who a peer is, as it proved; `undefined`, or absent: nobody knows. */
  identityOf?(peer: PeerId): PeerIdentity | undefined;
  /** Begins to deliver. Called once; nothing is delivered before. */
  open(receiver: DatagramReceiver): void;
  /** Sends one datagram. `bytes` are valid until the call returns. Failure is told by `unreachable`, never thrown. */
  send(peer: PeerId, bytes: Uint8Array): void;
  /** Sends what was given to `send`, then ends the transport; the receiver is told `closed`. */
  close(): Promise<void>;
}

/** What a transport tells its owner. */
export interface DatagramReceiver {
  /** One datagram came. `bytes` are valid until the call returns, unless the transport `givesBytesAway`. */
  datagram(peer: PeerId, bytes: Uint8Array): void;
  /** Nobody can be reached there, or the association is over: ends what waits for that peer. */
  unreachable(peer: PeerId, cause: Error): void;
  /** The transport ended, by `close` without a cause. */
  closed(cause?: Error): void;
}

/** What a façade needs of the world's time. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): Instant;
  /** Calls `run` once, at `at` or later, and not within this call; returns the cancellation. */
  schedule(at: Instant, run: () => void): () => void;
}
