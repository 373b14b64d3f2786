import { encodeUtf8, fromHex } from '@motestack/bytes';
import { formatPath, objectLookup, parsePath } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
import { decodeSenmlCbor } from '../senml-cbor/decode-senml-cbor.ts';
import { decodeSenmlCborRecords } from '../senml-cbor/decode-senml-cbor-records.ts';
import { decodeSenmlJson, decodeSenmlJsonRecords } from '../senml-json/decode-senml-json.ts';
import { resolveRecords } from './pack-resolver.ts';

const lookup = objectLookup([
  {
    id: 3303,
    name: 'Row',
    multiple: true,
    resources: {
      value: { id: 1, type: 'Float', operations: 'R' },
      count: { id: 2, type: 'Integer', operations: 'R' },
      total: { id: 3, type: 'Unsigned Integer', operations: 'R' },
      label: { id: 4, type: 'String', operations: 'R' },
      on: { id: 5, type: 'Boolean', operations: 'R' },
      key: { id: 6, type: 'Opaque', operations: 'R' },
      when: { id: 7, type: 'Time', operations: 'R' },
      link: { id: 8, type: 'Objlnk', operations: 'R' },
      links: { id: 9, type: 'Corelnk', operations: 'R' },
      many: { id: 10, type: 'Integer', operations: 'R', multiple: true },
    },
  },
]);
const base: PayloadContext = { path: {}, lookup };

function json(text: string, context: Partial<PayloadContext> = {}): [string, unknown][] {
  const nodes = decodeSenmlJson(encodeUtf8(text), { ...base, ...context });
  return nodes.map(({ path, value }) => [formatPath(path), value]);
}

function cbor(hex: string, context: Partial<PayloadContext> = {}): unknown[] {
  return decodeSenmlCbor(fromHex(hex), { ...base, ...context }).map(({ value }) => value);
}

function refusal(code: string): unknown {
  return expect.objectContaining({ code });
}

describe('values by definition', () => {
  test.each([
    ['1', '"v":23', 23],
    ['1', '"v":9007199254740993', 9007199254740992],
    ['2', '"v":23.0', 23],
    ['2', '"v":1e3', 1000],
    ['2', '"v":-0', 0],
    ['2', '"v":9007199254740991', 9007199254740991],
    ['2', '"v":9007199254740993', 9007199254740993n],
    ['2', '"v":-9223372036854775808', -9223372036854775808n],
    ['3', '"v":18446744073709551615', 18446744073709551615n],
    ['2', '"v":1e18', 1000000000000000000n],
    ['4', '"vs":"1234567890123456"', '1234567890123456'],
    ['5', '"vb":false', false],
    ['6', '"vd":"-_8"', fromHex('fbff')],
    ['7', '"v":1367491215', new Date(1367491215000)],
    ['7', '"v":-0.5', new Date(-500)],
    ['8', '"vlo":"66:1"', { objectId: 66, objectInstanceId: 1 }],
    ['9', '"vs":"</3/0>"', '</3/0>'],
    ['99', '"v":9007199254740993', 9007199254740993n],
    ['99', '"v":0.1', 0.1],
    ['99', '"vd":""', new Uint8Array(0)],
  ])('/3303/0/%s %s', (resource, field, value) => {
    expect(json(`[{"n":"/3303/0/${resource}",${field}}]`)).toEqual([[`/3303/0/${resource}`, value]]);
  });

  test.each([
    ['1', '"vs":"23"', 'wrong-type'],
    ['2', '"v":23.5', 'wrong-type'],
    ['2', '"v":9223372036854775808', 'out-of-range'],
    ['3', '"v":-1', 'out-of-range'],
    ['3', '"v":18446744073709551616', 'out-of-range'],
    ['2', '"v":1e300', 'out-of-range'],
    ['4', '"v":1', 'wrong-type'],
    ['5', '"v":1', 'wrong-type'],
    ['6', '"vs":"AQ"', 'wrong-type'],
    ['7', '"vs":"2013-05-02T10:40:15Z"', 'wrong-type'],
    ['7', '"v":1e13', 'out-of-range'],
    ['8', '"vs":"66"', 'wrong-type'],
    ['8', '"vs":"66:65536"', 'out-of-range'],
    ['8', '"vd":"AAAA"', 'wrong-type'],
    ['99', '"vlo":"66"', 'bad-value'],
    ['99', '"vlo":"66:65536"', 'bad-value'],
    ['99', '"vd":"*"', 'bad-value'],
    ['99', '"v":1e999', 'bad-value'],
    ['99', '"v":null', 'bad-type'],
    ['99', '"v":1,"v_":2', 'bad-value'],
    ['99', '"t":1e999,"v":1', 'bad-value'],
    ['99', '"bver":1.5,"v":1', 'bad-type'],
  ])('/3303/0/%s %s is refused: %s', (resource, field, code) => {
    expect(() => json(`[{"n":"/3303/0/${resource}",${field}}]`)).toThrow(refusal(code));
  });

  test('the integer of a float in CBOR, NaN for a Float, times in tags', () => {
    expect(cbor('81a200692f333330332f302f3202f94dc0')).toEqual([23]);
    expect(cbor('81a200692f333330332f302f3102f97e00')).toEqual([Number.NaN]);
    expect(cbor('81a200692f333330332f302f3702c11a514b67b0')).toEqual([new Date(1363896240000)]);
    expect(() => cbor('81a200692f333330332f302f3206f97e00')).toThrow(refusal('bad-value'));
  });

  test('one value for a multiple resource is its instance 0, unless refused', () => {
    const text = '[{"n":"/3303/0/10","v":5}]';
    expect(json(text)).toEqual([['/3303/0/10/0', 5]]);
    expect(json(text, { leniency: { singleForMultiple: false } })).toEqual([['/3303/0/10', 5]]);
  });
});

describe('names', () => {
  test.each([
    ['"bn":"/3/0/","n":"1"', '/3/0/1'],
    ['"bn":"/","n":"3/0/1"', '/3/0/1'],
    ['"bn":"/3/0","n":"/1"', '/3/0/1'],
    ['"bn":"/3/0/1"', '/3/0/1'],
    ['"n":"/3/0/1/65534"', '/3/0/1/65534'],
    ['"bn":"/3/","n":"0/1"', '/3/0/1'],
  ])('%s', (fields, path) => {
    expect(json(`[{${fields},"v":1}]`)).toEqual([[path, 1]]);
  });

  test.each<[keyof Leniency, string]>([
    ['nameWithoutSlash', '"n":"3/0/1","v":1'],
    ['nameWithTrailingSlash', '"bn":"/3/0/1/","v":1'],
  ])('leniency %s', (name, fields) => {
    expect(json(`[{${fields}}]`)).toEqual([['/3/0/1', 1]]);
    expect(() => json(`[{${fields}}]`, { leniency: { [name]: false } })).toThrow(refusal('unexpected-path'));
  });

  test.each(['/3/0/1/2/3', '/65535', '/3/0/65535', '/03', '/3/00', '//3', '/3//0', '/3/a', '/a', '/3/0/1//', '/3.0'])(
    '%s is no path',
    (name) => {
      expect(() => json(`[{"n":"${name}","v":1}]`)).toThrow(refusal('unexpected-path'));
    },
  );

  test.each(['/', '/3', '/3/0'])('%s holds no value', (name) => {
    expect(() => json(`[{"n":"${name}","v":1}]`)).toThrow(refusal('unexpected-path'));
  });

  test.each([
    ['/3/0', '/3/1/0'],
    ['/3/0/9', '/3/0/8'],
    ['/3/0/6/1', '/3/0/6'],
    ['/3', '/4/0/1'],
  ])('%s was asked: %s is refused', (asked, name) => {
    expect(() => json(`[{"n":"${name}","v":1}]`, { path: parsePath(asked) })).toThrow(refusal('unexpected-path'));
  });

  test('the alternate path is taken off where it is there', () => {
    const text = '[{"bn":"/lwm2m/3/0/","n":"1","v":1},{"bn":"/3/0/","n":"2","v":2}]';
    expect(json(text, { rootPath: '/lwm2m' })).toEqual([
      ['/3/0/1', 1],
      ['/3/0/2', 2],
    ]);
    expect(() => json(text, { rootPath: '/' })).toThrow(refusal('unexpected-path'));
  });
});

describe('records', () => {
  test('a path may come more than once, with or without times', () => {
    const text = '[{"bn":"/3303/0/1","bt":1699877805.766,"v":1},{"t":0.101,"v":2},{"t":-30,"v":3},{"t":-30,"v":4}]';
    expect(decodeSenmlJson(encodeUtf8(text), base).map(({ time }) => time)).toEqual([
      1699877805.766, 1699877805.867, 1699877775.766, 1699877775.766,
    ]);
  });

  test('relative times need to know the time now, and stay relative without it', () => {
    const payload = encodeUtf8(
      '[{"n":"/3303/0/1","t":-5.5,"v":1},{"n":"/3303/0/1","v":2},{"n":"/3303/0/1","t":0,"v":3}]',
    );
    const times = (nowSeconds?: number): unknown[] =>
      decodeSenmlJson(payload, { ...base, nowSeconds }).map(({ time }) => time);
    expect(times(1_700_000_000.1)).toEqual([1_699_999_994.6, undefined, 1_700_000_000.1]);
    expect(times()).toEqual([-5.5, undefined, 0]);
  });

  test('base values and sums are added exactly', () => {
    const resolve = (text: string): unknown[] =>
      resolveRecords(decodeSenmlJsonRecords(encodeUtf8(text))).map(({ value, sum }) => [value, sum]);
    expect(resolve('[{"bn":"a","bv":0.1,"v":0.2},{"v":9007199254740993}]')).toEqual([
      [0.3, undefined],
      [9007199254740992, undefined],
    ]);
    expect(resolve('[{"bn":"a","bv":9007199254740991,"v":2},{"v":0.5}]')).toEqual([
      [9007199254740993n, undefined],
      [9007199254740992, undefined],
    ]);
    expect(resolve('[{"bn":"a","bs":9223372036854775807,"s":1}]')).toEqual([[undefined, 9223372036854775808n]]);
    expect(resolve('[{"bn":"a","bv":1e300,"v":1e-300}]')).toEqual([[1e300, undefined]]);
  });

  test('a record with a sum alone makes no node', () => {
    expect(json('[{"n":"/3303/0/1","s":5},{"n":"/3303/0/2","v":5}]')).toEqual([['/3303/0/2', 5]]);
  });

  test.each([
    ['[{}]', 'missing'],
    ['[{"v":1}]', 'missing'],
    ['[{"n":"","v":1}]', 'missing'],
    ['[{"bn":"/3303/0/","n":"1","u":"V"}]', 'missing'],
    ['[{"bver":0,"n":"/3303/0/1","v":1},{"bver":10}]', 'bad-value'],
    ['[{"n":"/3303/0/1","v":1},{"bver":5}]', 'bad-value'],
    ['[{"bver":11,"n":"/3303/0/1","v":1}]', 'unknown-version'],
    ['[{"n":"/3303/0/1","v":1,"vb":true}]', 'duplicate'],
    ['[{"n":"/3303/0/1","v":1},[]]', 'bad-type'],
    ['[{"n":"/3303/0/1","v":1},null]', 'bad-type'],
    ['null', 'bad-type'],
    ['', 'truncated'],
    ['[{"n":"/3303/0/1","v":1}]]', 'trailing-bytes'],
    ['[{"n":"/3303/0/1" "v":1}]', 'bad-syntax'],
  ])('%s is refused: %s', (text, code) => {
    expect(() => json(text)).toThrow(refusal(code));
  });

  test('of two fields with one label the later counts in JSON, whichever way it is read', () => {
    expect(json('[{"n":"/3303/0/1","v":1,"v":2}]')).toEqual([['/3303/0/1', 2]]);
    expect(json('[{"n":"/3303/0/1","v":1,"v":2,"foo":1234567890123456}]')).toEqual([['/3303/0/1', 2]]);
  });

  test.each([
    ['a label twice', '81a30061610201 0202', 'duplicate'],
    ['two names', '81a3006161006162 0201', 'duplicate'],
    ['a label of bytes', '81a24061610201', 'bad-type'],
    ['label -7', '81a300616102012600', 'bad-value'],
    ['label 2^63', '81a3006161 02011b800000000000000000', 'bad-value'],
    ['a base time of infinity', '81a300616122f97c000201', 'bad-value'],
    ['bytes behind the pack', '8000', 'trailing-bytes'],
    ['an array for a record', '8180', 'bad-type'],
    ['vlo that is no link', '81a2006161 63766c6f6131', 'bad-value'],
    ['an unknown field that is not well-formed', '81a3006161020163666f6f1c', 'reserved-value'],
  ])('CBOR with %s is refused', (_title, hex, code) => {
    expect(() => decodeSenmlCborRecords(fromHex(hex))).toThrow(expect.objectContaining({ name: 'DecodeError', code }));
  });

  test('CBOR of indefinite length everywhere', () => {
    const hex = '9fbf007f692f333330332f302f36ff085f41fb41ffffffff';
    expect(cbor(hex)).toEqual([fromHex('fbff')]);
  });

  test('CBOR: an unknown field is passed over, whatever it holds', () => {
    expect(cbor('81a3692f333330332f302f36a10181f600692f333330332f302f310205')).toEqual([5]);
  });

  test('CBOR: all labels', () => {
    const [record] = decodeSenmlCborRecords(fromHex('81ac2161612200236156240125022005006162016141020306040708 0509'));
    expect(record).toEqual({
      baseName: 'a',
      baseTime: 0,
      baseUnit: 'V',
      baseValue: 1,
      baseSum: 2,
      baseVersion: 5,
      name: 'b',
      unit: 'A',
      value: 3,
      time: 4,
      updateTime: 8,
      sum: 9,
    });
  });
});

describe('leniency linkAsString: Leshan writes an Objlnk as a string', () => {
  const link = { objectId: 3303, objectInstanceId: 0 };
  const text = '[{"bn":"/3303/0/8","vs":"3303:0"}]';

  test('it is read where the definition says Objlnk, unless refused', () => {
    expect(json(text)).toEqual([['/3303/0/8', link]]);
    expect(cbor('81a20366333330333a3021692f333330332f302f38')).toEqual([link]);
    expect(() => json(text, { leniency: { linkAsString: false } })).toThrow(refusal('wrong-type'));
  });

  test('elsewhere such text is text', () => {
    expect(json(text.replace('/8', '/4'))).toEqual([['/3303/0/4', '3303:0']]);
    expect(json(text, { lookup: () => undefined })).toEqual([['/3303/0/8', '3303:0']]);
  });
});

describe('leniencies of SenML-JSON', () => {
  test.each<[keyof Leniency, string, string]>([
    ['base64Variants', '"vd":"+/8="', 'bad-value'],
    ['hexadecimalNullLink', '"vlo":"FFFF:FFFF"', 'bad-value'],
  ])('%s', (name, field, code) => {
    expect(json(`[{"n":"/1/0/1",${field}}]`)).toHaveLength(1);
    expect(() => json(`[{"n":"/1/0/1",${field}}]`, { leniency: { [name]: false } })).toThrow(refusal(code));
  });
});

describe('limits: at the limit and one past it', () => {
  const text = '[{"n":"/1/0/1","v":1},{"n":"/1/0/2","v":2}]';
  const hex = '82a200662f312f302f310201a200662f312f302f320202';
  const nested = '[{"n":"/1/0/1","v":1,"foo":[[0]]}]';
  const carefully = '[{"n":"/1/0/1","v":1,"foo":[[0]],"bar":1234567890123456}]';

  test.each<[keyof DecodeLimits, number, string, string]>([
    ['nodesMax', 2, text, 'too-many'],
    ['parsedTextBytesMax', text.length, text, 'too-long'],
    ['nestingMax', 4, nested, 'too-deep'],
    ['nestingMax', 4, carefully, 'too-deep'],
  ])('%s %i of SenML-JSON', (name, limit, payload, code) => {
    expect(json(payload, { limits: { [name]: limit } })).not.toHaveLength(0);
    expect(() => json(payload, { limits: { [name]: limit - 1 } })).toThrow(refusal(code));
  });

  test('JSON of half a million levels is refused, closed or not', () => {
    const levels = 500_000;
    expect(() => json('['.repeat(levels))).toThrow(refusal('too-deep'));
    expect(() => json('['.repeat(levels) + ']'.repeat(levels))).toThrow(refusal('bad-type'));
    expect(() => json(`[{"n":"/1/0/1","v":1,"foo":${'['.repeat(levels)}${']'.repeat(levels)}}]`)).toThrow(
      refusal('too-deep'),
    );
  });

  test.each<[keyof DecodeLimits, number, string, string]>([
    ['nodesMax', 2, hex, 'too-many'],
    ['payloadBytesMax', hex.length / 2, hex, 'too-long'],
    ['nestingMax', 4, '81a300662f312f302f31020163666f6f818100', 'too-deep'],
  ])('%s %i of SenML-CBOR', (name, limit, payload, code) => {
    expect(cbor(payload, { limits: { [name]: limit } })).not.toHaveLength(0);
    expect(() => cbor(payload, { limits: { [name]: limit - 1 } })).toThrow(refusal(code));
  });
});
