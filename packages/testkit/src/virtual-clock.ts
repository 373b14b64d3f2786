import type { Clock, Instant } from '@motestack/coap';
import { EventQueue } from './event-queue.ts';

/** Wall time at instant 0 unless a test says otherwise: 2026-01-01T00:00:00Z. */
const EPOCH_MS_AT_START = 1_767_225_600_000;

/** So many events in one instant mean that something re-arms itself for a time that has passed. */
export const EVENTS_PER_INSTANT_MAX = 100_000;

// Taken before any test can replace it by a fake timer.
const nextTurn = setImmediate;

/** Time that stands still until it is advanced. */
export class VirtualClock implements Clock {
  readonly #queue = new EventQueue();
  readonly #epochMsAtStart: number;
  #now: Instant = 0;
  #pendingTimers = 0;
  #eventsInThisInstant = 0;

  constructor(epochMsAtStart: number = EPOCH_MS_AT_START) {
    this.#epochMsAtStart = epochMsAtStart;
  }

  now(): Instant {
    return this.#now;
  }

  epochMs(): number {
    return this.#epochMsAtStart + this.#now;
  }

  schedule(at: Instant, run: () => void): () => void {
    if (Number.isNaN(at)) throw new RangeError('a timer needs a time');
    this.#pendingTimers++;
    const event = this.#queue.push(Math.max(at, this.#now), () => {
      this.#pendingTimers--;
      // From here on the cancellation does nothing.
      event.cancelled = true;
      run();
    });
    return () => {
      if (event.cancelled) return;
      event.cancelled = true;
      this.#pendingTimers--;
    };
  }

  /** Timers that were scheduled and neither ran nor were cancelled. */
  get pendingTimers(): number {
    return this.#pendingTimers;
  }

  /** Lets `run` happen at `at` without counting it as a timer: a datagram on its way. */
  deliver(at: Instant, run: () => void): void {
    this.#queue.push(Math.max(at, this.#now), run);
  }

  /** The time of the next event. */
  nextAt(): Instant | undefined {
    return this.#queue.nextAt();
  }

  /**
   * Moves time to the next event and lets it happen.
   *
   * @throws {Error} when time does not move any more: `EVENTS_PER_INSTANT_MAX` events in one instant
   */
  step(): void {
    const event = this.#queue.take();
    if (event === undefined) return;
    if (event.at > this.#now) this.#eventsInThisInstant = 0;
    if (++this.#eventsInThisInstant > EVENTS_PER_INSTANT_MAX)
      throw new Error(`virtual time stands still at ${this.#now} ms: a timer is armed again and again for the past`);
    this.#now = event.at;
    event.run();
  }

  /** Moves time on without an event. */
  advanceTo(at: Instant): void {
    if (at > this.#now) this.#now = at;
  }

  /** Lets every promise settle that needs no more than microtasks. */
  settlePromises(): Promise<void> {
    return new Promise((resolve) => nextTurn(resolve));
  }
}
