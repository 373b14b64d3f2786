import type { Instant } from '../effects.ts';

/** How a body is paced. */
export interface BurstInit {
  /** How many blocks the body has. */
  readonly blockCount: number;
  /** MAX_PAYLOADS. */
  readonly maxPayloads: number;
  /** NON_TIMEOUT. */
  readonly nonTimeoutMs: number;
  /** NON_TIMEOUT_RANDOM, drawn for this body. */
  readonly delayMs: number;
}

/**
 * When which blocks of a Non-confirmable body go: one MAX_PAYLOADS_SET at a time, NON_TIMEOUT_RANDOM apart unless the
 * peer says to continue.
 *
 * @see RFC 9177 §7.2
 */
export class Burst {
  readonly #init: BurstInit;
  /** Ascending. */
  #pending: number[] = [];
  #freeAt: Instant;
  readonly #sentAt: Instant[] = [];
  /** The highest block that was sent. */
  #highest = -1;

  constructor(init: BurstInit, now: Instant) {
    this.#init = init;
    this.#freeAt = now;
  }

  /** When `take` gives the next set; `undefined`: nothing is to be sent. */
  get nextAt(): Instant | undefined {
    return this.#pending.length === 0 ? undefined : this.#freeAt;
  }

  /** The highest block that was sent; -1: none. */
  get highestSent(): number {
    return this.#highest;
  }

  /** All blocks are to be sent. */
  addAll(): void {
    this.#pending = Array.from({ length: this.#init.blockCount }, (_, blockNumber) => blockNumber);
  }

  /**
   * The peer misses blocks: they go before what else is to be sent, and at once. A block that went within NON_TIMEOUT is
   * on its way, and does not go again.
   *
   * @returns whether there is anything to be sent
   */
  addMissing(blockNumbers: readonly number[], now: Instant): boolean {
    const { blockCount, nonTimeoutMs } = this.#init;
    const wanted = blockNumbers.filter((blockNumber) => {
      const sentAt = this.#sentAt[blockNumber];
      return blockNumber < blockCount && (sentAt === undefined || now - sentAt >= nonTimeoutMs);
    });
    if (wanted.length === 0) return false;
    this.#pending = [...new Set([...this.#pending, ...wanted])].sort((left, right) => left - right);
    this.#freeAt = now;
    return true;
  }

  /**
   * As `addMissing`, for who sends blocks that are asked for by themselves: of one set, and the rest of the body after
   * another NON_TIMEOUT_RANDOM.
   *
   * @returns which are to go now
   */
  takeMissing(blockNumbers: readonly number[], now: Instant): number[] {
    const later = this.#pending;
    this.#pending = [];
    const taken = this.addMissing(blockNumbers, now) ? this.take(now) : [];
    this.#pending = later.filter((blockNumber) => !taken.includes(blockNumber));
    return taken;
  }

  /** Nothing waits for the rate any more: the first set may go. */
  hasten(now: Instant): void {
    if (this.#highest < 0) this.#freeAt = Math.min(this.#freeAt, now);
  }

  /** The peer has all blocks below `blockNumber`: the next set may go, if that is all that was sent. */
  continueFrom(blockNumber: number, now: Instant): void {
    if (blockNumber > this.#highest) this.#freeAt = Math.min(this.#freeAt, now);
  }

  /** The blocks that are to go now: of one set. */
  take(now: Instant): number[] {
    const { maxPayloads, delayMs } = this.#init;
    const [first] = this.#pending;
    if (first === undefined || now < this.#freeAt) return [];
    const setEnd = (Math.floor(first / maxPayloads) + 1) * maxPayloads;
    const count = this.#pending.findIndex((blockNumber) => blockNumber >= setEnd);
    const taken = this.#pending.splice(0, count < 0 ? this.#pending.length : count);
    for (const blockNumber of taken) this.#sentAt[blockNumber] = now;
    this.#highest = Math.max(this.#highest, taken.at(-1) ?? -1);
    this.#freeAt = now + delayMs;
    return taken;
  }
}
