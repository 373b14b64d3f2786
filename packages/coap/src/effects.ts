export { DeadlineHeap, type Timer } from './deadline-heap.ts';

/** A point in time: monotonic milliseconds, from whatever start the driver's clock has. */
export type Instant = number;

/** The earlier of two times, of which either may be none. */
export function earlier(left: Instant | undefined, right: Instant | undefined): Instant | undefined {
  if (left === undefined) return right;
  return right === undefined || left < right ? left : right;
}

/**
 * Names an association: for UDP a pair of addresses, written `127.0.0.1:5683` or `[::1]:5683`. Cores compare it and
 * never take it apart.
 */
export type PeerId = string;

/** One datagram that is to be sent. */
export interface Transmit {
  /** Where to. */
  readonly peer: PeerId;
  /** What; valid until the next step of the core that asked for it. */
  readonly bytes: Uint8Array;
}

/**
 * All that follows from one step of a core.
 *
 * The driver sends the transmits, then tells the events, and then gives the commands that came up meanwhile.
 */
export interface Effects<Event> {
  /** Datagrams in the order in which they are to be sent. */
  readonly transmits: readonly Transmit[];
  /** What the application is to be told, in order. */
  readonly events: readonly Event[];
  /**
   * Call `handleTimeout` at this time, replacing any earlier request; `undefined`: no timer. Not later than now if more
   * is due than one step may do.
   */
  readonly wakeAt: Instant | undefined;
}

/** Where random bytes come from: cryptographically secure, unless a test says otherwise. */
export interface RandomSource {
  /** Fills all of `bytes`. */
  fill(bytes: Uint8Array): void;
}
