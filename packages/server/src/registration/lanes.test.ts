import { describe, expect, test } from 'vitest';
import { Lanes } from './lanes.ts';

/** A promise and what settles it. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('Lanes', () => {
  test('runs the tasks of one key one after the other, and those of another key beside them', async () => {
    const lanes = new Lanes(8);
    const first = deferred();
    const order: string[] = [];
    const a1 = lanes.run('a', async () => {
      await first.promise;
      order.push('a1');
    });
    const a2 = lanes.run('a', async () => {
      order.push('a2');
    });
    await lanes.run('b', async () => {
      order.push('b');
    });
    first.resolve();
    await Promise.all([a1, a2]);
    expect(order).toEqual(['b', 'a1', 'a2']);
  });

  test('a task that fails is told to its own caller alone', async () => {
    const lanes = new Lanes(8);
    const failed = lanes.run('a', () => Promise.reject(new Error('no')));
    const next = lanes.run('a', () => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  test('lets as many wait as it says, and not one more', async () => {
    const lanes = new Lanes(2);
    const gate = deferred();
    const tasks = [1, 2, 3].map(() => lanes.run('a', () => gate.promise) ?? Promise.reject(new Error('refused')));
    expect(lanes.run('a', () => Promise.resolve())).toBeUndefined();
    expect(lanes.tasks).toBe(3);
    gate.resolve();
    await Promise.all(tasks);
  });

  test('keeps nothing of a key that is done', async () => {
    const lanes = new Lanes(2);
    await lanes.run('a', () => Promise.resolve());
    await Promise.resolve();
    expect(lanes.size).toBe(0);
    expect(lanes.tasks).toBe(0);
  });
});
