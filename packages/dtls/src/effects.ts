/** A point in time: monotonic milliseconds, from whatever start the driver's clock has. */
export type Instant = number;

/**
 * Names an association. A client knows its server by the address that it was given; a server names each association
 * anew, since a device may change its address (RFC 9146) and another may take the old one.
 */
export type PeerId = string;

/** One datagram that is to be sent. */
export interface Transmit {
  /** Where to: an address of the transport below. */
  readonly address: string;
  /** What; belongs to the receiver. */
  readonly bytes: Uint8Array;
}

/** All that follows from one step of a core: the driver sends the transmits, then tells the events. */
export interface Effects<Event> {
  /** Datagrams in the order in which they are to be sent. */
  readonly transmits: readonly Transmit[];
  /** What the application is to be told, in order. */
  readonly events: readonly Event[];
  /** Call `handleTimeout` at this time, replacing any earlier request; `undefined`: no timer. */
  readonly wakeAt: Instant | undefined;
}

/** Where random bytes come from: cryptographically secure, unless a test says otherwise. */
export interface RandomSource {
  /** Fills all of `bytes`. */
  fill(bytes: Uint8Array): void;
}
