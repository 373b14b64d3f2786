/** Monotonic milliseconds: virtual here, starting at 0. */
export type Instant = number;

/** What a façade needs of the world's time; the shape of `Clock` in `@motestack/coap`. */
export interface Clock {
  /** The virtual time. */
  now(): Instant;
  /** Calls `run` once at `at`, or at once after the current event if `at` has passed; returns the cancellation. */
  schedule(at: Instant, run: () => void): () => void;
  /** Wall time in milliseconds since 1970. */
  epochMs(): number;
}

/** Fills arrays with random bytes; the shape of `RandomSource` in `@motestack/coap`. */
export interface RandomSource {
  fill(bytes: Uint8Array): void;
}

/** What a transport tells its owner; the shape of `DatagramReceiver` in `@motestack/coap`. */
export interface DatagramReceiver {
  /** One datagram; `bytes` are valid until the call returns. */
  datagram(peer: string, bytes: Uint8Array): void;
  /** Nobody listens at `peer`. */
  unreachable(peer: string, cause: Error): void;
  /** The transport ended: on `close()` without, else with a cause. */
  closed(cause?: Error): void;
}
