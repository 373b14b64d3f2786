import type { Instant } from '../effects.ts';
import { tokenKey } from '../wire/token-key.ts';

/** What a {@link CustodyBook} is told. */
export interface CustodyLimits {
  /** How many unanswered requests are remembered; beyond it the oldest counts as answered. */
  readonly requestsRememberedMax: number;
  /** How many Pings may wait. */
  readonly custodyPingsMax: number;
  /** How long a Ping waits. */
  readonly releaseTimeoutMs: number;
}

interface WaitingPing {
  readonly token: Uint8Array;
  /** It waits for the requests before this number. */
  readonly before: number;
  readonly overdueAt: Instant;
}

/**
 * Which requests of a peer were not answered yet, and the Pings that wait for them.
 *
 * @see RFC 8323 §5.4.1
 */
export class CustodyBook {
  readonly #limits: CustodyLimits;
  /** Token and number of each request, in the order in which they came. */
  readonly #unanswered = new Map<string, number>();
  #pings: WaitingPing[] = [];
  #nextNumber = 0;

  constructor(limits: CustodyLimits) {
    this.#limits = limits;
  }

  /** Whether a request waits for its answer. */
  get hasUnanswered(): boolean {
    return this.#unanswered.size > 0;
  }

  /** When the first Ping has waited long enough; infinity: none waits. */
  get overdueAt(): Instant {
    return this.#pings[0]?.overdueAt ?? Number.POSITIVE_INFINITY;
  }

  /** A request came. */
  noteRequest(token: Uint8Array): void {
    const key = tokenKey(token);
    this.#unanswered.delete(key);
    if (this.#unanswered.size >= this.#limits.requestsRememberedMax) {
      const [oldest] = this.#unanswered.keys();
      if (oldest !== undefined) this.#unanswered.delete(oldest);
    }
    this.#unanswered.set(key, this.#nextNumber++);
  }

  /** A request was answered, or will not be. @returns the tokens of the Pings that waited for just that */
  noteAnswered(token: Uint8Array): Uint8Array[] {
    if (!this.#unanswered.delete(tokenKey(token)) || this.#pings.length === 0) return [];
    // A request that came again under its token stands at the end: the first is the oldest.
    const [oldest = this.#nextNumber] = this.#unanswered.values();
    const ready = this.#pings.filter(({ before }) => before <= oldest);
    if (ready.length > 0) this.#pings = this.#pings.filter(({ before }) => before > oldest);
    return ready.map(({ token: pingToken }) => pingToken);
  }

  /** A Ping asks for custody. @returns whether it has to wait: something is unanswered, and there is room */
  addPing(token: Uint8Array, now: Instant): boolean {
    if (!this.hasUnanswered || this.#pings.length >= this.#limits.custodyPingsMax) return false;
    const overdueAt = now + this.#limits.releaseTimeoutMs;
    this.#pings.push({ token: token.slice(), before: this.#nextNumber, overdueAt });
    return true;
  }

  /** Takes out the Pings that waited too long. */
  takeOverdue(now: Instant): Uint8Array[] {
    const overdue = this.#pings.filter(({ overdueAt }) => overdueAt <= now);
    if (overdue.length > 0) this.#pings = this.#pings.filter(({ overdueAt }) => overdueAt > now);
    return overdue.map(({ token }) => token);
  }
}
