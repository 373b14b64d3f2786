import type { Instant } from '../effects.ts';
import type { PeerRto } from '../message-layer/rto-estimator.ts';
import type { CocoaParameters } from './cocoa.ts';
import { RoundTripEstimator } from './round-trip-estimator.ts';

/** "4 is used for K in the strong estimator, 1 in the weak one". */
const STRONG_K = 4;
const WEAK_K = 1;
/** What a new estimate of each counts in the overall one. */
const STRONG_WEIGHT = 0.5;
const WEAK_WEIGHT = 0.25;
/** After more retransmissions than this a measurement says too little. */
const WEAK_RETRANSMISSIONS_MAX = 2;
const SHORT_MS = 1000;
const LONG_MS = 3000;

/**
 * The estimate for one peer.
 *
 * @see draft-ietf-core-cocoa-03 §4.2
 */
export class CocoaPeer implements PeerRto {
  readonly #parameters: CocoaParameters;
  readonly #strong = new RoundTripEstimator(STRONG_K);
  readonly #weak = new RoundTripEstimator(WEAK_K);
  #rtoMs: number;
  /** When the estimate was last measured or aged; `undefined`: nothing was measured yet. */
  #updatedAt: Instant | undefined;

  constructor(parameters: CocoaParameters) {
    this.#parameters = parameters;
    this.#rtoMs = parameters.rtoInitialMs;
  }

  rtoMs(now: Instant): number {
    this.#age(now);
    return this.#rtoMs;
  }

  /** The variable back-off factor (§4.2.1): short waits grow faster, long ones more slowly. */
  backOff(firstTimeoutMs: number): number {
    if (firstTimeoutMs < SHORT_MS) return 3;
    return firstTimeoutMs > LONG_MS ? 1.5 : 2;
  }

  noteRoundTrip(rttMs: number, retransmissions: number, now: Instant): void {
    if (retransmissions > WEAK_RETRANSMISSIONS_MAX) return;
    this.#age(now);
    const isStrong = retransmissions === 0;
    const estimateMs = (isStrong ? this.#strong : this.#weak).add(rttMs);
    const weight = isStrong ? STRONG_WEIGHT : WEAK_WEIGHT;
    this.#set(weight * estimateMs + (1 - weight) * this.#rtoMs, now);
  }

  /** §4.2.2: what was not confirmed for a while comes closer to the default. */
  #age(now: Instant): void {
    while (this.#updatedAt !== undefined) {
      const idleMs = now - this.#updatedAt;
      const rtoMs = this.#rtoMs;
      if (rtoMs < SHORT_MS && idleMs > 16 * rtoMs) this.#set(2 * rtoMs, this.#updatedAt + 16 * rtoMs);
      else if (rtoMs > LONG_MS && idleMs > 4 * rtoMs) this.#set(SHORT_MS + 0.5 * rtoMs, this.#updatedAt + 4 * rtoMs);
      else return;
      // Bounds that are short or long themselves are no reason to go on for ever.
      if (this.#rtoMs === rtoMs) return;
    }
  }

  #set(rtoMs: number, at: Instant): void {
    this.#rtoMs = Math.min(this.#parameters.rtoMaxMs, Math.max(this.#parameters.rtoMinMs, rtoMs));
    this.#updatedAt = at;
  }
}
