import { expect, test } from 'vitest';
import { isUsableLocation } from './registration-request.ts';

test.each([
  [['rd', '5a3f'], true],
  [['a'], true],
  [['rd', '', '1'], true],
  [['...', '.rd'], true],
  [[], false],
  [[''], false],
  [['', ''], false],
  [['..'], false],
  [['rd', '.', '1'], false],
  [['rd', '..'], false],
])('the location %j: %s', (segments, usable) => {
  expect(isUsableLocation(segments)).toBe(usable);
});
