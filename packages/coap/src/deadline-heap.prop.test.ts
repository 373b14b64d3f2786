import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineHeap, type Timer } from './deadline-heap.ts';

class TestTimer implements Timer {
  heapIndex = -1;
  deadline: number;
  constructor(deadline: number) {
    this.deadline = deadline;
  }
}

const command = fc.record({
  kind: fc.constantFrom('add', 'remove', 'later', 'earlier', 'take'),
  which: fc.nat({ max: 1000 }),
  time: fc.nat({ max: 1000 }),
});

function expectTaken(heap: DeadlineHeap<TestTimer>, timers: Set<TestTimer>, now: number): void {
  const isAnyDue = [...timers].some(({ deadline }) => deadline <= now);
  const due = heap.takeDue(now);
  expect(due !== undefined).toBe(isAnyDue);
  if (due === undefined) return;
  expect(due.deadline).toBeLessThanOrEqual(now);
  expect(timers.delete(due)).toBe(true);
}

/** Later needs no call; earlier does. */
function move(heap: DeadlineHeap<TestTimer>, timer: TestTimer, kind: 'later' | 'earlier', time: number): void {
  timer.deadline = kind === 'later' ? timer.deadline + time : Math.min(timer.deadline, time);
  if (kind === 'earlier') heap.arm(timer);
}

test('gives what is due and nothing else, whatever is added, moved and taken out', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const heap = new DeadlineHeap<TestTimer>();
      const timers = new Set<TestTimer>();
      for (const { kind, which, time } of commands) {
        const chosen = [...timers][which % Math.max(1, timers.size)];
        if (kind === 'add') {
          const timer = new TestTimer(time);
          timers.add(timer);
          heap.arm(timer);
        } else if (kind === 'take') expectTaken(heap, timers, time);
        else if (chosen !== undefined && kind === 'remove') {
          timers.delete(chosen);
          heap.remove(chosen);
          heap.remove(chosen);
        } else if (chosen !== undefined && kind !== 'remove') move(heap, chosen, kind, time);
        expect(heap.size).toBe(timers.size);
        const soonest = Math.min(...[...timers].map(({ deadline }) => deadline));
        if (timers.size === 0) expect(heap.nextAt).toBeUndefined();
        else expect(heap.nextAt).toBeLessThanOrEqual(soonest);
      }
    }),
  );
});

test('gives timers in the order of their deadlines', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 100 }), (deadlines) => {
      const heap = new DeadlineHeap<TestTimer>();
      for (const deadline of deadlines) heap.arm(new TestTimer(deadline));
      const order = deadlines.map(() => {
        const due = heap.nextAt;
        expect(heap.takeDue(due ?? 0)?.deadline).toBe(due);
        return due;
      });
      expect(order).toEqual(deadlines.toSorted((left, right) => left - right));
    }),
  );
});
