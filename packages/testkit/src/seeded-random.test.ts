import { expect, test } from 'vitest';
import { seededRandom, seededRandomSource } from './seeded-random.ts';

const draws = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

test('equal seeds and streams give equal draws, others do not', () => {
  const first = draws(seededRandom(7, 1), 20);
  expect(draws(seededRandom(7, 1), 20)).toEqual(first);
  expect(draws(seededRandom(7, 2), 20)).not.toEqual(first);
  expect(draws(seededRandom(8, 1), 20)).not.toEqual(first);
  expect(draws(seededRandom(7 + 2 ** 32, 1), 20)).not.toEqual(first);
});

test('draws are spread over [0, 1)', () => {
  const counts = new Array<number>(10).fill(0);
  for (const draw of draws(seededRandom(1), 10_000)) {
    const bucket = Math.floor(draw * 10);
    counts[bucket] = (counts[bucket] ?? Number.NaN) + 1;
  }
  expect(counts).toHaveLength(10);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('a source fills every byte', () => {
  const bytes = new Uint8Array(4096);
  seededRandomSource(seededRandom(3)).fill(bytes);
  expect(new Set(bytes).size).toBe(256);
});
