import { DecodeError, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { formatPath, parsePath } from '@motestack/model';
import suite from '@motestack/test-vectors/link-format.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { type DiscoveredNode, decodeDiscovery, encodeDiscovery } from './discovery.ts';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly links: readonly {
    readonly target: string;
    readonly attributes: readonly (readonly [string, string | null, boolean])[];
  }[];
}

const rows = suite.vectors as unknown as readonly Row[];
const discoveries = rows.filter(({ id, kind }) => kind === 'valid' && /^(?:d-|ets-2|ets-9|ets-16|b-)/.test(id));
/** `ssid`, `uri` and `lwm2m` belong to Bootstrap-Discover and are not kept; `dim` stands first in what is written. */
const NOT_WRITTEN_ALIKE = new Set(['b-sec', 'b-root', 'b-oscore', 'b-ver', 'b-122', 'ets-260-6']);

const read = (text: string): DiscoveredNode[] => decodeDiscovery(encodeUtf8(text));

describe('decodeDiscovery', () => {
  test('the rows that are Discover answers are used', () => {
    expect(discoveries.length).toBeGreaterThanOrEqual(15);
  });

  test.each(discoveries)('$id', ({ id, text, links }) => {
    const nodes = read(text);
    const withoutSlash = (target: string): string => (target === '/' ? target : target.replace(/\/$/, ''));
    expect(nodes.map(({ path }) => formatPath(path))).toEqual(links.map(({ target }) => withoutSlash(target)));
    for (const [index, { attributes }] of links.entries()) {
      const node = nodes[index];
      for (const [name, value] of attributes) {
        if (name === 'dim') expect(node?.dimension).toBe(Number(value));
        else if (name === 'ver') expect(node?.version).toBe(value);
        else if (!['ssid', 'uri', 'lwm2m'].includes(name)) expect(node?.attributes).toHaveProperty(name, Number(value));
      }
    }
    const written = decodeUtf8(encodeDiscovery(nodes));
    if (NOT_WRITTEN_ALIKE.has(id)) expect(read(written)).toEqual(nodes);
    else expect(written).toBe(text);
  });

  test.each(discoveries)('every prefix of $id is decoded or rejected', ({ text }) => {
    for (let end = 0; end < text.length; end++) {
      try {
        read(text.slice(0, end));
      } catch (error) {
        expect(DecodeError.is(error)).toBe(true);
      }
    }
  });

  test('quotes, spaces, unknown attributes, links to elsewhere and attributes without value', () => {
    expect(read('</3/0>;pmin="10";title="a,b", </3/0/1/>;con=1;edge=0;gt=-2.5;pmax,</a>,<coap://x/3>')).toEqual([
      { path: parsePath('/3/0'), attributes: { pmin: 10 } },
      { path: parsePath('/3/0/1'), attributes: { con: true, edge: false, gt: -2.5 } },
    ]);
  });

  test('of two attributes with one name the first counts', () => {
    expect(read('</3/0>;pmin=10;pmin=20;dim=1;dim=2')).toEqual([
      { path: parsePath('/3/0'), attributes: { pmin: 10 }, dimension: 1 },
    ]);
  });

  test('an alternate path', () => {
    const nodes = decodeDiscovery(encodeUtf8('</lwm2m/3>;pmin=1,</lwm2m/3/0>,</3/1>'), { rootPath: '/lwm2m' });
    expect(nodes.map(({ path }) => formatPath(path))).toEqual(['/3', '/3/0']);
    expect(decodeUtf8(encodeDiscovery(nodes, '/lwm2m'))).toBe('</lwm2m/3>;pmin=1,</lwm2m/3/0>');
    expect(decodeUtf8(encodeDiscovery([{ path: {}, attributes: {} }], '/lwm2m'))).toBe('</lwm2m>');
  });

  test.each([
    '</3/0>;pmin=a',
    '</3/0>;pmin=-1',
    '</3/0>;gt=1e3',
    '</3/0>;con=2',
    '</3/0/6>;dim=x',
    '</3/0/6>;dim=123456',
  ])('%s is refused', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'DecodeError', code: 'bad-value' }));
  });

  test('limits: at the limit and one past it', () => {
    const payload = encodeUtf8('</3>,</3/0>');
    expect(decodeDiscovery(payload, { limits: { nodesMax: 2, parsedTextBytesMax: 11 } })).toHaveLength(2);
    expect(() => decodeDiscovery(payload, { limits: { nodesMax: 1 } })).toThrow(
      expect.objectContaining({ code: 'too-many' }),
    );
    expect(() => decodeDiscovery(payload, { limits: { parsedTextBytesMax: 10 } })).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });
});

describe('encodeDiscovery', () => {
  test('dim and ver first, then the attributes', () => {
    const nodes: DiscoveredNode[] = [
      { path: parsePath('/3'), attributes: { pmin: 1 }, version: '1.1' },
      { path: parsePath('/3/0/7'), attributes: { gt: 50, lt: 42.2, con: true }, dimension: 2 },
    ];
    expect(decodeUtf8(encodeDiscovery(nodes))).toBe('</3>;ver=1.1;pmin=1,</3/0/7>;dim=2;gt=50;lt=42.2;con=1');
    expect(decodeDiscovery(encodeDiscovery(nodes))).toEqual(nodes);
  });

  test('an attribute that cannot be is a mistake of the caller', () => {
    expect(() => encodeDiscovery([{ path: {}, attributes: { pmin: -1 } }])).toThrow(RangeError);
  });
});
