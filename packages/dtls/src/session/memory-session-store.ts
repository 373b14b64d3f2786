import { copyOf } from '../copy-of.ts';
import type { Instant } from '../effects.ts';
import type { SessionStore } from './session-store.ts';

/** Milliseconds of a clock that only goes forward. */
export interface SessionClock {
  /** The time now. */
  now(): Instant;
}

interface Kept {
  readonly session: Uint8Array;
  readonly endsAt: Instant;
}

/** How many sessions a store in memory keeps, where nothing else is said. */
const SESSIONS_MAX = 10_000;

/** Keeps sessions in memory, at most `sessionsMax`: the oldest makes room, and is zeroed. */
export class MemorySessionStore implements SessionStore {
  readonly #clock: SessionClock;
  readonly #sessionsMax: number;
  /** The oldest comes first. */
  readonly #kept = new Map<string, Kept>();

  /**
   * @param sessionsMax default 10,000
   * @throws {RangeError} no positive integer
   */
  constructor(clock: SessionClock, sessionsMax: number = SESSIONS_MAX) {
    if (!(Number.isSafeInteger(sessionsMax) && sessionsMax > 0))
      throw new RangeError(`sessionsMax is not a positive integer: ${sessionsMax}`);
    this.#clock = clock;
    this.#sessionsMax = sessionsMax;
  }

  /** How many sessions there are, those that nobody asked for since they ended included. */
  get size(): number {
    return this.#kept.size;
  }

  find(key: string): Uint8Array | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (kept.endsAt > this.#clock.now()) return copyOf(kept.session);
    this.forget(key);
    return undefined;
  }

  keep(key: string, session: Uint8Array, lifetimeMs: number): void {
    this.forget(key);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= this.#sessionsMax) this.forget(oldest);
    this.#kept.set(key, { session, endsAt: this.#clock.now() + lifetimeMs });
  }

  forget(key: string): void {
    this.#kept.get(key)?.session.fill(0);
    this.#kept.delete(key);
  }
}
