import type { Clock } from '@motestack/coap';
import { ExpiryQueue } from '../registration/expiry-queue.ts';

/** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2): how long a client stays awake after its last message (LwM2M Transport 1.1.1 §6.5). */
export const AWAKE_MS = 93_000;

/** Which devices are awake, behind one timer: each stays so for a while after it was heard. */
export class Presence {
  readonly #clock: Clock;
  readonly #onAsleep: (id: string) => void;
  readonly #deadlines = new ExpiryQueue();
  readonly #awake = new Set<string>();
  #cancelWake: (() => void) | undefined;
  #wakeAt: number | undefined;

  /**
   * @param clock time
   * @param onAsleep told when the awake time of a device is over
   */
  constructor(clock: Clock, onAsleep: (id: string) => void) {
    this.#clock = clock;
    this.#onAsleep = onAsleep;
  }

  /** How many are awake. */
  get size(): number {
    return this.#awake.size;
  }

  /** Whether a device is awake. */
  isAwake(id: string): boolean {
    return this.#awake.has(id);
  }

  /**
   * A device was heard.
   *
   * @param awakeMs how long it stays awake from now on
   * @returns whether it slept until now
   */
  heard(id: string, awakeMs: number): boolean {
    const woke = !this.#awake.has(id);
    this.#awake.add(id);
    this.#deadlines.track(id, this.#clock.now() + awakeMs);
    this.#arm();
    return woke;
  }

  /** A device did not answer, so it sleeps. @returns whether it was awake until now */
  unheard(id: string): boolean {
    this.#deadlines.untrack(id);
    this.#arm();
    return this.#awake.delete(id);
  }

  /** Ends the timer. */
  close(): void {
    this.#awake.clear();
    this.#cancelWake?.();
    this.#cancelWake = undefined;
  }

  #arm(): void {
    const { wakeAt } = this.#deadlines;
    if (wakeAt === this.#wakeAt && this.#cancelWake !== undefined) return;
    this.#cancelWake?.();
    this.#wakeAt = wakeAt;
    this.#cancelWake = wakeAt === undefined ? undefined : this.#clock.schedule(wakeAt, () => this.#handleTimeout());
  }

  #handleTimeout(): void {
    this.#cancelWake = undefined;
    const { expired } = this.#deadlines.handleTimeout(this.#clock.now());
    for (const id of expired) if (this.#awake.delete(id)) this.#onAsleep(id);
    this.#arm();
  }
}
