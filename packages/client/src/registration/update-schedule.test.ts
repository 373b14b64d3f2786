import { expect, test } from 'vitest';
import { updateDelayMs } from './update-schedule.ts';

test.each([
  [86_400, 86_307_000],
  [187, 94_000],
  [186, 93_000],
  [185, 92_500],
  [60, 30_000],
  [1, 500],
])('a lifetime of %d s is renewed after %d ms', (lifetimeSeconds, delayMs) => {
  expect(updateDelayMs(lifetimeSeconds)).toBe(delayMs);
});

test('a lifetime of 0 never ends', () => {
  expect(updateDelayMs(0)).toBeUndefined();
});
