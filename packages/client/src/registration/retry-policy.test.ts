import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { defaultRetryPolicy, firstAttempt, resolveRetryPolicy, retryAfter } from './retry-policy.ts';

interface RetryRow {
  readonly id: string;
  readonly parameters: {
    readonly count: number;
    readonly timer: number;
    readonly sequenceDelay: number;
    readonly sequenceCount: number;
  };
  readonly waitsBetweenAttempts: readonly number[];
}

const { retry: rows } = vectors('registration') as { readonly retry: readonly RetryRow[] };

describe('retryAfter', () => {
  test.each(rows)('$id', ({ parameters, waitsBetweenAttempts }) => {
    const policy = {
      count: parameters.count,
      timerSeconds: parameters.timer,
      sequenceDelaySeconds: parameters.sequenceDelay,
      sequenceCount: parameters.sequenceCount,
      jitterFactor: 1,
    };
    let position = firstAttempt;
    const waits: number[] = [];
    for (let attempt = 1; attempt < parameters.count; attempt++) {
      const step = retryAfter(policy, position, 0.5);
      waits.push(step.delayMs / 1_000);
      expect(step.exhausted).toBe(false);
      position = step.next;
    }
    expect(waits).toEqual(waitsBetweenAttempts);
    const last = retryAfter(policy, position, 0.5);
    expect(last.delayMs).toBe(parameters.sequenceDelay * 1_000);
    expect(last.exhausted).toBe(parameters.sequenceCount === 1);
  });

  test('sequences are counted, and the procedure begins anew after the last', () => {
    const policy = { ...defaultRetryPolicy, count: 1, sequenceCount: 2 };
    const second = retryAfter(policy, firstAttempt, 0);
    expect(second).toMatchObject({ next: { attempt: 1, sequence: 2 }, exhausted: false });
    expect(retryAfter(policy, second.next, 0)).toMatchObject({ next: firstAttempt, exhausted: true });
  });

  test('waits are drawn from one to jitterFactor times the rule', () => {
    expect(retryAfter(defaultRetryPolicy, firstAttempt, 0).delayMs).toBe(60_000);
    expect(retryAfter(defaultRetryPolicy, firstAttempt, 0.999).delayMs).toBeCloseTo(74_985, 0);
  });
});

describe('resolveRetryPolicy', () => {
  test('fills in the defaults of object 1', () => {
    expect(resolveRetryPolicy()).toMatchObject({
      count: 5,
      timerSeconds: 60,
      sequenceDelaySeconds: 86_400,
      sequenceCount: 1,
    });
  });

  test.each([
    { count: 0 },
    { count: 1.5 },
    { sequenceCount: 0 },
    { timerSeconds: -1 },
    { sequenceDelaySeconds: Number.NaN },
    { jitterFactor: 0.9 },
  ])('refuses %o', (policy) => {
    expect(() => resolveRetryPolicy(policy)).toThrow(RangeError);
  });

  test.each([
    { count: 1 },
    { sequenceCount: 1 },
    { timerSeconds: 0 },
    { sequenceDelaySeconds: 0 },
    { jitterFactor: 1 },
  ])('takes %o', (policy) => {
    expect(resolveRetryPolicy(policy)).toMatchObject(policy);
  });
});
