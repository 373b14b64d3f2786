/** Something with a deadline. `heapIndex` belongs to the heap: -1 where the timer is in none. */
export interface Timer {
  /** Monotonic milliseconds. It may be moved later while the timer is in a heap, never earlier. */
  deadline: number;
  /** Where the timer stands in its heap; -1: nowhere. */
  heapIndex: number;
}

/**
 * The timers of one core, ordered by deadline.
 *
 * Re-arming is lazy: a deadline that moves later is only written to its field, and the timer finds its new place when
 * the old one comes up. So `nextAt` may be early, never late.
 */
export class DeadlineHeap<T extends Timer> {
  readonly #timers: T[] = [];
  /** The deadline that each timer had when it was put in its place. */
  readonly #keys: number[] = [];

  /** How many timers wait. */
  get size(): number {
    return this.#timers.length;
  }

  /** The time at which to look again; `undefined`: nothing waits. */
  get nextAt(): number | undefined {
    return this.#keys[0];
  }

  /** Adds a timer, or takes note of its new deadline. */
  arm(timer: T): void {
    const index = timer.heapIndex;
    if (index < 0) {
      this.#place(this.#timers.length, timer, timer.deadline);
      this.#rise(this.#timers.length - 1);
    } else if (timer.deadline < (this.#keys[index] as number)) {
      this.#keys[index] = timer.deadline;
      this.#rise(index);
    }
  }

  /** Takes a timer out; one that is not there is left alone. */
  remove(timer: T): void {
    const index = timer.heapIndex;
    if (index < 0) return;
    timer.heapIndex = -1;
    const last = this.#timers.pop() as T;
    const key = this.#keys.pop() as number;
    if (last === timer) return;
    this.#place(index, last, key);
    this.#rise(index);
    this.#sink(last.heapIndex);
  }

  /**
   * Takes out one timer that is due.
   *
   * @param now timers with this deadline or an earlier one are due
   * @returns `undefined` when none is due
   */
  takeDue(now: number): T | undefined {
    for (;;) {
      const timer = this.#timers[0];
      if (timer === undefined || (this.#keys[0] as number) > now) return undefined;
      this.remove(timer);
      if (timer.deadline <= now) return timer;
      this.arm(timer);
    }
  }

  #place(index: number, timer: T, key: number): void {
    this.#timers[index] = timer;
    this.#keys[index] = key;
    timer.heapIndex = index;
  }

  #rise(start: number): void {
    let index = start;
    const timer = this.#timers[index] as T;
    const key = this.#keys[index] as number;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentKey = this.#keys[parent] as number;
      if (parentKey <= key) break;
      this.#place(index, this.#timers[parent] as T, parentKey);
      index = parent;
    }
    this.#place(index, timer, key);
  }

  #sink(start: number): void {
    let index = start;
    const timer = this.#timers[index] as T;
    const key = this.#keys[index] as number;
    const size = this.#timers.length;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && (this.#keys[child + 1] as number) < (this.#keys[child] as number)) child++;
      const childKey = this.#keys[child] as number;
      if (childKey >= key) break;
      this.#place(index, this.#timers[child] as T, childKey);
      index = child;
    }
    this.#place(index, timer, key);
  }
}
