import { DecodeError, decodeUtf8, encodeUtf8, fromHex } from '@motestack/bytes';
import { formatPath, type LwM2mNode, objectLookup, parsePath } from '@motestack/model';
import suite from '@motestack/test-vectors/lwm2m-json.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import type { Leniency, PayloadContext } from '../payload-context.ts';
import { decodeLwM2mJson } from './decode-lwm2m-json.ts';
import { encodeLwM2mJson } from './encode-lwm2m-json.ts';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly json: unknown;
  readonly decoded?: readonly {
    readonly path: string;
    readonly value: unknown;
    readonly kind: string;
    readonly t?: number;
  }[];
  readonly error?: string;
}

const rows = suite.vectors as unknown as readonly Row[];
const valid = rows.filter(({ kind }) => kind === 'valid');
const invalid = rows.filter(({ kind }) => kind === 'invalid');
const CODES: Readonly<Record<string, string>> = {
  'missing-e': 'missing',
  'no-value': 'missing',
  'duplicate-path': 'duplicate-path',
  'not-an-object': 'bad-type',
  'multiple-values': 'duplicate',
  'bad-name': 'unexpected-path',
};
const anything: PayloadContext = { path: {}, lookup: () => undefined };

function readable({ path, value, time }: LwM2mNode): unknown {
  const link = typeof value === 'object' && value !== null && 'objectId' in value ? value : undefined;
  return {
    path: formatPath(path),
    value: link === undefined ? value : `${link.objectId}:${link.objectInstanceId}`,
    kind: link === undefined ? typeof value : 'objlnk',
    ...(time === undefined ? {} : { t: time }),
  };
}

describe('vectors', () => {
  test('every row is used', () => {
    expect(valid.length + invalid.length).toBe(suite.count);
  });

  test.each(valid)('$id', ({ json, decoded }) => {
    const nodes = decodeLwM2mJson(encodeUtf8(JSON.stringify(json)), anything);
    expect(nodes.map(readable)).toEqual(decoded);
    expect(decodeLwM2mJson(encodeLwM2mJson(nodes, anything), anything)).toEqual(nodes);
  });

  test('spec-device and timestamps are written as they are printed', () => {
    for (const { id, json } of valid.filter((row) => ['spec-device', 'objlnk'].includes(row.id))) {
      const nodes = decodeLwM2mJson(encodeUtf8(JSON.stringify(json)), anything);
      // One base name less a level, where all values are instances of one resource.
      const wanted =
        id === 'objlnk'
          ? {
              bn: '/65/0/0/',
              e: [
                { n: '0', ov: '66:0' },
                { n: '1', ov: '66:1' },
              ],
            }
          : json;
      expect(JSON.parse(decodeUtf8(encodeLwM2mJson(nodes, anything)))).toEqual(wanted);
    }
  });

  test.each(invalid)('$id is refused: $error', ({ json, error = '' }) => {
    expect(() => decodeLwM2mJson(encodeUtf8(JSON.stringify(json)), anything)).toThrow(
      expect.objectContaining({ code: CODES[error] }),
    );
  });

  test.each(valid)('every prefix of $id is refused', ({ json }) => {
    const bytes = encodeUtf8(JSON.stringify(json));
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeLwM2mJson(bytes.subarray(0, end), anything)).toThrow(DecodeError);
    }
  });
});

const lookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      label: { id: 1, type: 'String', operations: 'R' },
      powers: { id: 6, type: 'Integer', operations: 'R', multiple: true },
      level: { id: 9, type: 'Integer', operations: 'R' },
      time: { id: 13, type: 'Time', operations: 'RW' },
      key: { id: 14, type: 'Opaque', operations: 'RW' },
      link: { id: 20, type: 'Objlnk', operations: 'RW' },
    },
  },
]);
const read = (text: string, context: Partial<PayloadContext> = {}): LwM2mNode[] =>
  decodeLwM2mJson(encodeUtf8(text), { path: {}, lookup, ...context });

describe('decodeLwM2mJson', () => {
  test.each<[string, LwM2mNode['value']]>([
    ['"n":"1","sv":"1234567890123456"', '1234567890123456'],
    ['"n":"9","v":9007199254740993', 9007199254740993n],
    ['"n":"13","v":1367491215', new Date(1367491215000)],
    ['"n":"14","sv":"+/8="', fromHex('fbff')],
    ['"n":"20","ov":"66:1"', { objectId: 66, objectInstanceId: 1 }],
    ['"n":"20","sv":"66:1"', { objectId: 66, objectInstanceId: 1 }],
    ['"n":"99","bv":false,"foo":1,"constructor":2', false],
  ])('%s', (members, value) => {
    expect(read(`{"bn":"/3/0/","e":[{${members}}]}`).map((node) => node.value)).toEqual([value]);
  });

  test.each([
    ['{"e":[{"n":"/3/0/9","sv":"1"}]}', 'wrong-type'],
    ['{"e":[{"n":"/3/0/14","sv":"*"}]}', 'bad-value'],
    ['{"e":[{"n":"/3/0/20","ov":"66"}]}', 'bad-value'],
    ['{"e":[{"n":"/3/0/20","ov":"66:65536"}]}', 'out-of-range'],
    ['{"e":[{"n":"/3/0/99","v":"1"}]}', 'bad-type'],
    ['{"e":[{"n":"/3/0/99","v":null}]}', 'bad-type'],
    ['{"e":[{"n":"/3/0/99","v":{}}]}', 'bad-type'],
    ['{"e":[{"n":"/3/0/99","v":1e999}]}', 'bad-value'],
    ['{"e":[{"n":"/3/0/99","t":1e999,"v":1}]}', 'bad-value'],
    ['{"e":[{"n":"/3/0/99","t":"1","v":1}]}', 'bad-type'],
    ['{"e":[{"n":1,"v":1}]}', 'bad-type'],
    ['{"bn":1,"e":[]}', 'bad-type'],
    ['{"e":[[]]}', 'bad-type'],
    ['{"e":{}}', 'bad-type'],
    ['{"e":[{"n":"/3/0","v":1}]}', 'unexpected-path'],
    ['{"e":[{"n":"/4/0/1","v":1}]}', 'unexpected-path'],
    ['', 'truncated'],
    ['{"e":[]} x', 'trailing-bytes'],
  ])('%s is refused: %s', (text, code) => {
    expect(() => read(text, { path: parsePath('/3') })).toThrow(expect.objectContaining({ code }));
  });

  test.each<[keyof Leniency, string, string]>([
    ['base64Variants', '"n":"14","sv":"-_8"', 'bad-value'],
    ['linkAsString', '"n":"20","sv":"66:1"', 'wrong-type'],
    ['hexadecimalNullLink', '"n":"20","ov":"FFFF:FFFF"', 'bad-value'],
  ])('leniency %s', (name, members, code) => {
    const text = `{"bn":"/3/0/","e":[{${members}}]}`;
    expect(read(text)).toHaveLength(1);
    expect(() => read(text, { leniency: { [name]: false } })).toThrow(expect.objectContaining({ code }));
  });

  test('times: added exactly; relative to now without a base time, if now is known', () => {
    const times = (text: string, nowSeconds?: number): unknown[] => read(text, { nowSeconds }).map(({ time }) => time);
    const two = '"e":[{"n":"/3/0/9","t":0.101,"v":1},{"n":"/3/0/9","v":2}]';
    expect(times(`{"bt":1699877805.766,${two}}`)).toEqual([1699877805.867, 1699877805.766]);
    expect(times(`{${two}}`, 1_700_000_000)).toEqual([1_700_000_000.101, undefined]);
    expect(times(`{${two}}`)).toEqual([0.101, undefined]);
  });

  test('limits: at the limit and one past it', () => {
    const text = '{"e":[{"n":"/3/0/9","v":1},{"n":"/3/0/1","sv":""}],"x":[[[]]]}';
    expect(read(text, { limits: { nodesMax: 2, parsedTextBytesMax: text.length } })).toHaveLength(2);
    expect(() => read(text, { limits: { nodesMax: 1 } })).toThrow(expect.objectContaining({ code: 'too-many' }));
    expect(() => read(text, { limits: { parsedTextBytesMax: text.length - 1 } })).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });
});

describe('encodeLwM2mJson', () => {
  const write = (...nodes: LwM2mNode[]): string => decodeUtf8(encodeLwM2mJson(nodes, { path: {}, lookup }));
  const at = (path: string, value?: LwM2mNode['value'], time?: number): LwM2mNode => ({
    path: parsePath(path),
    value,
    time,
  });

  test.each<[string, LwM2mNode[]]>([
    ['{"e":[]}', []],
    ['{"e":[]}', [at('/3/0/6')]],
    ['{"bn":"/3/0/14","e":[{"sv":"+/8="}]}', [at('/3/0/14', fromHex('fbff'))]],
    ['{"bn":"/3/0/9","bt":5,"e":[{"v":1},{"t":-5,"v":2}]}', [at('/3/0/9', 1, 5), at('/3/0/9', 2, 0)]],
    [
      '{"bn":"/3/0/9","bt":0,"e":[{"t":1500000000,"v":1},{"t":1e-9,"v":2}]}',
      [at('/3/0/9', 1, 1.5e9), at('/3/0/9', 2, 1e-9)],
    ],
  ])('%s', (text, nodes) => {
    expect(write(...nodes)).toBe(text);
  });

  test.each<[string, LwM2mNode[]]>([
    ['not-representable', [at('/3/0/9', 1, 5), at('/3/0/1', 'a')]],
    ['not-representable', [at('/4/0/9', Number.NaN)]],
    ['duplicate-path', [at('/3/0/9', 1), at('/3/0/9', 2)]],
    ['duplicate-path', [at('/3/0/9', 1, 5), at('/3/0/9', 2, 5)]],
    ['unexpected-path', [at('/3/0', 1)]],
    ['wrong-type', [at('/3/0/9', 'a')]],
  ])('%s', (code, nodes) => {
    expect(() => write(...nodes)).toThrow(expect.objectContaining({ code }));
    expect(ContentError.is(new Error('other'))).toBe(false);
  });
});
