import type { Clock } from '../transport.ts';

/** The longest wait in one piece: `setTimeout` fires at once beyond 2^31 − 1 ms. */
const WAIT_MS_MAX = 60_000;

/** The machine's monotonic time. */
export const nodeClock: Clock = {
  now: () => performance.now(),
  schedule(at, run) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      timer = setTimeout(fire, Math.min(Math.max(at - performance.now(), 0), WAIT_MS_MAX));
    };
    // The system's timers may be a little early.
    const fire = (): void => (performance.now() < at ? wait() : run());
    wait();
    return () => clearTimeout(timer);
  },
};
