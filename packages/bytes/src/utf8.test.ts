import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from './hex.ts';
import { decodeUtf8, decodeUtf8Range, encodeUtf8 } from './utf8.ts';

const valid: [text: string, hex: string][] = [
  ['', ''],
  ['Temp', '54656d70'],
  ['\u0000\u007f', '007f'],
  ['ß', 'c39f'],
  ['€', 'e282ac'],
  ['こ', 'e38193'],
  ['😀', 'f09f9880'],
  ['\ufeffa', 'efbbbf61'],
  ['\ud7ff\ue000\u{10ffff}', 'ed9fbfee8080f48fbfbf'],
];

/** The offset is that of the first byte of the first bad sequence. */
const invalid: [what: string, hex: string, offset: number][] = [
  ['a continuation byte alone', '6180', 1],
  ['an overlong slash', 'c0af', 0],
  ['an overlong form of three bytes', '61e080af', 1],
  ['a surrogate', '6162eda080', 2],
  ['a code point beyond U+10FFFF', 'f4908080', 0],
  ['a byte that UTF-8 never uses', 'c39fff', 2],
  ['a truncated sequence', '61e282', 1],
  ['a sequence broken by ASCII', '616162e28261', 3],
  ['a bad byte behind a long text', `${'61'.repeat(40)}e282ac80`, 43],
];

describe('decodeUtf8', () => {
  test.each(valid)('%j', (text, hex) => {
    expect(decodeUtf8(fromHex(hex))).toBe(text);
    expect(toHex(encodeUtf8(text))).toBe(hex);
  });

  test.each(invalid)('%s is refused', (_what, hex, offset) => {
    expect(() => decodeUtf8(fromHex(hex), 'X §2')).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: 'bad-utf8', offset, section: 'X §2' }),
    );
  });

  test('the section is that of UTF-8 where none is given', () => {
    expect(() => decodeUtf8(Uint8Array.of(0xff))).toThrow(expect.objectContaining({ section: 'RFC 3629 §3' }));
  });
});

describe('decodeUtf8Range', () => {
  test.each(valid)('%j between other bytes', (text, hex) => {
    const bytes = fromHex(`ff80${hex}80ff`);
    expect(decodeUtf8Range(bytes, 2, bytes.length - 2)).toBe(text);
  });

  test.each(invalid)('%s: the offset counts from the start of all bytes', (_what, hex, offset) => {
    const bytes = fromHex(`6161${hex}61`);
    expect(() => decodeUtf8Range(bytes, 2, bytes.length - 1)).toThrow(
      expect.objectContaining({ code: 'bad-utf8', offset: offset + 2 }),
    );
  });

  test.each([3, 4, 5, 23, 24, 25, 26, 100])('ASCII of %i characters', (length) => {
    const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + (index % 94))).join('');
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    expect(decodeUtf8(encodeUtf8(`${text}ß`))).toBe(`${text}ß`);
  });
});

describe('encodeUtf8', () => {
  test('a surrogate without its partner becomes U+FFFD', () => {
    expect(toHex(encodeUtf8('\ud800a'))).toBe('efbfbd61');
  });
});
