import type { Clock } from '../platform/clock.ts';

/** Somebody who has notifications to send, a few at a time. */
export interface Notifying {
  /**
   * Sends up to `count` notifications.
   *
   * @returns how many were sent, and whether there are more for now
   */
  notifySome(count: number): { readonly sent: number; readonly hasMore: boolean };
}

/** So many are sent before the time is looked at. */
const BATCH = 16;
/** One turn of the loop ends after so many notifications, or so long. */
const PER_TURN_MAX = 256;
const TURN_MS = 5;

/**
 * Spreads notifications over turns of the event loop, so that Acknowledgements are read in between: a peer that waits for
 * nobody but us would be sent its notification again.
 *
 * @see RFC 7641 §4.5.1
 */
export class NotificationPacer {
  readonly #clock: Clock;
  readonly #waiting = new Set<Notifying>();
  #isScheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets `notifying` send in the turns to come; once is enough. */
  add(notifying: Notifying): void {
    this.#waiting.add(notifying);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.schedule(this.#clock.now(), () => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const endAt = this.#clock.now() + TURN_MS;
    let sum = 0;
    // Whoever has more goes to the end of the set, and comes again in the same loop.
    for (const notifying of this.#waiting) {
      this.#waiting.delete(notifying);
      const { sent, hasMore } = notifying.notifySome(BATCH);
      if (hasMore) this.#waiting.add(notifying);
      sum += sent;
      if (sum >= PER_TURN_MAX || this.#clock.now() >= endAt) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
