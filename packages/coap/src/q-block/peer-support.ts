import type { Instant, PeerId } from '../effects.ts';
import type { QBlockParameters } from './q-block-parameters.ts';

/**
 * Which peers know Q-Block: what they said by accepting or refusing the options, which are critical.
 *
 * @see RFC 9177 §4.1
 */
export class PeerSupport {
  readonly #parameters: QBlockParameters;
  /** When a refusal is forgotten; `undefined`: the peer knows Q-Block. Oldest first. */
  readonly #peers = new Map<PeerId, Instant | undefined>();

  constructor(parameters: QBlockParameters) {
    this.#parameters = parameters;
  }

  /** How many peers are remembered. */
  get count(): number {
    return this.#peers.size;
  }

  /** Takes note of what a peer said. */
  note(peer: PeerId, isSupported: boolean, now: Instant): void {
    this.#peers.delete(peer);
    for (const oldest of this.#peers.keys()) {
      if (this.#peers.size < this.#parameters.peersMax) break;
      this.#peers.delete(oldest);
    }
    if (this.#parameters.peersMax === 0) return;
    this.#peers.set(peer, isSupported ? undefined : now + this.#parameters.refusalRememberedMs);
  }

  /** Whether a peer knows Q-Block; `undefined`: it is not known, or a refusal was long ago. */
  of(peer: PeerId, now: Instant): boolean | undefined {
    const isKnown = this.#peers.has(peer);
    const refusedUntil = this.#peers.get(peer);
    if (isKnown && refusedUntil === undefined) return true;
    if (refusedUntil !== undefined && refusedUntil > now) return false;
    if (isKnown) this.#peers.delete(peer);
    return this.#parameters.assumesSupport ? true : undefined;
  }
}
