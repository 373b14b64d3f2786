import { defaultWebSocketLimits, type WebSocketLimits } from '../websocket/web-socket.ts';

/** What peers of a stream transport can make grow, and how long they may take. */
export interface StreamLimits extends WebSocketLimits {
  /** How many connections a server holds, handshakes included; more are refused. */
  readonly connectionsMax: number;
  /** How many of them from one address. */
  readonly connectionsPerAddressMax: number;
  /** How long connecting, TLS and the opening handshake of a WebSocket may take together. */
  readonly handshakeTimeoutMs: number;
  /**
   * How many bytes may wait to be sent to one peer. The policy: from a quarter of it on nothing more is read from that
   * peer, so that one who does not read cannot ask; beyond it the connection is closed.
   */
  readonly writeQueueBytesMax: number;
  /** How long the peer may take to close its side of a connection that is closed from here. */
  readonly closeTimeoutMs: number;
}

/** The defaults. */
export const defaultStreamLimits: StreamLimits = {
  ...defaultWebSocketLimits,
  connectionsMax: 10_000,
  connectionsPerAddressMax: 256,
  handshakeTimeoutMs: 10_000,
  writeQueueBytesMax: 4 * 1024 * 1024,
  closeTimeoutMs: 2_000,
};

/**
 * Fills in the defaults and checks what was given.
 *
 * @throws {RangeError} a limit that is no positive number
 */
export function resolveStreamLimits(limits: Partial<StreamLimits> = {}): StreamLimits {
  const resolved = { ...defaultStreamLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(Number.isInteger(value) && value > 0)) throw new RangeError(`${name} is a positive integer`);
  }
  return resolved;
}
