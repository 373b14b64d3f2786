import { fromHex, toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUint, encodeUint } from './uint.ts';

describe('uint', () => {
  test.each([
    [0, ''],
    [1, '01'],
    [255, 'ff'],
    [256, '0100'],
    [11542, '2d16'],
    [0xffffffff, 'ffffffff'],
    [2 ** 32, '0100000000'],
    [Number.MAX_SAFE_INTEGER, '1fffffffffffff'],
  ])('%i is %j', (number, hex) => {
    expect(decodeUint(fromHex(hex))).toBe(number);
    expect(toHex(encodeUint(number))).toBe(hex);
  });

  test('leading zero bytes are accepted', () => {
    expect(decodeUint(fromHex('000028'))).toBe(40);
    expect(decodeUint(fromHex('0000000000000000000000ff'))).toBe(255);
  });

  test.each(['20000000000000', 'ffffffffffffffff', 'ff'.repeat(200)])('%s is refused', (hex) => {
    expect(() => decodeUint(fromHex(hex))).toThrow(expect.objectContaining({ code: 'too-long' }));
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('%d cannot be written', (number) => {
    expect(() => encodeUint(number)).toThrow(RangeError);
  });

  test('numbers survive', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        expect(decodeUint(encodeUint(number))).toBe(number);
        expect(encodeUint(number)[0]).not.toBe(0);
      }),
    );
  });
});
