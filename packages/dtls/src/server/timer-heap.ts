import type { Instant } from '../effects.ts';

interface Timer<Owner> {
  readonly owner: Owner;
  at: Instant;
}

/** One timer for each owner, the next one first: a binary heap, so that what is not due costs nothing. */
export class TimerHeap<Owner> {
  readonly #timers: Timer<Owner>[] = [];
  readonly #places = new Map<Owner, number>();

  /** When the next one is due. */
  get nextAt(): Instant | undefined {
    return this.#timers[0]?.at;
  }

  /** How many there are. */
  get size(): number {
    return this.#timers.length;
  }

  /** Sets the timer of an owner, or with `undefined` takes it away. */
  set(owner: Owner, at: Instant | undefined): void {
    const place = this.#places.get(owner);
    const known = place === undefined ? undefined : this.#timers[place];
    if (at === undefined) {
      if (place !== undefined) this.#remove(place);
    } else if (known === undefined || place === undefined) {
      this.#timers.push({ owner, at });
      this.#rise(this.#timers.length - 1);
    } else {
      known.at = at;
      this.#sink(this.#rise(place));
    }
  }

  /** Whose timer is due, the one that was due first; it is taken away. */
  takeDue(now: Instant): Owner | undefined {
    const [first] = this.#timers;
    if (first === undefined || first.at > now) return undefined;
    this.#remove(0);
    return first.owner;
  }

  #remove(place: number): void {
    const [removed, last] = [this.#timers[place], this.#timers.pop()];
    if (removed === undefined || last === undefined) return;
    this.#places.delete(removed.owner);
    if (last === removed) return;
    this.#put(last, place);
    this.#sink(this.#rise(place));
  }

  #put(timer: Timer<Owner>, place: number): void {
    this.#timers[place] = timer;
    this.#places.set(timer.owner, place);
  }

  /** @returns where it came to stand */
  #rise(from: number): number {
    const timer = this.#timers[from];
    if (timer === undefined) return from;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#timers[above];
      if (parent === undefined || parent.at <= timer.at) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(timer, place);
    return place;
  }

  #sink(from: number): void {
    const timer = this.#timers[from];
    if (timer === undefined) return;
    let place = from;
    for (;;) {
      const left = this.#timers[2 * place + 1];
      const right = this.#timers[2 * place + 2];
      const isRight = right !== undefined && left !== undefined && right.at < left.at;
      const child = isRight ? right : left;
      if (child === undefined || child.at >= timer.at) break;
      this.#put(child, place);
      place = 2 * place + (isRight ? 2 : 1);
    }
    this.#put(timer, place);
  }
}
