import { expect, test } from 'vitest';
import { defaultConnectionParameters, resolveConnectionParameters } from './connection-parameters.ts';

test('defaults stand where nothing is said', () => {
  expect(resolveConnectionParameters()).toEqual(defaultConnectionParameters);
  expect(resolveConnectionParameters({ messageBytesMax: 1152 }).messageBytesMax).toBe(1152);
});

test.each([
  { messageBytesMax: 1151 },
  { messageBytesMax: 2 ** 32 },
  { messageBytesMax: 1152.5 },
  { tokenBytesMax: 7 },
  { tokenBytesMax: 65_805 },
  { optionCountMax: 0 },
  { csmTimeoutMs: 0 },
  { pongTimeoutMs: 0 },
  { releaseTimeoutMs: Number.NaN },
  { idleTimeoutMs: -1 },
  { connectQueueMax: -1 },
  { custodyPingsMax: 0.5 },
  { requestsRememberedMax: 0 },
  { workPerStepMax: 0 },
])('%o is refused', (parameters) => {
  expect(() => resolveConnectionParameters(parameters)).toThrow(RangeError);
});
