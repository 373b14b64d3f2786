import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import type { QBlockParameters } from './q-block-parameters.ts';

interface SilentPeer extends Timer {
  readonly id: PeerId;
}

/**
 * PROBING_RATE for bodies: "a single body will be subjected to PROBING_RATE …, not the individual packets". The first one
 * goes at once; to a peer that is not heard since, the next waits.
 *
 * @see RFC 9177 §7.2
 */
export class BodyProbing {
  readonly #parameters: QBlockParameters;
  /** The deadline is when the next body may go. */
  readonly #peers = new Map<PeerId, SilentPeer>();
  readonly #timers = new DeadlineHeap<SilentPeer>();

  constructor(parameters: QBlockParameters) {
    this.#parameters = parameters;
  }

  /** How many peers were sent a body and not heard since. */
  get count(): number {
    return this.#peers.size;
  }

  /** When `forget` is to be called. */
  get nextAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /** A body is to be sent. @returns when it may go */
  begin(id: PeerId, bytes: number, now: Instant): Instant {
    const { probingRateBytesPerSecond, nonProbingWaitMs, peersMax } = this.#parameters;
    const waitMs = Math.min((bytes * 1000) / probingRateBytesPerSecond, nonProbingWaitMs);
    const known = this.#peers.get(id);
    const startAt = Math.max(known?.deadline ?? now, now);
    const peer = known ?? { id, deadline: startAt, heapIndex: -1 };
    peer.deadline = startAt + waitMs;
    if (known === undefined && this.#peers.size >= peersMax) return startAt;
    this.#peers.set(id, peer);
    this.#timers.arm(peer);
    return startAt;
  }

  /** Something came from a peer. @returns whether it was silent before */
  heard(id: PeerId): boolean {
    const peer = this.#peers.get(id);
    if (peer === undefined) return false;
    this.#timers.remove(peer);
    return this.#peers.delete(id);
  }

  /** Forgets what time has made up for. */
  forget(now: Instant): void {
    for (;;) {
      const peer = this.#timers.takeDue(now);
      if (peer === undefined) return;
      this.#peers.delete(peer.id);
    }
  }
}
