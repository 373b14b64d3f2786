import type { Instant, PeerId } from '../effects.ts';
import { encodeUint, type Option, OptionNumber } from '../wire/index.ts';
import { firstValue } from './block-option.ts';
import { operationKey } from './operation-key.ts';

/** A request body that is sent in several blocks. */
export interface TaggedOperation {
  readonly peer: PeerId;
  readonly code: number;
  readonly options: readonly Option[];
}

/**
 * Knows which request bodies are under way, and tags those that the peer could mix up without: "sending messages without
 * Request-Tag options whenever possible".
 *
 * @see RFC 9175 §3.4, §3.5
 */
export class RequestTags {
  readonly #exchangeLifetimeMs: number;
  /** How many bodies of one operation are under way. */
  readonly #counts = new Map<string, number>();
  /** Until then a block of a body that nobody waits for any more may arrive, and must not meet another body. */
  #strayBlocksUntil: Instant = 0;
  #nextTag = 0;

  constructor(exchangeLifetimeMs: number) {
    this.#exchangeLifetimeMs = exchangeLifetimeMs;
  }

  /**
   * A body begins.
   *
   * @returns the key for `end`, and the tag if one is needed
   */
  begin({ peer, code, options }: TaggedOperation, now: Instant): { readonly key: string; readonly tag?: Option } {
    const key = operationKey(peer, code, options);
    const others = this.#counts.get(key) ?? 0;
    this.#counts.set(key, others + 1);
    if (firstValue(options, OptionNumber.RequestTag) !== undefined) return { key };
    if (others === 0 && now >= this.#strayBlocksUntil) return { key };
    this.#nextTag = (this.#nextTag + 1) >>> 0;
    return { key, tag: { number: OptionNumber.RequestTag, value: encodeUint(this.#nextTag) } };
  }

  /** @param now where the body ended before its end: blocks of it may still be on their way */
  end(key: string, now: Instant | undefined): void {
    const others = (this.#counts.get(key) ?? 1) - 1;
    if (others > 0) this.#counts.set(key, others);
    else this.#counts.delete(key);
    if (now !== undefined) this.#strayBlocksUntil = now + this.#exchangeLifetimeMs;
  }
}
