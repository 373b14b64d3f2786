import { expect, test } from 'vitest';
import { nodeMac } from './node-mac.ts';

test('a MAC depends on what it is of, and on its key', () => {
  const [first, second] = [nodeMac(), nodeMac()];
  expect(first(Uint8Array.of(1))).toHaveLength(32);
  expect(first(Uint8Array.of(1))).toEqual(first(Uint8Array.of(1)));
  expect(first(Uint8Array.of(1))).not.toEqual(first(Uint8Array.of(2)));
  expect(first(Uint8Array.of(1))).not.toEqual(second(Uint8Array.of(1)));
});
