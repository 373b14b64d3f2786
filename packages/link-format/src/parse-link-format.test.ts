import { DecodeError } from '@motestack/bytes';
import vectors from '@motestack/test-vectors/link-format.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { formatLinkFormat } from './format-link-format.ts';
import { attributeOf, type Link } from './link.ts';
import {
  ATTRIBUTE_COUNT_MAX,
  LINK_COUNT_MAX,
  type ParseLinkFormatOptions,
  parseLinkFormat,
  TEXT_LENGTH_MAX,
} from './parse-link-format.ts';

type Row = (typeof vectors.vectors)[number];
const isLenient = (row: Row) => row.strictOk === false;
const valid = vectors.vectors.filter((row) => row.kind === 'valid');
const strict = valid.filter((row) => !isLenient(row));
const lenient = valid.filter(isLenient);
const invalid = vectors.vectors.filter((row) => row.kind === 'invalid');

/** The form in which the vectors write links. */
function readable(links: readonly Link[]): unknown {
  return links.map(({ target, attributes }) => ({
    target,
    attributes: attributes.map(({ name, value, quoted }) => [name, value ?? null, quoted]),
  }));
}

const badSyntax = expect.objectContaining({ name: 'DecodeError', code: 'bad-syntax', section: 'RFC 6690 §2' });

describe('parseLinkFormat', () => {
  test('every row is used', () => {
    expect(strict.length + lenient.length + invalid.length).toBe(vectors.vectors.length);
    expect(lenient.length).toBeGreaterThan(0);
  });

  test.each(strict)('$id $title', ({ text, links }) => {
    const parsed = parseLinkFormat(text);
    expect(readable(parsed)).toEqual(links);
    expect(formatLinkFormat(parsed)).toBe(text);
  });

  test.each(strict)('$id is read the same when spaces are forgiven', ({ text, links }) => {
    expect(readable(parseLinkFormat(text, { lenientSpaces: true }))).toEqual(links);
  });

  test.each(lenient)('$id is read only when spaces are forgiven', ({ text, links }) => {
    expect(() => parseLinkFormat(text)).toThrow(badSyntax);
    expect(readable(parseLinkFormat(text, { lenientSpaces: true }))).toEqual(links);
  });

  test.each(invalid)('$id $title is refused, forgiving or not', ({ text }) => {
    expect(() => parseLinkFormat(text)).toThrow(badSyntax);
    expect(() => parseLinkFormat(text, { lenientSpaces: true })).toThrow(badSyntax);
  });

  test.each(strict)('every prefix of $id is read or refused', ({ text }) => {
    for (let end = 0; end < text.length; end++) expectReadOrRefused(text.slice(0, end));
  });

  test.each([
    ['</a', 3],
    ['</a>;', 5],
    ['</a>;x=', 7],
    ['</a>;x="1', 9],
    ['</a>;x="\\', 8],
    ['</a>;x="\u0001"', 8],
    ['</a>;x="\\ß"', 8],
    ['</a>x', 4],
    ['</%4', 2],
    ['</a>,,</b>', 5],
  ])('%j is refused at %i', (text, offset) => {
    expect(() => parseLinkFormat(text)).toThrow(expect.objectContaining({ code: 'bad-syntax', offset }));
  });
});

describe('what is forgiven by name', () => {
  const ct = (value: string, quoted: boolean): Link[] => [
    { target: '/a', attributes: [{ name: 'ct', value, quoted }] },
    { target: '/b', attributes: [] },
  ];
  const ab = [
    { target: '/a', attributes: [] },
    { target: '/b', attributes: [] },
  ];

  test.each<[keyof ParseLinkFormatOptions, string, Link[], number]>([
    ['lenientSpaces', '</a>, \r\n\t</b>', ab, 5],
    ['lenientTrailingComma', '</a>,</b>,', ab, 10],
    ['lenientUnquotedLists', '</a>;ct=60 110 112,</b>', ct('60 110 112', true), 10],
    ['lenientUnquotedLists', '</a>;ct=60  110,</b>', ct('60  110', true), 10],
  ])('%s: %j', (name, text, links, offset) => {
    expect(parseLinkFormat(text, { [name]: true })).toEqual(links);
    expect(() => parseLinkFormat(text)).toThrow(expect.objectContaining({ code: 'bad-syntax', offset }));
  });

  test.each([
    ['a comma and nothing else', ','],
    ['two commas', '</a>,,'],
    ['a comma in front', ',</a>'],
    ['a space behind a list', '</a>;ct=60 110 ,</b>'],
    ['a list of words', '</a>;rt=x y'],
    ['white space behind the last link', '</a> '],
  ])('%s is refused even so', (_title, text) => {
    const all = { lenientSpaces: true, lenientTrailingComma: true, lenientUnquotedLists: true };
    expect(() => parseLinkFormat(text, all)).toThrow(badSyntax);
  });

  test('one number is no list, and white space may follow the last comma', () => {
    expect(parseLinkFormat('</a>;ct=60,</b>', { lenientUnquotedLists: true })).toEqual(ct('60', false));
    expect(parseLinkFormat('</a>,</b>, \n', { lenientSpaces: true, lenientTrailingComma: true })).toEqual(ab);
  });
});

describe('limits', () => {
  test('links', () => {
    const text = Array.from({ length: LINK_COUNT_MAX }, () => '<>').join(',');
    expect(parseLinkFormat(text)).toHaveLength(LINK_COUNT_MAX);
    const offset = text.length + 1;
    expect(() => parseLinkFormat(`${text},<>`)).toThrow(expect.objectContaining({ code: 'too-many', offset }));
    expect(parseLinkFormat(`${text},<>`, { linkCountMax: LINK_COUNT_MAX + 1 })).toHaveLength(LINK_COUNT_MAX + 1);
  });

  test('attributes of one link', () => {
    const text = `</a>${';x=1'.repeat(ATTRIBUTE_COUNT_MAX)}`;
    expect(parseLinkFormat(`${text},${text}`)[1]?.attributes).toHaveLength(ATTRIBUTE_COUNT_MAX);
    const offset = text.length + 1;
    expect(() => parseLinkFormat(`${text};x=1`)).toThrow(expect.objectContaining({ code: 'too-many', offset }));
    expect(parseLinkFormat('</a>;x;y', { attributeCountMax: 2 })).toHaveLength(1);
    expect(() => parseLinkFormat('</a>;x;y', { attributeCountMax: 1 })).toThrow(DecodeError);
  });

  test('length', () => {
    const text = `</${'a'.repeat(TEXT_LENGTH_MAX - 3)}>`;
    expect(parseLinkFormat(text)).toHaveLength(1);
    const offset = TEXT_LENGTH_MAX;
    expect(() => parseLinkFormat(`${text},`)).toThrow(expect.objectContaining({ code: 'too-long', offset }));
    expect(() => parseLinkFormat('</a>', { textLengthMax: 3 })).toThrow(expect.objectContaining({ code: 'too-long' }));
  });
});

describe('attributeOf', () => {
  const [link] = parseLinkFormat('</a>;rt=1;rt=2;obs');

  test('gives the first of a name, and tells an attribute without value from none', () => {
    if (link === undefined) throw new Error('no link');
    expect(attributeOf(link, 'rt')).toEqual({ name: 'rt', value: '1', quoted: false });
    expect(attributeOf(link, 'obs')).toEqual({ name: 'obs', value: undefined, quoted: false });
    expect(attributeOf(link, 'RT')).toBeUndefined();
  });
});

function expectReadOrRefused(text: string): void {
  try {
    expect(formatLinkFormat(parseLinkFormat(text))).toBe(text);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    expect(error.offset).toBeLessThanOrEqual(text.length);
  }
}
