/** What becomes of items that wait when one more comes. */
export type SlowReaderPolicy = 'keep-up-to' | 'keep-newest' | 'fail';

/** How a {@link SampleBuffer} keeps what waits. */
export interface SampleBufferOptions {
  /** How many items may wait. */
  readonly max: number;
  /**
   * `keep-up-to`: one more makes the oldest give way; `keep-newest`: every item but those of a history takes the place of what
   * waits; `fail`: one more ends the row with `overflow`'s error. Default `keep-up-to`.
   */
  readonly policy?: SlowReaderPolicy | undefined;
  /** For `fail`: makes the error. */
  readonly overflow?: (() => unknown) | undefined;
}

/** Items between a producer that never waits and one consumer that may be slow: bounded, and what is dropped is counted. */
export class SampleBuffer<Item> {
  readonly #options: SampleBufferOptions;
  #items: { readonly item: Item; readonly isHistory: boolean }[] = [];
  #dropped = 0;
  #end: { readonly error: unknown } | undefined;
  #waiting: { resolve(result: IteratorResult<Item, undefined>): void; reject(error: unknown): void } | undefined;

  /** @param options how much it holds */
  constructor(options: SampleBufferOptions) {
    this.#options = options;
  }

  /** How many items were dropped since the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many items wait. */
  get length(): number {
    return this.#items.length;
  }

  /**
   * Adds an item; after the end it is ignored.
   *
   * @param isHistory whether it is one of several records of the past, of which none stands for another
   * @returns `false`: there is no room and the policy is `fail`; the row has ended
   */
  push(item: Item, isHistory = false): boolean {
    if (this.#end !== undefined) return true;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: item });
      return true;
    }
    const { max, policy, overflow } = this.#options;
    if (policy === 'keep-newest' && !isHistory) this.#dropWhere((waits) => !waits.isHistory);
    if (this.#items.length >= max) {
      if (policy === 'fail') {
        this.end(overflow?.());
        return false;
      }
      this.#items.shift();
      this.#dropped += 1;
    }
    this.#items.push({ item, isHistory });
    return true;
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
    const first = this.#items.shift();
    if (first !== undefined) return Promise.resolve({ done: false, value: first.item });
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

  #dropWhere(isDropped: (waits: { readonly isHistory: boolean }) => boolean): void {
    const kept = this.#items.filter((waits) => !isDropped(waits));
    this.#dropped += this.#items.length - kept.length;
    this.#items = kept;
  }
}
