import { describe, expect, test } from 'vitest';
import { EXPIRED_PER_STEP_MAX, ExpiryQueue } from './expiry-queue.ts';

describe('ExpiryQueue', () => {
  test('tells what is due, once, and when to come back', () => {
    const queue = new ExpiryQueue();
    queue.track('late', 300);
    queue.track('soon', 100);
    expect(queue.wakeAt).toBe(100);
    expect(queue.handleTimeout(99)).toEqual({ expired: [], wakeAt: 100 });
    expect(queue.handleTimeout(100)).toEqual({ expired: ['soon'], wakeAt: 300 });
    expect(queue.handleTimeout(100)).toEqual({ expired: [], wakeAt: 300 });
    expect(queue.handleTimeout(1_000)).toEqual({ expired: ['late'], wakeAt: undefined });
    expect(queue.size).toBe(0);
  });

  test('a deadline moved to later leaves the entry where it is until it comes up', () => {
    const queue = new ExpiryQueue();
    queue.track('a', 100);
    queue.track('a', 500);
    expect(queue.wakeAt).toBe(100);
    expect(queue.handleTimeout(100)).toEqual({ expired: [], wakeAt: 500 });
    expect(queue.size).toBe(1);
  });

  test('a deadline moved to earlier counts at once', () => {
    const queue = new ExpiryQueue();
    queue.track('a', 500);
    queue.track('b', 400);
    queue.track('a', 50);
    expect(queue.wakeAt).toBe(50);
    expect(queue.handleTimeout(50).expired).toEqual(['a']);
  });

  test('tells no more than its bound in one step, and comes back at once for the rest', () => {
    const queue = new ExpiryQueue();
    for (let key = 0; key <= EXPIRED_PER_STEP_MAX; key++) queue.track(`${key}`, 10);
    const first = queue.handleTimeout(10);
    expect(first.expired).toHaveLength(EXPIRED_PER_STEP_MAX);
    expect(first.wakeAt).toBe(10);
    expect(queue.handleTimeout(10)).toEqual({ expired: [expect.any(String)], wakeAt: undefined });
  });
});
