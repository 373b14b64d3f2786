import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimerHeap } from './timer-heap.ts';

test('what is due comes out once, the earliest first', () => {
  const heap = new TimerHeap<string>();
  heap.set('b', 20);
  heap.set('a', 10);
  heap.set('c', 30);
  expect([heap.nextAt, heap.takeDue(9), heap.takeDue(25), heap.takeDue(25), heap.takeDue(25)]).toEqual([
    10,
    undefined,
    'a',
    'b',
    undefined,
  ]);
  expect([heap.size, heap.nextAt]).toEqual([1, 30]);
});

test('it holds what a list holds that is sorted each time', () => {
  const steps = fc.array(
    fc.tuple(fc.nat(12), fc.oneof(fc.nat(50), fc.constant(undefined), fc.constant('take' as const))),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new TimerHeap<number>();
      const model = new Map<number, number>();
      for (const [owner, at] of all) {
        if (at === 'take') {
          const earliest = Math.min(...model.values());
          const due = heap.takeDue(25);
          if (due === undefined) expect(earliest).toBeGreaterThan(25);
          else expect(model.get(due)).toBe(earliest);
          if (due !== undefined) model.delete(due);
        } else {
          heap.set(owner, at);
          if (at === undefined) model.delete(owner);
          else model.set(owner, at);
        }
        expect(heap.size).toBe(model.size);
        expect(heap.nextAt ?? Number.POSITIVE_INFINITY).toBe(Math.min(...model.values()));
      }
    }),
  );
});
