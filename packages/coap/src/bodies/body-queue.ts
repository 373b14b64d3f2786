/** What a queue tells its endpoint. */
export interface BodyQueueInit {
  /** So many bytes wait for their reader before no more are asked for. */
  readonly bufferMax: number;
  /** A chunk was taken: the next may come. */
  readonly onDemand: () => void;
  /** The reader wants no more. */
  readonly onCancel: () => void;
}

/**
 * A body that comes chunk by chunk and is read by `for await`, once. It holds little: the peer is asked for more as its
 * reader goes on.
 */
export class BodyQueue implements AsyncIterable<Uint8Array> {
  readonly #init: BodyQueueInit;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Whether the chunk that came last is not taken yet. */
  #owesDemand = false;
  #state: 'open' | 'ended' | 'cancelled' = 'open';
  #error: unknown;
  #isRead = false;
  /** The reader, where it waits. */
  #waiting: { resolve(result: IteratorResult<Uint8Array, void>): void; reject(error: unknown): void } | undefined;

  constructor(init: BodyQueueInit) {
    this.#init = init;
  }

  /** Takes a chunk. */
  push(chunk: Uint8Array, isLast: boolean): void {
    if (this.#state === 'open' && chunk.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting !== undefined) waiting.resolve({ done: false, value: chunk });
      else {
        this.#chunks.push(chunk);
        this.#bytes += chunk.length;
      }
    }
    if (isLast) this.#end();
    else if (this.#bytes < this.#init.bufferMax) this.#init.onDemand();
    else this.#owesDemand = true;
  }

  /** The rest does not come: the reader gets what is here, and then the error. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    this.#error = undefined;
    waiting.reject(error);
  }

  /** Nobody reads any more: what still comes is dropped, and more is asked for, so that the peer gets its answer. */
  cancel(): void {
    if (this.#state !== 'open') return;
    this.#state = 'cancelled';
    this.#chunks = [];
    this.#bytes = 0;
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
    this.#demand();
  }

  /** @throws {TypeError} it was read already */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void, undefined> {
    if (this.#isRead) throw new TypeError('a body can be read once');
    this.#isRead = true;
    return { next: () => this.#next(), return: () => this.#return() };
  }

  #next(): Promise<IteratorResult<Uint8Array, void>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.length;
      if (this.#bytes < this.#init.bufferMax) this.#demand();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#state !== 'open') return Promise.resolve({ done: true, value: undefined });
    if (this.#waiting !== undefined) return Promise.reject(new TypeError('a body is read chunk after chunk'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #return(): Promise<IteratorResult<Uint8Array, void>> {
    const wasOpen = this.#state === 'open';
    this.#chunks = [];
    this.#bytes = 0;
    this.#error = undefined;
    if (wasOpen) {
      this.#init.onCancel();
      this.cancel();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  #end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  #demand(): void {
    if (!this.#owesDemand) return;
    this.#owesDemand = false;
    this.#init.onDemand();
  }
}
