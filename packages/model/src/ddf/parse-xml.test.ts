import { describe, expect, test } from 'vitest';
import type { DdfErrorCode } from './ddf-error.ts';
import { type DdfLimits, defaultDdfLimits, resolveDdfLimits } from './ddf-limits.ts';
import { parseXml } from './parse-xml.ts';
import type { XmlElement } from './xml-element.ts';

const parse = (text: string, limits: Partial<DdfLimits> = {}): XmlElement => parseXml(text, resolveDdfLimits(limits));
const refused = (text: string, code: DdfErrorCode, offset: number, limits: Partial<DdfLimits> = {}): void =>
  expect(() => parse(text, limits)).toThrow(expect.objectContaining({ name: 'DdfError', code, offset }));

describe('text', () => {
  test.each([
    ['<a>x</a>', 'x'],
    ['<a/>', ''],
    ['<a ></a >', ''],
    ['<?xml version="1.0" encoding="UTF-8" standalone=\'yes\'?>\n<a>x</a>\n<!-- end -->\n<?end?>\n', 'x'],
    ["\uFEFF<?xml version = '1.1' ?><a>x</a>", 'x'],
    ['<!-- first --><?xml-stylesheet href="x"?><a>x</a>', 'x'],
    ['<a>one<!-- two --> three<?four?> five</a>', 'one three five'],
    ['<a><![CDATA[<b>&amp;]] >]]>]</a>', '<b>&amp;]] >]'],
    ['<a>&lt;&gt;&amp;&apos;&quot;</a>', '<>&\'"'],
    ['<a>&#65;&#x42;&#x1F6B0;&#9;&#x10FFFF;</a>', 'AB\u{1F6B0}\t\u{10FFFF}'],
    ['<a>&amp;lt;</a>', '&lt;'],
    ['<a>\r\n\r\n\r</a>', '\n\n\n'],
    ['<a>&#13;\n</a>', '\r\n'],
    ['<a><![CDATA[\r\n]]></a>', '\n'],
    ['<a>> "quoted" \'too\' ] ]></a>', '> "quoted" \'too\' ] ]>'],
  ])('%j', (text, value) => expect(parse(text).text).toBe(value));

  test('belongs to the element that it stands directly in', () => {
    const { text, children } = parse('<a>1<b>2<c>3</c>4</b>5</a>');
    expect([text, children[0]?.text, children[0]?.children[0]?.text]).toEqual(['15', '24', '3']);
  });
});

describe('elements and attributes', () => {
  test('names, values and places', () => {
    const root = parse('<a x="1" y = \'"2"\' z="&lt;&#10;\n"><b/><n:c-1.\u00e9/></a>');
    expect([...root.attributes]).toEqual([
      ['x', '1'],
      ['y', '"2"'],
      ['z', '<  '],
    ]);
    expect(root.children.map(({ name, offset }) => [name, offset])).toEqual([
      ['b', 34],
      ['n:c-1.\u00e9', 38],
    ]);
  });
});

describe('what is no well-formed XML, or is not taken', () => {
  test.each<[string, DdfErrorCode, number]>([
    ['', 'truncated', 0],
    ['  ', 'truncated', 2],
    ['<!-- only -->', 'truncated', 13],
    ['x<a/>', 'bad-syntax', 0],
    ['<a/>x', 'bad-syntax', 4],
    ['<a/><b/>', 'bad-syntax', 4],
    ['<a>', 'truncated', 3],
    ['<a', 'truncated', 2],
    ['<', 'truncated', 1],
    ['<a><b></a>', 'bad-syntax', 8],
    ['</a>', 'bad-syntax', 2],
    ['<a></a', 'truncated', 6],
    ['<1/>', 'bad-syntax', 1],
    ['< a/>', 'bad-syntax', 1],
    ['<a/ >', 'bad-syntax', 2],
    ['<a x/>', 'bad-syntax', 4],
    ['<a x=1/>', 'bad-syntax', 5],
    ['<a x="1/>', 'truncated', 9],
    ['<a x="<"/>', 'bad-syntax', 6],
    ['<a x="1"y="2"/>', 'bad-syntax', 8],
    ['<a x="1" x="2"/>', 'duplicate', 9],
    ['<a>]]></a>', 'bad-syntax', 3],
    ['<a><![CDATA[x</a>', 'truncated', 17],
    ['<![CDATA[x]]>', 'bad-syntax', 1],
    ['<![CDATA[x></x>', 'bad-syntax', 1],
    ['<!-- a -- b --><a/>', 'bad-syntax', 9],
    ['<!-- a', 'truncated', 6],
    ['<?pi <a/>', 'truncated', 9],
    ['<? ?><a/>', 'bad-syntax', 2],
    [' <?xml version="1.0"?><a/>', 'bad-syntax', 3],
    ['<a/><?XML version="1.0"?>', 'bad-syntax', 6],
    ['<?xml version="2.0"?><a/>', 'bad-syntax', 0],
    ['<?xml encoding="UTF-8"?><a/>', 'bad-syntax', 0],
    ['<a>&</a>', 'bad-entity', 3],
    ['<a>x&unknown;</a>', 'bad-entity', 4],
    ['<a>&nbsp;</a>', 'bad-entity', 3],
    ['<a>&lt</a>', 'bad-entity', 3],
    ['<a>&LT;</a>', 'bad-entity', 3],
    ['<a>&#0;</a>', 'bad-entity', 3],
    ['<a>&#xD800;</a>', 'bad-entity', 3],
    ['<a>&#x110000;</a>', 'bad-entity', 3],
    ['<a>&#99999999;</a>', 'bad-entity', 3],
    ['<a>&#x;</a>', 'bad-entity', 3],
    ['<a x="&y;"/>', 'bad-entity', 6],
    ['<a>\u0000</a>', 'bad-character', 3],
    ['<a>\u001b</a>', 'bad-character', 3],
    ['<a>\ud800</a>', 'bad-character', 3],
    ['\uFEFF<a>\uFFFF</a>', 'bad-character', 4],
    ['<!DOCTYPE a><a/>', 'doctype', 0],
    ['<a><!DOCTYPE a></a>', 'doctype', 3],
    ['<!ELEMENT a><a/>', 'bad-syntax', 1],
  ])('%j is %s at %i', (text, code, offset) => refused(text, code, offset));

  test('a byte order mark is no column, and any line end ends a line', () => {
    const refusal = expect.objectContaining({ code: 'bad-entity', line: 4, column: 2 });
    expect(() => parse('\uFEFF<a>\r\n\r\n &;</a>'.replace('\r\n', '\r\n\n'))).toThrow(refusal);
    expect(() => parse('\uFEFF<a>&;</a>')).toThrow(expect.objectContaining({ line: 1, column: 4 }));
  });

  test('no entity is declared, fetched or expanded', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>';
    const file = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>';
    refused(bomb, 'doctype', 0);
    refused(file, 'doctype', 21);
  });
});

describe('limits', () => {
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);

  test('charactersMax', () => {
    expect(parse('<a/>', { charactersMax: 4 }).name).toBe('a');
    refused('<a />', 'too-long', 4, { charactersMax: 4 });
  });

  test('depthMax', () => {
    expect(parse(nested(16)).name).toBe('a');
    refused(nested(17), 'too-deep', 48);
    expect(parse('<a><b/></a>', { depthMax: 2 }).name).toBe('a');
    refused('<a><b/></a>', 'too-deep', 3, { depthMax: 1 });
  });

  test('elementsMax', () => {
    expect(parse(`<a>${'<b/>'.repeat(49_999)}</a>`).children).toHaveLength(49_999);
    refused(`<a>${'<b/>'.repeat(50_000)}</a>`, 'too-many', 3 + 4 * 49_999);
  });

  test('attributesMax', () => {
    expect(parse('<a x="" y=""/>', { attributesMax: 2 }).attributes.size).toBe(2);
    refused('<a x="" y="" z=""/>', 'too-many', 13, { attributesMax: 2 });
  });

  test('the defaults', () => {
    expect(resolveDdfLimits({})).toEqual(defaultDdfLimits);
    for (const depthMax of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => resolveDdfLimits({ depthMax })).toThrow(RangeError);
  });
});
