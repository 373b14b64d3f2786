import type { Instant, RandomSource } from '../effects.ts';

const BLOCK_SIZE = 4096;
const BLOCK_COUNT = 65_536 / BLOCK_SIZE;

/**
 * The message IDs of one peer: they begin anywhere, count up, and none comes again within EXCHANGE_LIFETIME.
 *
 * @see RFC 7252 §4.4
 */
export class MessageIds {
  #next: number;
  /** For each block of IDs, when one of them was taken last. */
  readonly #usedAt: (Instant | undefined)[] = [];

  constructor(random: RandomSource) {
    const start = new Uint8Array(2);
    random.fill(start);
    this.#next = ((start[0] as number) << 8) | (start[1] as number);
  }

  /**
   * Takes the next ID.
   *
   * @param exchangeLifetimeMs how long an ID may not be used again
   * @returns `undefined` while all IDs were used within that time
   */
  take(now: Instant, exchangeLifetimeMs: number): number | undefined {
    if (this.freeAt(now, exchangeLifetimeMs) > now) return undefined;
    const id = this.#next;
    this.#next = (id + 1) & 0xffff;
    this.#usedAt[Math.floor(id / BLOCK_SIZE)] = now;
    return id;
  }

  /** The time from which `take` gives an ID: now, or later when all are in use. */
  freeAt(now: Instant, exchangeLifetimeMs: number): Instant {
    // Only the first ID of a block can meet an earlier round: within a block, time goes on.
    if (this.#next % BLOCK_SIZE !== 0) return now;
    const usedAt = this.#usedAt[(this.#next / BLOCK_SIZE) % BLOCK_COUNT];
    return usedAt === undefined ? now : Math.max(now, usedAt + exchangeLifetimeMs);
  }
}
