import { fromHex } from '@motestack/bytes';
import { expect, test } from 'vitest';
import { decodeCbor, encodeCbor } from './index.ts';

test('keys that are kept from one map to the next are never taken for each other', () => {
  // Of one length, with the same first and last byte.
  const keys = ['level-a-x', 'level-b-x', 'level-c-x', 'x', 'y', 'é', 'tempé', ''];
  for (let round = 0; round < 3; round++) {
    for (const key of keys) expect(decodeCbor(encodeCbor(new Map([[key, round]])))).toEqual(new Map([[key, round]]));
  }
});

test('bytes that are a kept key in another alphabet are no text still', () => {
  expect(decodeCbor(fromHex('a162c3a900'))).toEqual(new Map([['é', 0]]));
  for (const hex of ['a161e900', 'a162c3c300', 'a162c3']) {
    expect(() => decodeCbor(fromHex(hex))).toThrow(expect.objectContaining({ name: 'DecodeError' }));
  }
});

test.each([0, 1, 255, 256, 257, 1000])('an array of %d items has these and no holes', (count) => {
  const items = Array.from({ length: count }, (_, index) => index);
  expect(Object.keys(decodeCbor(encodeCbor(items)) as object)).toHaveLength(count);
  expect(decodeCbor(encodeCbor(items))).toEqual(items);
});
