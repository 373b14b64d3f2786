import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.ts';

test('events come by time, then by order of scheduling, without the cancelled ones', () => {
  const entry = fc.record({ at: fc.integer({ min: 0, max: 20 }), isCancelled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
      const queue = new EventQueue();
      const events = entries.map(({ at }) => queue.push(at, () => undefined));
      for (const [index, event] of events.entries()) event.cancelled = entries[index]?.isCancelled === true;
      const expected = events.filter(({ cancelled }) => !cancelled).toSorted((a, b) => a.at - b.at);
      const taken = expected.map(() => ({ at: queue.nextAt(), event: queue.take() }));
      expect(taken).toEqual(expected.map((event) => ({ at: event.at, event })));
      expect(queue.take()).toBeUndefined();
      expect(queue.nextAt()).toBeUndefined();
    }),
  );
});
