import type { Instant, PeerId } from '../effects.ts';
import { DuplicateGeneration } from './duplicate-generation.ts';
import type { Duplicates } from './duplicates.ts';

/** What bounds a {@link DuplicateTable}. */
export interface DuplicateTableParameters {
  /** EXCHANGE_LIFETIME: how long a Confirmable message is remembered. */
  readonly exchangeLifetimeMs: number;
  /** NON_LIFETIME: how long a Non-confirmable message is remembered. */
  readonly nonLifetimeMs: number;
  /** The memory that may be held when one more message is to be remembered. */
  readonly duplicateBytesMax: number;
}

/** Into so many stretches the time is cut after which what they hold is forgotten as a whole. */
const GENERATIONS_PER_LIFETIME = 3;

/**
 * Knows which messages came already, and what they were answered.
 *
 * @see RFC 7252 §4.5
 */
export class DuplicateTable implements Duplicates {
  readonly #parameters: DuplicateTableParameters;
  readonly #stretchMs: number;
  /** Newest first. */
  readonly #generations: DuplicateGeneration[] = [];

  constructor(parameters: DuplicateTableParameters) {
    this.#parameters = parameters;
    this.#stretchMs = Math.max(parameters.exchangeLifetimeMs, parameters.nonLifetimeMs) / GENERATIONS_PER_LIFETIME;
  }

  /** How many messages are remembered. */
  get count(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.count, 0);
  }

  /** The memory that is held. */
  get heldBytes(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.heldBytes, 0);
  }

  /** When the oldest generation can be forgotten. */
  get forgetAt(): Instant | undefined {
    const oldest = this.#generations.at(-1);
    return oldest === undefined ? undefined : this.#endOf(oldest);
  }

  /** Forgets what is too old. */
  forget(now: Instant): void {
    for (;;) {
      const oldest = this.#generations.at(-1);
      if (oldest === undefined || this.#endOf(oldest) > now) return;
      this.#generations.pop();
    }
  }

  /**
   * Looks for a message.
   *
   * @returns what it was answered, empty if it was not answered (yet); `undefined`: the message is new
   */
  find(peer: PeerId, messageId: number, now: Instant): Uint8Array | undefined {
    for (const generation of this.#generations) {
      const handle = generation.find(peer, messageId);
      if (handle < 0) continue;
      const { exchangeLifetimeMs, nonLifetimeMs } = this.#parameters;
      const lifetimeMs = generation.isConfirmable(handle) ? exchangeLifetimeMs : nonLifetimeMs;
      return now - generation.receivedAt(handle) < lifetimeMs ? generation.answer(handle) : undefined;
    }
    return undefined;
  }

  /**
   * Remembers a message that `find` did not know.
   *
   * @returns `false` if there is no memory left for it
   */
  remember(peer: PeerId, messageId: number, isConfirmable: boolean, now: Instant): boolean {
    const newest = this.#generations[0];
    const isCurrent = newest !== undefined && now - newest.startedAt < this.#stretchMs;
    const generation = isCurrent ? newest : new DuplicateGeneration(now);
    const growth = generation.growthOf(peer) + (isCurrent ? 0 : generation.heldBytes);
    if (this.heldBytes + growth > this.#parameters.duplicateBytesMax) return false;
    if (!isCurrent) this.#generations.unshift(generation);
    generation.add(peer, messageId, isConfirmable, now);
    return true;
  }

  /** Keeps a copy of the answer to a remembered message; to one that was forgotten, nothing. */
  keepAnswer(peer: PeerId, messageId: number, answer: Uint8Array): void {
    for (const generation of this.#generations) {
      const handle = generation.find(peer, messageId);
      if (handle < 0) continue;
      generation.keepAnswer(handle, answer);
      return;
    }
  }

  #endOf(generation: DuplicateGeneration): Instant {
    return generation.startedAt + this.#stretchMs + this.#parameters.exchangeLifetimeMs;
  }
}
