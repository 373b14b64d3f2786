import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpiryQueue } from './expiry-queue.ts';

describe('ExpiryQueue', () => {
  test('does what a list would do, whatever is asked of it', () => {
    const step = fc.record({
      act: fc.constantFrom('track', 'untrack', 'time'),
      key: fc.integer({ min: 0, max: 12 }).map(String),
      ms: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new ExpiryQueue();
        const list = new Map<string, number>();
        let now = 0;
        for (const { act, key, ms } of steps) {
          if (act === 'track') {
            queue.track(key, now + ms);
            list.set(key, now + ms);
          } else if (act === 'untrack') {
            queue.untrack(key);
            list.delete(key);
          } else {
            now += ms;
            const due = [...list].filter(([, deadline]) => deadline <= now).map(([name]) => name);
            expect(new Set(queue.handleTimeout(now).expired)).toEqual(new Set(due));
            for (const name of due) list.delete(name);
          }
          expect(queue.size).toBe(list.size);
          const earliest = Math.min(...list.values());
          // It may come too early, never too late.
          expect(queue.wakeAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(earliest);
          expect(queue.wakeAt === undefined).toBe(list.size === 0);
        }
      }),
    );
  });
});
