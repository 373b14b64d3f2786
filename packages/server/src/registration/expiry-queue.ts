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
 * number only; the entry finds its new place when it comes up.
 *
 * The heap is three lists side by side and not a list of objects, since there may be a million entries.
 */
export class ExpiryQueue {
  readonly #expiredPerStepMax: number;
  readonly #keys: string[] = [];
  /** By what the heap is ordered; not later than the deadline. */
  readonly #wakes: Instant[] = [];
  readonly #deadlines: Instant[] = [];
  /** Where each key's entry stands. */
  readonly #indexes = new Map<string, number>();

  /** @param expiredPerStepMax how many keys one step may tell, so that many at once do not block */
  constructor(expiredPerStepMax: number = EXPIRED_PER_STEP_MAX) {
    this.#expiredPerStepMax = expiredPerStepMax;
  }

  /** How many keys are tracked. */
  get size(): number {
    return this.#keys.length;
  }

  /** When `handleTimeout` has something to do; `undefined`: never. */
  get wakeAt(): Instant | undefined {
    return this.#wakes[0];
  }

  /**
   * Sets or moves the deadline of a key.
   *
   * @param deadline monotonic milliseconds
   */
  track(key: string, deadline: Instant): void {
    const known = this.#indexes.get(key);
    const index = known ?? this.#keys.length;
    if (known !== undefined && deadline >= this.#wakeOf(known)) {
      this.#deadlines[known] = deadline;
      return;
    }
    this.#rise({ key, wakeAt: deadline, deadline }, index);
  }

  /** Forgets a key. */
  untrack(key: string): void {
    const index = this.#indexes.get(key);
    if (index === undefined) return;
    this.#indexes.delete(key);
    const lastIndex = this.#keys.length - 1;
    const last = this.#entryAt(lastIndex);
    this.#keys.pop();
    this.#wakes.pop();
    this.#deadlines.pop();
    if (last === undefined || index === lastIndex) return;
    if (index > 0 && last.wakeAt < this.#wakeOf((index - 1) >> 1)) this.#rise(last, index);
    else this.#sink(last, index);
  }

  /** Gives the keys whose deadline has passed. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): ExpiryStep {
    const expired: string[] = [];
    for (let work = 0; work < this.#expiredPerStepMax; work++) {
      const first = this.#entryAt(0);
      if (first === undefined || first.wakeAt > now) break;
      if (first.deadline <= now) {
        expired.push(first.key);
        this.untrack(first.key);
      } else {
        this.#sink({ ...first, wakeAt: first.deadline }, 0);
      }
    }
    return { expired, wakeAt: this.wakeAt };
  }

  /** Puts an entry at `index`, or nearer to the top where it is due before what stands there. */
  #rise(entry: Entry, index: number): void {
    let at = index;
    while (at > 0) {
      const parentIndex = (at - 1) >> 1;
      const parent = this.#entryAt(parentIndex);
      if (parent === undefined || parent.wakeAt <= entry.wakeAt) break;
      this.#place(parent, at);
      at = parentIndex;
    }
    this.#place(entry, at);
  }

  /** Puts an entry at `index`, or farther from the top where something there is due before it. */
  #sink(entry: Entry, index: number): void {
    let at = index;
    for (;;) {
      const left = 2 * at + 1;
      const childIndex = this.#wakeOf(left + 1) < this.#wakeOf(left) ? left + 1 : left;
      const child = this.#entryAt(childIndex);
      if (child === undefined || entry.wakeAt <= child.wakeAt) break;
      this.#place(child, at);
      at = childIndex;
    }
    this.#place(entry, at);
  }

  #place({ key, wakeAt, deadline }: Entry, index: number): void {
    this.#keys[index] = key;
    this.#wakes[index] = wakeAt;
    this.#deadlines[index] = deadline;
    this.#indexes.set(key, index);
  }

  #entryAt(index: number): Entry | undefined {
    const key = this.#keys[index];
    const wakeAt = this.#wakes[index];
    const deadline = this.#deadlines[index];
    if (key === undefined || wakeAt === undefined || deadline === undefined) return undefined;
    return { key, wakeAt, deadline };
  }

  #wakeOf(index: number): Instant {
    return this.#wakes[index] ?? Number.POSITIVE_INFINITY;
  }
}

/** How many keys one step tells unless said otherwise. */
export const EXPIRED_PER_STEP_MAX = 256;

interface Entry {
  readonly key: string;
  readonly wakeAt: Instant;
  readonly deadline: Instant;
}
