/** RFC 6298 §2.3. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;

/**
 * A smoothed round-trip time and its variation.
 *
 * @see RFC 6298 §2
 */
export class RoundTripEstimator {
  readonly #k: number;
  #smoothedMs: number | undefined;
  #variationMs = 0;

  /** @param k how many times the variation counts: 4 in RFC 6298 */
  constructor(k: number) {
    this.#k = k;
  }

  /**
   * Takes a measurement.
   *
   * @returns the time to wait for an Acknowledgement, in milliseconds
   */
  add(rttMs: number): number {
    const smoothedMs = this.#smoothedMs;
    if (smoothedMs === undefined) {
      this.#smoothedMs = rttMs;
      this.#variationMs = rttMs / 2;
    } else {
      this.#variationMs = (1 - BETA) * this.#variationMs + BETA * Math.abs(smoothedMs - rttMs);
      this.#smoothedMs = (1 - ALPHA) * smoothedMs + ALPHA * rttMs;
    }
    return (this.#smoothedMs ?? rttMs) + this.#k * this.#variationMs;
  }
}
