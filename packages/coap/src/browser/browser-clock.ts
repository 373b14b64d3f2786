import type { Clock } from '../platform/clock.ts';
import { createClock } from '../platform/create-clock.ts';
import { platform } from './platform.ts';

const monotonicMs = (): number => platform.performance.now();

/** The time of the platform, by `performance` and `setTimeout`. */
export const browserClock: Clock = /* @__PURE__ */ createClock({
  monotonicMs,
  epochMs: () => platform.performance.timeOrigin + monotonicMs(),
  startTimer: (delayMs, run) => {
    // Rounded up: a timer that fires early would only be armed again.
    const timer = platform.setTimeout(run, Math.max(0, Math.ceil(delayMs)));
    return () => platform.clearTimeout(timer);
  },
});
