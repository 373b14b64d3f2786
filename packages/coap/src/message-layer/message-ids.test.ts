import { expect, test } from 'vitest';
import { MessageIds } from './message-ids.ts';
import { zeros } from './message-layer.fixture.ts';

const LIFETIME_MS = 247_000;

test('IDs begin where chance says, count up and wrap', () => {
  const ids = new MessageIds({ fill: (bytes) => bytes.fill(0xff) });
  expect([0, 1, 2].map((now) => ids.take(now, LIFETIME_MS))).toEqual([0xffff, 0, 1]);
});

test('all 65536 can be taken at once, the next only after EXCHANGE_LIFETIME', () => {
  const ids = new MessageIds(zeros);
  const taken = new Set<number | undefined>();
  for (let count = 0; count < 65_536; count++) taken.add(ids.take(1000, LIFETIME_MS));
  expect(taken.size).toBe(65_536);
  expect(taken.has(undefined)).toBe(false);
  expect(ids.take(1000, LIFETIME_MS)).toBeUndefined();
  expect(ids.freeAt(1000, LIFETIME_MS)).toBe(248_000);
  expect(ids.take(247_999, LIFETIME_MS)).toBeUndefined();
  expect(ids.take(248_000, LIFETIME_MS)).toBe(0);
});

test.each([0, 1, 4095, 4096, 30_000])('no ID comes again within EXCHANGE_LIFETIME, from %i', (start) => {
  const ids = new MessageIds({ fill: (bytes) => bytes.set([start >>> 8, start & 0xff]) });
  const takenAt = new Map<number, number>();
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let now = 0; now < 600_000; now += 4) {
    const id = ids.take(now, LIFETIME_MS);
    if (id === undefined) continue;
    shortestMs = Math.min(shortestMs, now - (takenAt.get(id) ?? Number.NEGATIVE_INFINITY));
    takenAt.set(id, now);
  }
  expect(shortestMs).toBeGreaterThanOrEqual(LIFETIME_MS);
  expect(takenAt.size).toBe(65_536);
});
