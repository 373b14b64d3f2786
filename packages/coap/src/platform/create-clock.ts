import type { Instant } from '../effects.ts';
import type { Clock } from './clock.ts';

/** What a clock is made of; a test has its own. */
export interface ClockParts {
  /** Milliseconds that may stand still while the machine is suspended. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970. */
  readonly epochMs: () => number;
  /** Calls `run` after `delayMs`; returns the cancellation. */
  readonly startTimer: (delayMs: number, run: () => void) => () => void;
}

/** How often the two clocks are compared, at most. */
const COMPARE_EVERY_MS = 1000;
/** A gap so small is the machine being slow, or wall time being adjusted. */
const GAP_MS_MIN = 2000;
/**
 * The longest wait in one piece, far below the 2^31 − 1 ms beyond which `setTimeout` fires at once: a timer does not
 * count the time for which the machine is suspended, so the clock is looked at now and then.
 */
const WAIT_MS_MAX = 60_000;

/**
 * Makes a clock that goes on while the machine is suspended: where wall time has gone ahead of monotonic time, the gap
 * counts as elapsed. (So does wall time that is set forward by more than two seconds; set back, it is ignored.)
 */
export function createClock(parts: ClockParts): Clock {
  let suspendedMs = 0;
  let comparedAt = parts.monotonicMs();
  let epochAtComparison = parts.epochMs();

  const now = (): Instant => {
    const monotonic = parts.monotonicMs();
    if (monotonic - comparedAt >= COMPARE_EVERY_MS) {
      const epoch = parts.epochMs();
      const gap = epoch - epochAtComparison - (monotonic - comparedAt);
      if (gap > GAP_MS_MIN) suspendedMs += gap;
      comparedAt = monotonic;
      epochAtComparison = epoch;
    }
    return monotonic + suspendedMs;
  };

  const schedule = (at: Instant, run: () => void): (() => void) => {
    let cancel: () => void;
    const wait = (): void => {
      cancel = parts.startTimer(Math.min(at - now(), WAIT_MS_MAX), fire);
    };
    // The system's timers may be a little early.
    const fire = (): void => (now() < at ? wait() : run());
    wait();
    return () => cancel();
  };

  return { now, schedule, epochMs: parts.epochMs };
}
