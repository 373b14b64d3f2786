import { encodeUtf8 } from '@motestack/bytes';
import { expect, test } from 'vitest';
import { hasLongInteger } from './parse-json.ts';

test.each([15, 16, 17, 40])('a row of %d digits is found at any place if it may be a long integer', (length) => {
  for (let before = 0; before < 40; before++) {
    const text = `${' '.repeat(before)}${'7'.repeat(length)} 12`;
    expect(hasLongInteger(encodeUtf8(text)), text).toBe(length >= 16);
  }
});

test('the digits of a fraction are not looked for, those behind them are', () => {
  for (let before = 0; before < 40; before++) {
    const fraction = `${' '.repeat(before)}0.${'3'.repeat(17 + before)}`;
    expect(hasLongInteger(encodeUtf8(fraction)), fraction).toBe(false);
    expect(hasLongInteger(encodeUtf8(`${fraction}e1234567890123456`)), fraction).toBe(true);
  }
});
