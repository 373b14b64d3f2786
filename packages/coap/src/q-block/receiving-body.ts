import type { Instant } from '../effects.ts';
import { type Block, blockUnitBytes } from '../wire/index.ts';

/** What is known of a body before its blocks come. */
export interface ReceivingBodyInit {
  /** SZX of all its blocks. */
  readonly szx: number;
  /** Size1 or Size2: how long it is, exactly (RFC 9177 §4.6). */
  readonly size: number;
  /** MAX_PAYLOADS. */
  readonly maxPayloads: number;
  /** How long missing blocks are waited for, the first time. */
  readonly receiveTimeoutMs: number;
  /** NON_MAX_RETRANSMIT. */
  readonly askMax: number;
}

/** What the sender is to be told: that all blocks below a number came, or which are missing. */
export type BodyReport =
  | { readonly kind: 'continue'; readonly blockNumber: number }
  | { readonly kind: 'missing'; readonly blockNumbers: readonly number[] };

/**
 * A body whose blocks come in any order, and what is missing of it.
 *
 * @see RFC 9177 §7.2
 */
export class ReceivingBody {
  readonly szx: number;
  readonly size: number;
  /** When missing blocks are to be asked for. */
  askAt: Instant;
  readonly #init: ReceivingBodyInit;
  readonly #blockCount: number;
  readonly #blocks = new Map<number, Uint8Array>();
  #highest = -1;
  /** All blocks below this number came. */
  #firstMissing = 0;
  /** The highest set whose beginning led to a report of what is missing before it. */
  #reportedSet = 0;
  #asked = 0;

  constructor(init: ReceivingBodyInit, now: Instant) {
    this.#init = init;
    this.szx = init.szx;
    this.size = init.size;
    this.#blockCount = Math.max(1, Math.ceil(init.size / blockUnitBytes(init.szx)));
    this.askAt = now + init.receiveTimeoutMs;
  }

  /** Whether every block came. */
  get isWhole(): boolean {
    return this.#firstMissing >= this.#blockCount;
  }

  /**
   * Takes a block.
   *
   * @returns `wrong`: it does not fit what was said of the body
   */
  take({ blockNumber, more, szx }: Block, payload: Uint8Array, now: Instant): 'new' | 'duplicate' | 'wrong' {
    const unit = blockUnitBytes(this.szx);
    const isLast = blockNumber === this.#blockCount - 1;
    const length = isLast ? this.size - blockNumber * unit : unit;
    const fits = szx === this.szx && blockNumber < this.#blockCount && more !== isLast && payload.length === length;
    if (!fits) return 'wrong';
    if (this.#blocks.has(blockNumber)) return 'duplicate';
    this.#blocks.set(blockNumber, payload.slice());
    this.#highest = Math.max(this.#highest, blockNumber);
    while (this.#blocks.has(this.#firstMissing)) this.#firstMissing++;
    this.#asked = 0;
    this.askAt = now + this.#init.receiveTimeoutMs;
    return 'new';
  }

  /**
   * What the sender is to be told after a block: to continue after a whole set, or what is missing before a set that
   * begins.
   *
   * @returns `undefined`: nothing
   */
  reportAfter(blockNumber: number): BodyReport | undefined {
    const { maxPayloads } = this.#init;
    const set = Math.floor(blockNumber / maxPayloads);
    const isSetEnd = this.#firstMissing % maxPayloads === 0 && this.#firstMissing > blockNumber;
    if (isSetEnd) return { kind: 'continue', blockNumber: this.#firstMissing };
    const setStart = set * maxPayloads;
    if (set <= this.#reportedSet || this.#firstMissing >= setStart) return undefined;
    this.#reportedSet = set;
    return { kind: 'missing', blockNumbers: this.#missingBelow(setStart) };
  }

  /**
   * What is to be asked for when nothing came for a while; the next time is twice as far.
   *
   * @returns `undefined`: it was asked often enough
   */
  ask(now: Instant): readonly number[] | undefined {
    const { maxPayloads, askMax, receiveTimeoutMs } = this.#init;
    if (this.#asked >= askMax) return undefined;
    this.#asked++;
    this.askAt = now + receiveTimeoutMs * 2 ** this.#asked;
    const latest = Math.max(this.#highest, this.#firstMissing);
    return this.#missingBelow((Math.floor(latest / maxPayloads) + 1) * maxPayloads);
  }

  /** The body: bytes of its own. */
  whole(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    const unit = blockUnitBytes(this.szx);
    for (const [blockNumber, block] of this.#blocks) bytes.set(block, blockNumber * unit);
    return bytes;
  }

  /** "Consider limiting the number of missing payloads to MAX_PAYLOADS" (RFC 9177 §5). */
  #missingBelow(end: number): number[] {
    const missing: number[] = [];
    const { maxPayloads } = this.#init;
    for (let number = this.#firstMissing; number < Math.min(end, this.#blockCount); number++) {
      if (missing.length >= maxPayloads) break;
      if (!this.#blocks.has(number)) missing.push(number);
    }
    return missing;
  }
}
