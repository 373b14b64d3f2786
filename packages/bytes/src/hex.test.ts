import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from './hex.ts';

describe('hex', () => {
  test('white space between pairs is skipped, either case is read', () => {
    expect(fromHex(' 40 01\n7D34ab ')).toEqual(Uint8Array.of(0x40, 0x01, 0x7d, 0x34, 0xab));
    expect(fromHex('')).toEqual(new Uint8Array());
  });

  test.each(['4', '400', 'zz', '4 0', '0x40', '40,01', '4001 7'])('%j is refused', (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });

  test('toHex writes two lower-case digits for each byte', () => {
    expect(toHex(Uint8Array.of(0, 0x0a, 0xff))).toBe('000aff');
  });
});
