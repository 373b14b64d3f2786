import type { Clock, Instant } from '@motestack/coap';
import { ExpiryQueue } from './expiry-queue.ts';
import { expiresAtEpochMs, type Registration } from './registration.ts';

/** What the end of lifetimes stands on. */
export interface RegistrationExpiryOptions {
  /** Time. */
  readonly clock: Clock;
  /** How long a registration outlives its lifetime. */
  readonly graceSeconds: number;
  /** Ends the registration with this id, if its time is over. */
  readonly expire: (id: string) => void;
}

/** Deadlines of registrations behind one timer. */
export class RegistrationExpiry {
  readonly #options: RegistrationExpiryOptions;
  readonly #queue = new ExpiryQueue();
  #cancelWake: (() => void) | undefined;
  #wakeAt: Instant | undefined;
  #closed = false;

  /** @param options what it stands on */
  constructor(options: RegistrationExpiryOptions) {
    this.#options = options;
  }

  /** How many registrations have an end that is waited for. */
  get size(): number {
    return this.#queue.size;
  }

  /** When a registration is over, grace included; `undefined`: never. Milliseconds since 1970. */
  endOf(registration: Registration): number | undefined {
    const expiresAt = expiresAtEpochMs(registration);
    return expiresAt === undefined ? undefined : expiresAt + this.#options.graceSeconds * 1000;
  }

  /** Waits for the end of a registration; for another one than before, if it was updated. */
  track(registration: Registration): void {
    const { clock } = this.#options;
    const end = this.endOf(registration);
    if (end === undefined) this.#queue.untrack(registration.id);
    else this.trackUntil(registration.id, clock.now() + (end - clock.epochMs()));
  }

  /** Looks at a registration again at some time. */
  trackUntil(id: string, deadline: Instant): void {
    this.#queue.track(id, deadline);
    this.#arm(this.#queue.wakeAt);
  }

  /** Waits no longer. */
  untrack(id: string): void {
    this.#queue.untrack(id);
  }

  /** Ends the timer. */
  close(): void {
    this.#closed = true;
    this.#cancelWake?.();
    this.#cancelWake = undefined;
  }

  #arm(wakeAt: Instant | undefined): void {
    if (this.#closed || (wakeAt === this.#wakeAt && this.#cancelWake !== undefined)) return;
    this.#cancelWake?.();
    this.#wakeAt = wakeAt;
    this.#cancelWake = wakeAt === undefined ? undefined : this.#options.clock.schedule(wakeAt, () => this.#wake());
  }

  #wake(): void {
    this.#cancelWake = undefined;
    const { expired, wakeAt } = this.#queue.handleTimeout(this.#options.clock.now());
    for (const id of expired) this.#options.expire(id);
    this.#arm(wakeAt);
  }
}
