import { expect, test } from 'vitest';
import { Burst } from './burst.ts';

const INIT = { blockCount: 25, maxPayloads: 10, nonTimeoutMs: 2000, delayMs: 2500 };
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

function started(): Burst {
  const burst = new Burst(INIT, 0);
  burst.addAll();
  expect(burst.take(0)).toEqual(range(0, 10));
  return burst;
}

test('NON_TIMEOUT_RANDOM lies between two sets (RFC 9177 §7.2)', () => {
  const burst = started();
  expect(burst.nextAt).toBe(2500);
  expect(burst.take(2499)).toEqual([]);
  expect(burst.take(2500)).toEqual(range(10, 20));
  expect(burst.take(5000)).toEqual(range(20, 25));
  expect(burst.nextAt).toBeUndefined();
});

test('a Continue lets the next set go at once, one for an earlier set does not', () => {
  const burst = started();
  burst.continueFrom(10, 100);
  expect(burst.take(100)).toEqual(range(10, 20));
  burst.continueFrom(10, 200);
  expect(burst.take(200)).toEqual([]);
});

test('missing blocks go before the rest, which waits again', () => {
  const burst = started();
  expect(burst.take(2500)).toEqual(range(10, 20));
  expect(burst.addMissing([1, 9, 99], 2600)).toBe(true);
  expect(burst.take(2600)).toEqual([1, 9]);
  expect(burst.nextAt).toBe(5100);
  expect(burst.take(5100)).toEqual(range(20, 25));
});

test('a block does not go twice within NON_TIMEOUT', () => {
  const burst = started();
  expect(burst.addMissing([1], 1999)).toBe(false);
  expect(burst.addMissing([1], 2000)).toBe(true);
});
