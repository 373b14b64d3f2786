import type { Instant } from '../effects.ts';

/** What a façade needs of the world's time. `src/node` fills it from the machine, tests fill it with virtual time. */
export interface Clock {
  /** Monotonic milliseconds. Time for which the machine was suspended counts as elapsed. */
  now(): Instant;
  /**
   * Calls `run` once.
   *
   * @param at when: then or later; at once, but not within this call, if the time has passed
   * @returns the cancellation; calling it afterwards does nothing
   */
  schedule(at: Instant, run: () => void): () => void;
  /** Wall time, milliseconds since 1970. */
  epochMs(): number;
}
