import type { Instant } from '@motestack/coap';

/** One thing that is to happen at a virtual time. */
export interface QueuedEvent {
  readonly at: Instant;
  /** Order of scheduling: equal times happen in this order. */
  readonly sequence: number;
  /** Does it. */
  readonly run: () => void;
  /** Set by whoever called it off; such an event is passed over. */
  cancelled: boolean;
}

/** Events by time, then by the order in which they were scheduled. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = [];
  #sequence = 0;

  /** Adds an event. */
  push(at: Instant, run: () => void): QueuedEvent {
    const event = { at, sequence: this.#sequence++, run, cancelled: false };
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >>> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
    return event;
  }

  /** The time of the next event that was not cancelled. */
  nextAt(): Instant | undefined {
    while (this.#heap[0]?.cancelled) this.#removeFirst();
    return this.#heap[0]?.at;
  }

  /** Takes the next event that was not cancelled. */
  take(): QueuedEvent | undefined {
    return this.nextAt() === undefined ? undefined : this.#removeFirst();
  }

  #removeFirst(): QueuedEvent | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const child = this.#earlierChild(index);
      const event = heap[child];
      if (event === undefined || !isBefore(event, last)) break;
      heap[index] = event;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  #earlierChild(index: number): number {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
