import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** RFC 4648 §10. */
const VECTORS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const;

const badSyntax = (offset: number): unknown =>
  expect.objectContaining({ name: 'DecodeError', code: 'bad-syntax', section: 'RFC 4648', offset });

describe('base64', () => {
  test.each(VECTORS)('%j is %s', (text, encoded) => {
    expect(encodeBase64(encodeUtf8(text), { alphabet: 'base64' })).toBe(encoded);
    expect(decodeBase64(encoded, { alphabet: 'base64' })).toEqual(encodeUtf8(text));
    const unpadded = encoded.replaceAll('=', '');
    expect(encodeBase64(encodeUtf8(text), { alphabet: 'base64url' })).toBe(unpadded);
    expect(decodeBase64(unpadded, { alphabet: 'base64url' })).toEqual(encodeUtf8(text));
  });

  test('the two alphabets differ in their last two digits', () => {
    expect(encodeBase64(fromHex('fbff'), { alphabet: 'base64' })).toBe('+/8=');
    expect(encodeBase64(fromHex('fbff'), { alphabet: 'base64url' })).toBe('-_8');
  });

  test.each([
    ['base64', 'Zg', 2, 'padding is missing'],
    ['base64', 'Zg=', 2, 'padding is short'],
    ['base64', '-_8=', 0, 'the other alphabet'],
    ['base64url', 'Zg==', 2, 'padding'],
    ['base64url', '+/8', 0, 'the other alphabet'],
  ] as const)('%s %j is refused unless lenient: %$', (alphabet, text, offset, _title) => {
    expect(() => decodeBase64(text, { alphabet })).toThrow(badSyntax(offset));
    if (text === 'Zg=') return; // neither padded nor not
    expect(toHex(decodeBase64(text, { alphabet, lenient: true }))).toBe(text.startsWith('Zg') ? '66' : 'fbff');
  });

  test.each(['Zg=', 'Z', 'Zm9v=', 'Zm9v\n', 'Zm 9v', '=', '====', 'Zm9vÿ', 'Zh', 'Zm9'])(
    '%j is refused even so: bits, characters or padding that no encoder writes',
    (text) => {
      expect(() => decodeBase64(text, { alphabet: 'base64url', lenient: true })).toThrow(
        expect.objectContaining({ name: 'DecodeError', code: 'bad-syntax' }),
      );
    },
  );
});
