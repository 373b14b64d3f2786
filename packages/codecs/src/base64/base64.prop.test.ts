import { DecodeError } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';

const alphabets = fc.constantFrom('base64', 'base64url');

describe('base64', () => {
  test('is what the platform writes, and is read again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), alphabets, fc.boolean(), (bytes, alphabet, lenient) => {
        const text = encodeBase64(bytes, { alphabet });
        expect(text).toBe(Buffer.from(bytes).toString(alphabet));
        expect(decodeBase64(text, { alphabet, lenient })).toEqual(bytes);
      }),
    );
  });

  test('any text is read or rejected, and strictly there is one text for any bytes', () => {
    const digits = fc.array(fc.constantFrom(...'AQgw019-_+/= \u00e9'), { maxLength: 12 }).map((list) => list.join(''));
    fc.assert(
      fc.property(digits, alphabets, (text, alphabet) => {
        try {
          expect(encodeBase64(decodeBase64(text, { alphabet }), { alphabet })).toBe(text);
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
