/**
 * Items between a producer that never waits and one consumer that may be slow: bounded, the oldest is dropped and counted.
 */
export class SampleBuffer<Item> {
  readonly #max: number;
  readonly #items: Item[] = [];
  #dropped = 0;
  #end: { readonly error: unknown } | undefined;
  #waiting: { resolve(result: IteratorResult<Item, undefined>): void; reject(error: unknown): void } | undefined;

  /** @param max how many items may wait */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many items were dropped since the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many items wait. */
  get length(): number {
    return this.#items.length;
  }

  /** Adds an item; after the end it is ignored. */
  push(item: Item): void {
    if (this.#end !== undefined) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: item });
      return;
    }
    if (this.#items.length >= this.#max) {
      this.#items.shift();
      this.#dropped += 1;
    }
    this.#items.push(item);
  }

  /**
   * Ends the row: what waits is still given, then the consumer is told. The first end counts.
   *
   * @param error what the consumer is to throw; without one its loop just ends
   */
  end(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
    this.#end = { error: undefined };
  }

  /** Drops what waits. */
  clear(): void {
    this.#items.length = 0;
  }

  /** The next item, when there is one. One call at a time. */
  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#end !== undefined) {
      const { error } = this.#end;
      this.#end = { error: undefined };
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
    }
    if (this.#waiting !== undefined) return Promise.reject(new TypeError('next was called while a call of next waits'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
