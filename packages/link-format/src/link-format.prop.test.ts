import { DecodeError } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLinkFormat } from './format-link-format.ts';
import { parseLinkFormat } from './parse-link-format.ts';

const name = fc.stringMatching(/^[A-Za-z0-9!#$&+.^_`|~-]{1,6}\*?$/);
const target = fc.stringMatching(/^(?:[A-Za-z0-9/:?#@!$&'()*+,;=._~-]|%[0-9A-F]{2}){0,10}$/);
const attribute = fc.oneof(
  fc.record({ name, value: fc.constant(undefined), quoted: fc.constant(false) }),
  fc.record({
    name,
    value: fc.stringMatching(/^[A-Za-z0-9!%'()*/:<=>?@{|}[\]^_`~.-]{1,8}$/),
    quoted: fc.constant(false),
  }),
  fc.record({ name, value: fc.string({ unit: 'binary', maxLength: 10 }), quoted: fc.constant(true) }),
);
const links = fc.array(fc.record({ target, attributes: fc.array(attribute, { maxLength: 4 }) }), { maxLength: 6 });

describe('link format', () => {
  test('what was formatted is parsed to the same links', () => {
    fc.assert(
      fc.property(links, (written) => {
        expect(parseLinkFormat(formatLinkFormat(written))).toEqual(written);
      }),
    );
  });

  test('any text is read or refused; what is read says itself again', () => {
    const soup = fc.array(
      fc.constantFrom('<', '>', ';', ',', '=', '"', '\\', ' ', '/', 'a', '1', '%20', '%', 'ß', '\u0000'),
    );
    const anyText = fc.oneof(
      soup.map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, forgiving) => {
        const lenient = {
          lenientSpaces: forgiving,
          lenientTrailingComma: forgiving,
          lenientUnquotedLists: forgiving,
        };
        try {
          const parsed = parseLinkFormat(text, lenient);
          expect(parseLinkFormat(formatLinkFormat(parsed))).toEqual(parsed);
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
          expect(error.offset).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
