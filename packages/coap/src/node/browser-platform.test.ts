import { expect, test } from 'vitest';
import { browserClock, browserRandom } from '../browser/index.ts';

test('more random bytes than the platform gives at once are all filled', () => {
  const bytes = new Uint8Array(3 * 65_536 + 1);
  browserRandom.fill(bytes);
  // 64 bytes at each end of each part: that all are 0 has a chance of 2^-512.
  for (const start of [0, 65_536, 131_072, 3 * 65_536 - 63]) {
    expect(bytes.subarray(start, start + 64).some((byte) => byte !== 0)).toBe(true);
  }
});

test('the clock tells wall time, runs what is due, and not what is cancelled', async () => {
  expect(Math.abs(browserClock.epochMs() - Date.now())).toBeLessThan(2000);
  const now = browserClock.now();
  const told: string[] = [];
  const cancel = browserClock.schedule(now + 5, () => told.push('cancelled'));
  cancel();
  await new Promise<void>((resolve) => {
    browserClock.schedule(now + 20, resolve);
    browserClock.schedule(now, () => told.push('due'));
  });
  expect(told).toEqual(['due']);
  expect(browserClock.now()).toBeGreaterThanOrEqual(now + 20);
});
