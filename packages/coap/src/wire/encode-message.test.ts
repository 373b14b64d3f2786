import { toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { encodeMessage, encodeMessageInto } from './encode-message.ts';
import type { Message } from './message.ts';

const empty = new Uint8Array();
const get: Message = { type: 0, code: 1, messageId: 1, token: empty, options: [], payload: empty };

describe('encodeMessage', () => {
  test('options are sorted, equal numbers keep their order, and the caller’s array is left alone', () => {
    const options = [
      { number: 15, value: Uint8Array.of(1) },
      { number: 11, value: Uint8Array.of(2) },
      { number: 15, value: Uint8Array.of(3) },
      { number: 11, value: Uint8Array.of(4) },
    ];
    const copy = [...options];
    expect(toHex(encodeMessage({ ...get, options }))).toBe('40010001b102010441010103');
    expect(options).toEqual(copy);
  });

  test.each<[string, Partial<Message>]>([
    ['a token of nine bytes', { token: new Uint8Array(9) }],
    ['a code of two bytes', { code: 256 }],
    ['a negative code', { code: -1 }],
    ['a fraction for a code', { code: 1.5 }],
    ['a message ID of three bytes', { messageId: 65536 }],
    ['a negative message ID', { messageId: -1 }],
    ['NaN for a message ID', { messageId: Number.NaN }],
    ['a type that is none', { type: 4 as Message['type'] }],
    ['an option number beyond 65535', { options: [{ number: 65536, value: empty }] }],
    ['a negative option number', { options: [{ number: -1, value: empty }] }],
    ['a fraction for an option number', { options: [{ number: 11.5, value: empty }] }],
    ['a value beyond 65804 bytes', { options: [{ number: 11, value: new Uint8Array(65805) }] }],
  ])('%s is refused', (_what, fields) => {
    expect(() => encodeMessage({ ...get, ...fields })).toThrow(RangeError);
  });

  test.each([
    [9, true],
    [65804, true],
    [65805, false],
  ])('an extended token of %i bytes: %s', (length, fits) => {
    const encode = () => encodeMessage({ ...get, token: new Uint8Array(length) }, { extendedTokens: true });
    if (fits) expect(encode()).toHaveLength(4 + (length < 269 ? 1 : 2) + (length < 13 ? -1 : 0) + length);
    else expect(encode).toThrow(RangeError);
  });

  test('nothing else writes to the bytes of a result, and long ones have a buffer of their own', () => {
    const first = encodeMessage(get);
    const before = first.slice();
    const others = Array.from({ length: 200 }, () => encodeMessage({ ...get, payload: new Uint8Array(600).fill(255) }));
    for (const other of others) other.fill(0xaa);
    expect(first).toEqual(before);
    expect(encodeMessage({ ...get, payload: new Uint8Array(3000) }).byteOffset).toBe(0);
  });
});

describe('encodeMessageInto', () => {
  test('returns the index behind the message', () => {
    const buffer = new Uint8Array(10);
    expect(encodeMessageInto(buffer, 3, get)).toBe(7);
    expect(toHex(buffer)).toBe('00000040010001000000');
  });
});
