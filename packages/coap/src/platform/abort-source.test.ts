import { expect, test } from 'vitest';
import { AbortSource } from './abort-source.ts';

test('listeners are called once, when the signal is given, and the reason is kept', () => {
  const source = new AbortSource();
  const calls: string[] = [];
  const removed = (): number => calls.push('removed');
  source.signal.addEventListener('abort', () => calls.push('first'), { once: true });
  source.signal.addEventListener('abort', removed);
  source.signal.removeEventListener('abort', removed);
  expect([source.signal.aborted, source.signal.reason, calls]).toEqual([false, undefined, []]);
  source.abort('why');
  source.abort('again');
  expect([source.signal.aborted, source.signal.reason, calls]).toEqual([true, 'why', ['first']]);
});

test('who listens too late hears nothing', () => {
  const source = new AbortSource();
  source.abort('why');
  source.signal.addEventListener('abort', () => expect.unreachable());
  expect(source.signal.aborted).toBe(true);
});

test('a listener that throws does not keep the others from hearing', () => {
  const source = new AbortSource();
  const calls: string[] = [];
  source.signal.addEventListener('abort', () => {
    throw new Error('mine');
  });
  source.signal.addEventListener('abort', () => calls.push('second'));
  expect(() => source.abort('why')).toThrow('mine');
  expect(calls).toEqual(['second']);
});
