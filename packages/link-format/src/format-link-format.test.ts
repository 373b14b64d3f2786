import { describe, expect, test } from 'vitest';
import { formatLinkFormat } from './format-link-format.ts';
import type { LinkAttribute } from './link.ts';
import { parseLinkFormat } from './parse-link-format.ts';

function withAttribute(name: string, value: string | undefined, quoted = false) {
  const attributes: LinkAttribute[] = [{ name, value, quoted }];
  return [{ target: '/a', attributes }];
}

describe('formatLinkFormat', () => {
  test('no links make an empty document', () => {
    expect(formatLinkFormat([])).toBe('');
  });

  test('quotes, backslashes and control characters are escaped', () => {
    const links = withAttribute('title', 'a "b" \\c\u0001\n\tß', true);
    expect(formatLinkFormat(links)).toBe('</a>;title="a \\"b\\" \\\\c\\\u0001\\\n\tß"');
    expect(parseLinkFormat(formatLinkFormat(links))).toEqual(links);
  });

  test.each(['', 'a b', 'a,b', 'a;b', '"a"', 'ß'])('%j needs quotes', (value) => {
    expect(() => formatLinkFormat(withAttribute('x', value))).toThrow(TypeError);
    expect(formatLinkFormat(withAttribute('x', value, true))).toContain(';x="');
  });

  test.each(['', 'a b', 'a=b', 'ß', '*', 'a**'])('%j is not a name', (name) => {
    expect(() => formatLinkFormat(withAttribute(name, undefined))).toThrow(TypeError);
  });

  test.each(['/a b', '/ß', '/%', '/%2', '/a>'])('%j is not a target', (target) => {
    expect(() => formatLinkFormat([{ target, attributes: [] }])).toThrow(TypeError);
  });
});
