import { expect, test } from 'vitest';
import { nodeRandom } from './node-random.ts';

test('no eight bytes come twice, across the ends of the pool', () => {
  const seen = new Set<string>();
  for (let round = 0; round < 5000; round++) {
    const token = new Uint8Array(8);
    nodeRandom.fill(token);
    seen.add(token.join('.'));
  }
  expect(seen.size).toBe(5000);
});

test.each([0, 1, 7, 8192, 8193, 100_000])('all of %i bytes are filled', (length) => {
  const bytes = new Uint8Array(length);
  nodeRandom.fill(bytes);
  // 64 zero bytes in a row by chance: once in 2^512.
  for (let start = 0; start + 64 <= length; start += 64) {
    expect(bytes.subarray(start, start + 64).some((byte) => byte !== 0)).toBe(true);
  }
  if (length >= 64) expect(new Set(bytes).size).toBeGreaterThan(16);
});
