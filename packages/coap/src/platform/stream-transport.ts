import type { PeerId } from '../effects.ts';
import type { PeerIdentity } from './peer-identity.ts';

/** What is to be heeded after a connection was closed from here. */
export interface DisconnectAdvice {
  /** Not to connect again before so much time has passed: Hold-Off of a Release (RFC 8323 §5.5). */
  readonly holdOffMs?: number | undefined;
}

/** What carries reliable connections: TCP, TLS or WebSocket, of a server or of a client. */
export interface StreamTransport {
  /** How messages are told apart: `length` by themselves (RFC 8323 §3.2), `message` by the transport (§4.2). */
  readonly framing: 'length' | 'message';
  /** Where the transport is reached, with the real port: `coap+tcp://127.0.0.1:5683`. */
  readonly localUrl: string;
  /** The one peer of a client, `undefined` for a server. */
  readonly remote: PeerId | undefined;
  /** Who a peer is, as it proved when its connection was made; `undefined`, or absent: nobody knows. */
  identityOf?(peer: PeerId): PeerIdentity | undefined;
  /**
   * The host that a peer connected to by name, in lower case: that of SNI, or of the Host header of a WebSocket. It is
   * the default of Uri-Host (RFC 8323 §8.5); `undefined`, or absent: the address is.
   */
  hostOf?(peer: PeerId): string | undefined;
  /** Begins to deliver. Called once; nothing is delivered before. */
  open(receiver: StreamReceiver): void;
  /**
   * Sends bytes over the connection of a peer: over WebSocket, one message. What is sent in one turn of the event loop
   * goes out together. `bytes` are valid until the call returns. Failure is told by `disconnected`, never thrown.
   */
  send(peer: PeerId, bytes: Uint8Array): void;
  /** Closes the connection of a peer once what was sent is out. Nothing is told about that connection any more. */
  disconnect(peer: PeerId, advice?: DisconnectAdvice): void;
  /** Of a client: opens the connection to `remote`, unless it is there or under way; failure is told by `disconnected`. */
  connect?(): void;
  /** Closes all connections once what was sent is out, then the transport; the receiver is told `closed`. */
  close(): Promise<void>;
}

/** What a transport of connections tells its owner. */
export interface StreamReceiver {
  /** A connection is there. */
  connected(peer: PeerId): void;
  /** Bytes came: over WebSocket, one message. They are valid until the call returns. */
  bytes(peer: PeerId, chunk: Uint8Array): void;
  /** A connection ended, or could not be made: `cause` says why, where there is more to say. */
  disconnected(peer: PeerId, cause?: Error): void;
  /** The transport ended, by `close` without a cause. */
  closed(cause?: Error): void;
}
