import type { Instant } from '@motestack/coap';

/** What one step of an {@link ExpiryQueue} says. */
export interface ExpiryStep {
  /** Keys whose deadline has passed; they are tracked no longer. */
  readonly expired: readonly string[];
  /** Call `handleTimeout` at this time. Not later than `now` if more is due than one step may tell; `undefined`: nothing is tracked. */
  readonly wakeAt: Instant | undefined;
}

/**
 * Deadlines of many keys behind one timer: a binary heap with one entry per key. Moving a deadline to a later time touches a
 * field only; the entry finds its new place when it comes up.
 */
export class ExpiryQueue {
  readonly #expiredPerStepMax: number;
  readonly #heap: Entry[] = [];
  readonly #entries = new Map<string, Entry>();

  /** @param expiredPerStepMax how many keys one step may tell, so that many at once do not block */
  constructor(expiredPerStepMax: number = EXPIRED_PER_STEP_MAX) {
    this.#expiredPerStepMax = expiredPerStepMax;
  }

  /** How many keys are tracked. */
  get size(): number {
    return this.#entries.size;
  }

  /** When `handleTimeout` has something to do; `undefined`: never. */
  get wakeAt(): Instant | undefined {
    return this.#heap[0]?.wakeAt;
  }

  /**
   * Sets or moves the deadline of a key.
   *
   * @param deadline monotonic milliseconds
   */
  track(key: string, deadline: Instant): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      const made: Entry = { key, deadline, wakeAt: deadline, index: this.#heap.length };
      this.#entries.set(key, made);
      this.#heap.push(made);
      this.#rise(made);
      return;
    }
    entry.deadline = deadline;
    if (deadline >= entry.wakeAt) return;
    entry.wakeAt = deadline;
    this.#rise(entry);
  }

  /** Forgets a key. */
  untrack(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, entry.index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Gives the keys whose deadline has passed. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): ExpiryStep {
    const expired: string[] = [];
    let work = 0;
    for (let first = this.#heap[0]; first !== undefined && first.wakeAt <= now; first = this.#heap[0]) {
      if (work++ >= this.#expiredPerStepMax) break;
      if (first.deadline <= now) {
        expired.push(first.key);
        this.untrack(first.key);
      } else {
        first.wakeAt = first.deadline;
        this.#sink(first);
      }
    }
    return { expired, wakeAt: this.wakeAt };
  }

  #rise(entry: Entry): void {
    for (;;) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (entry.index === 0 || parent === undefined || parent.wakeAt <= entry.wakeAt) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && right.wakeAt < left.wakeAt ? right : left;
      if (child === undefined || entry.wakeAt <= child.wakeAt) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry, b: Entry): void {
    const index = a.index;
    this.#place(a, b.index);
    this.#place(b, index);
  }

  #place(entry: Entry, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }
}

/** How many keys one step tells unless said otherwise. */
export const EXPIRED_PER_STEP_MAX = 256;

interface Entry {
  readonly key: string;
  deadline: Instant;
  /** Where the entry stands in the heap; not later than `deadline`. */
  wakeAt: Instant;
  index: number;
}
