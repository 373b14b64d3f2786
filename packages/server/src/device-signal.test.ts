import { expect, test } from 'vitest';
import { DeviceSignal } from './device-signal.ts';

test('DeviceSignal is given once, to those who listen then', () => {
  const signal = new DeviceSignal();
  const heard: string[] = [];
  const gone = (): void => void heard.push('gone');
  const failures: unknown[] = [];
  const give = (reason: string): void => signal.give(reason, (error) => failures.push(error));
  expect(signal).toMatchObject({ aborted: false, reason: undefined });
  signal.addEventListener('abort', gone);
  signal.addEventListener('abort', () => {
    heard.push(`first ${signal.aborted} ${signal.reason}`);
    signal.addEventListener('abort', () => void heard.push('late'));
    throw new Error('first');
  });
  signal.addEventListener('abort', () => void heard.push('second'));
  signal.removeEventListener('abort', gone);
  give('expired');
  give('replaced');
  expect(heard).toEqual(['first true expired', 'second']);
  expect(failures).toEqual([new Error('first')]);
  expect(signal).toMatchObject({ aborted: true, reason: 'expired' });
});
