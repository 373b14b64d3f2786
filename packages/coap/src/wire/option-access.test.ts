import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from './decode-message.ts';
import type { Message } from './message.ts';
import {
  encodeEmptyOption,
  encodeStringOption,
  encodeUintOption,
  hasOption,
  opaqueOption,
  opaqueOptions,
  stringOption,
  stringOptions,
  uintOption,
} from './option-access.ts';
import { OptionNumber } from './option-number.ts';

// If-None-Match, Uri-Path "a" "ß", Content-Format 40, Uri-Query "b=U" "c", Accept 0, Size1 300, Echo ff
const decoded = decodeMessage(fromHex('40010001 50 6161 02c39f 1128 33623d55 0163 20 d21e012c d1b3ff'));
const { type, code, messageId, token, options, payload } = decoded;
const plain: Message = { type, code, messageId, token, options, payload };

describe.each([
  ['a decoded message', decoded],
  ['any other message', plain],
])('options of %s', (_what, message) => {
  test('hasOption', () => {
    const there = [5, 11, 12, 15, 17, 60, 252];
    const numbers = Array.from({ length: 300 }, (_, number) => number);
    expect(numbers.filter((number) => hasOption(message, number))).toEqual(there);
  });

  test('opaqueOption gives the first, opaqueOptions all', () => {
    expect(opaqueOption(message, OptionNumber.UriPath)).toEqual(Uint8Array.of(0x61));
    expect(opaqueOption(message, OptionNumber.IfNoneMatch)).toEqual(new Uint8Array());
    expect(opaqueOption(message, OptionNumber.Echo)).toEqual(Uint8Array.of(0xff));
    expect(opaqueOption(message, OptionNumber.ETag)).toBeUndefined();
    expect(opaqueOptions(message, OptionNumber.UriPath)).toEqual([Uint8Array.of(0x61), Uint8Array.of(0xc3, 0x9f)]);
    expect(opaqueOptions(message, OptionNumber.ETag)).toEqual([]);
  });

  test('uintOption', () => {
    const numbers = [OptionNumber.ContentFormat, OptionNumber.Accept, OptionNumber.Size1, OptionNumber.Size2];
    expect(numbers.map((number) => uintOption(message, number))).toEqual([40, 0, 300, undefined]);
  });

  test('stringOption gives the first, stringOptions all', () => {
    expect(stringOption(message, OptionNumber.UriQuery)).toBe('b=U');
    expect(stringOption(message, OptionNumber.IfNoneMatch)).toBe('');
    expect(stringOption(message, OptionNumber.UriHost)).toBeUndefined();
    expect(stringOptions(message, OptionNumber.UriPath)).toEqual(['a', 'ß']);
    expect(stringOptions(message, OptionNumber.UriQuery)).toEqual(['b=U', 'c']);
    expect(stringOptions(message, OptionNumber.LocationPath)).toEqual([]);
    expect(stringOptions(message, OptionNumber.UriHost)).toEqual([]);
  });

  test('text that is not UTF-8 is refused', () => {
    expect(() => stringOption(message, OptionNumber.Echo)).toThrow(expect.objectContaining({ code: 'bad-utf8' }));
    expect(() => stringOptions(message, OptionNumber.Echo)).toThrow(expect.objectContaining({ code: 'bad-utf8' }));
  });
});

describe('making options', () => {
  test('is the inverse of reading them', () => {
    const made = [
      encodeUintOption(OptionNumber.ContentFormat, 11542),
      encodeStringOption(OptionNumber.UriPath, 'ß'),
      encodeEmptyOption(OptionNumber.IfNoneMatch),
    ];
    expect(uintOption({ options: made }, OptionNumber.ContentFormat)).toBe(11542);
    expect(stringOption({ options: made }, OptionNumber.UriPath)).toBe('ß');
    expect(opaqueOption({ options: made }, OptionNumber.IfNoneMatch)).toEqual(new Uint8Array());
  });
});
