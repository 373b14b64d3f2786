import type { PeerId } from '../effects.ts';
import type { PeerIdentity } from './peer-identity.ts';

/** What carries datagrams: a UDP socket, or a layer of protected associations on one. */
export interface DatagramTransport {
  /** Where the transport is reached, with the real port: `coap://127.0.0.1:5683`. */
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
  /** Nobody can be reached there (ICMP port unreachable and the like). Ends what waits for that peer. */
  unreachable(peer: PeerId, cause: Error): void;
  /** The transport ended, by `close` without a cause. */
  closed(cause?: Error): void;
}
