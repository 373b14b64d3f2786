import { performance } from 'node:perf_hooks';
import type { Clock } from '../platform/clock.ts';
import { createClock } from '../platform/create-clock.ts';

/** The machine's time. */
export const nodeClock: Clock = createClock({
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  startTimer: (delayMs, run) => {
    if (delayMs <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    // Rounded up: a timer that fires early would only be armed again.
    const timer = setTimeout(run, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
});
