import { describe, expect, test } from 'vitest';
import { createClock } from '../platform/create-clock.ts';
import { nodeClock } from './node-clock.ts';

/** A machine whose clocks and timers a test moves. */
function machine() {
  let [monotonic, epoch] = [1000, 1_700_000_000_000];
  const timers: { at: number; run: () => void }[] = [];
  const delays: number[] = [];
  const clock = createClock({
    monotonicMs: () => monotonic,
    epochMs: () => epoch,
    startTimer: (delayMs, run) => {
      delays.push(delayMs);
      const timer = { at: monotonic + delayMs, run };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  const pass = (ms: number): void => {
    const end = monotonic + ms;
    for (;;) {
      const due = timers.filter(({ at }) => at <= end).toSorted((left, right) => left.at - right.at)[0];
      if (due === undefined) break;
      epoch += Math.max(0, due.at - monotonic);
      monotonic = Math.max(monotonic, due.at);
      timers.splice(timers.indexOf(due), 1);
      due.run();
    }
    epoch += end - monotonic;
    monotonic = end;
  };
  return { clock, delays, timers, pass, moveWall: (ms: number) => (epoch += ms) };
}

describe('now', () => {
  test('is monotonic time', () => {
    const { clock, pass } = machine();
    const begun = clock.now();
    pass(12_345);
    expect(clock.now() - begun).toBe(12_345);
  });

  test('time for which the machine was suspended counts', () => {
    const { clock, pass, moveWall } = machine();
    const begun = clock.now();
    moveWall(3_600_000);
    pass(1000);
    expect(clock.now() - begun).toBe(3_601_000);
    pass(1000);
    expect(clock.now() - begun).toBe(3_602_000);
  });

  test.each([
    ['set back', -3_600_000],
    ['adjusted a little', 2000],
  ])('wall time that is %s does not', (_name, ms) => {
    const { clock, pass, moveWall } = machine();
    const begun = clock.now();
    moveWall(ms);
    pass(1000);
    expect(clock.now() - begun).toBe(1000);
  });
});

describe('schedule', () => {
  test('calls once, then or later; a wait of months is cut into pieces', () => {
    const { clock, delays, pass } = machine();
    const begun = clock.now();
    const calls: number[] = [];
    const month = 30 * 86_400_000;
    clock.schedule(begun + month, () => calls.push(clock.now() - begun));
    pass(month - 1);
    expect(calls).toEqual([]);
    pass(10_000);
    expect(calls).toEqual([month]);
    expect(Math.max(...delays)).toBeLessThanOrEqual(2 ** 31 - 1);
  });

  test('after a suspension it is not later than a minute', () => {
    const { clock, pass, moveWall } = machine();
    let called = 0;
    clock.schedule(clock.now() + 3_600_000, () => called++);
    moveWall(4_000_000);
    pass(61_000);
    expect(called).toBe(1);
  });

  test('cancelled, also after some pieces, it never calls', () => {
    const { clock, pass, timers } = machine();
    let called = 0;
    const cancel = clock.schedule(clock.now() + 200_000, () => called++);
    pass(100_000);
    cancel();
    cancel();
    pass(1_000_000);
    expect([called, timers.length]).toEqual([0, 0]);
  });
});

test('the clock of the machine: past times come soon but not at once, future ones then', async () => {
  const order: string[] = [];
  const begun = nodeClock.now();
  await new Promise<void>((resolve) => {
    nodeClock.schedule(begun + 20, () => {
      order.push('future');
      resolve();
    });
    nodeClock.schedule(begun - 5, () => order.push('past'));
    nodeClock.schedule(begun, () => order.push('cancelled'))();
    order.push('now');
  });
  expect(order).toEqual(['now', 'past', 'future']);
  expect(nodeClock.now() - begun).toBeGreaterThanOrEqual(20);
  expect(Math.abs(nodeClock.epochMs() - Date.now())).toBeLessThan(1000);
});
