import type { Instant, PeerId } from '../effects.ts';
import type { Option } from '../wire/index.ts';
import { EchoValues, type EchoValuesOptions } from './echo-values.ts';

/** How addresses are verified. */
export interface AmplificationLimitOptions extends EchoValuesOptions {
  /** How many addresses are remembered as verified; beyond it that which was silent longest has to show itself again. */
  readonly verifiedPeersMax?: number;
  /** For how long after its latest request an address counts as verified. Default: 5 minutes. */
  readonly verifiedForMs?: number;
}

/**
 * Keeps an endpoint from answering forged addresses with more than they sent: a request of an address that is not
 * verified gets 4.01 with an Echo value, and is not handed to the handler until that value comes back. The answer is
 * piggybacked or Non-confirmable, so that it is sent once.
 *
 * With the headers of IPv4 and UDP (28 bytes, for the other side too) the shortest request has 32 bytes, and the
 * challenge 49 and the token: less than three times as much, the factor of RFC 9000 §8 that RFC 9175 takes over.
 *
 * Off unless given to an endpoint, since many deployed peers do not know Echo.
 *
 * @see RFC 9175 §2.4, item 3, §2.6; RFC 7252 §11.3
 */
export class AmplificationLimit {
  readonly #echo: EchoValues;
  readonly #verifiedPeersMax: number;
  readonly #verifiedForMs: number;
  /** Until when, in the order of their latest requests. */
  readonly #verified = new Map<PeerId, Instant>();

  /** @throws {RangeError} a time or count that is not positive, a MAC of fewer than 8 bytes */
  constructor(options: AmplificationLimitOptions) {
    this.#echo = new EchoValues(options);
    this.#verifiedPeersMax = options.verifiedPeersMax ?? 100_000;
    this.#verifiedForMs = options.verifiedForMs ?? 300_000;
    if (!(this.#verifiedPeersMax >= 1)) throw new RangeError('verifiedPeersMax is 1 or more');
    if (!(this.#verifiedForMs > 0)) throw new RangeError('verifiedForMs is more than 0');
  }

  /** How many addresses are remembered. */
  get count(): number {
    return this.#verified.size;
  }

  /** When the next address is to be forgotten. */
  get nextAt(): Instant | undefined {
    for (const until of this.#verified.values()) return until;
    return undefined;
  }

  /** Forgets what is due. */
  forget(now: Instant): void {
    for (const [peer, until] of this.#verified) {
      if (until > now) return;
      this.#verified.delete(peer);
    }
  }

  /**
   * Asks whether a request may be handled.
   *
   * @returns `undefined`: its address is verified; else the Echo value that it is to come back with
   */
  challenge(peer: PeerId, options: readonly Option[], now: Instant): Uint8Array | undefined {
    const isKnown = (this.#verified.get(peer) ?? now) > now;
    if (!isKnown && !this.#echo.isFresh({ peer, options }, now)) return this.#echo.issue(peer, now);
    this.#verified.delete(peer);
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size < this.#verifiedPeersMax) break;
      this.#verified.delete(oldest);
    }
    this.#verified.set(peer, now + this.#verifiedForMs);
    return undefined;
  }
}
