import { decodeUtf8, toHex } from '@motestack/bytes';
import { type LwM2mNode, objectLookup, parsePath, type ResourceValue } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import { encodeSenmlCbor } from '../senml-cbor/encode-senml-cbor.ts';
import { encodeSenmlCborRecords } from '../senml-cbor/encode-senml-cbor-records.ts';
import { encodeSenmlJson, encodeSenmlJsonRecords } from '../senml-json/encode-senml-json.ts';

const lookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      level: { id: 9, type: 'Integer', operations: 'R' },
      time: { id: 13, type: 'Time', operations: 'RW' },
      label: { id: 14, type: 'String', operations: 'RW' },
      factor: { id: 15, type: 'Float', operations: 'RW' },
    },
  },
]);

function node(path: string, value?: ResourceValue, time?: number): LwM2mNode {
  return { path: parsePath(path), value, time };
}

function json(asked: string, ...nodes: LwM2mNode[]): unknown {
  return JSON.parse(decodeUtf8(encodeSenmlJson(nodes, { path: parsePath(asked), lookup })));
}

describe('names: what all paths share is the base name', () => {
  test.each([
    ['/3/0/9', [node('/3/0/9', 1)], [{ bn: '/3/0/9', v: 1 }]],
    [
      '/3/0',
      [node('/3/0/9', 1), node('/3/0/13', new Date(1000))],
      [
        { bn: '/3/0/', n: '9', v: 1 },
        { n: '13', v: 1 },
      ],
    ],
    [
      '/4',
      [node('/4/0/1', 1), node('/4/1/1', 2)],
      [
        { bn: '/4/', n: '0/1', v: 1 },
        { n: '1/1', v: 2 },
      ],
    ],
    [
      '/',
      [node('/4/0/1', 1), node('/5/0/1/2', 2)],
      [
        { n: '/4/0/1', v: 1 },
        { n: '/5/0/1/2', v: 2 },
      ],
    ],
    [
      '/4/0/6',
      [node('/4/0/6/0', 1), node('/4/0/6/1', 2)],
      [
        { bn: '/4/0/6/', n: '0', v: 1 },
        { n: '1', v: 2 },
      ],
    ],
    [
      '/4/0',
      [node('/4/0/6', 1), node('/4/0/6/1', 2)],
      [
        { bn: '/4/0/', n: '6', v: 1 },
        { n: '6/1', v: 2 },
      ],
    ],
    [
      '/4/0',
      [node('/4/0/6/1', 1), node('/4/0/6', 2)],
      [
        { bn: '/4/0/', n: '6/1', v: 1 },
        { n: '6', v: 2 },
      ],
    ],
    ['/4/0/6/1', [node('/4/0/6/1', 1)], [{ bn: '/4/0/6/1', v: 1 }]],
    ['/4/0/1', [node('/4/0/1', 1), node('/4/0/1', 2)], [{ bn: '/4/0/1', v: 1 }, { v: 2 }]],
    ['/3', [node('/3/0')], []],
    ['/3/0/6', [node('/3/0/6')], []],
    ['/3/0', [], []],
  ])('%s: %$', (asked, nodes, records) => {
    expect(json(asked, ...nodes)).toEqual(records);
  });
});

describe('times: the first is the base', () => {
  test.each([
    ['one', [1.5e9], [{ bn: '/4/0/1', bt: 1.5e9, v: 0 }]],
    ['the same', [1.5e9, 1.5e9], [{ bn: '/4/0/1', bt: 1.5e9, v: 0 }, { v: 1 }]],
    [
      'earlier and later',
      [1.5e9, 1499999970.5, 1.5e9 + 1],
      [
        { bn: '/4/0/1', bt: 1.5e9, v: 0 },
        { t: -29.5, v: 1 },
        { t: 1, v: 2 },
      ],
    ],
    [
      'as they were written',
      [1699877805.766, 1699877805.867],
      [
        { bn: '/4/0/1', bt: 1699877805.766, v: 0 },
        { t: 0.101, v: 1 },
      ],
    ],
    ['one without', [1.5e9, undefined, 1.5e9], [{ bn: '/4/0/1', t: 1.5e9, v: 0 }, { v: 1 }, { t: 1.5e9, v: 2 }]],
    [
      'relative ones',
      [-5, 0],
      [
        { bn: '/4/0/1', bt: -5, v: 0 },
        { t: 5, v: 1 },
      ],
    ],
    [
      'too far apart',
      [1.5e9, 1e-9, 2e-9],
      [
        { bn: '/4/0/1', bt: 1.5e9, v: 0 },
        { bt: 1e-9, v: 1 },
        { t: 1e-9, v: 2 },
      ],
    ],
  ])('%s', (_title, times, records) => {
    const nodes = times.map((time, value) => node('/4/0/1', value, time));
    expect(json('/4/0/1', ...nodes)).toEqual(records);
  });
});

describe('values', () => {
  test('without a definition the type follows from the value', () => {
    const values: ResourceValue[] = [
      1,
      1.5,
      -(2n ** 63n),
      'a',
      true,
      new Uint8Array([251, 255]),
      new Date(-1),
      { objectId: 66, objectInstanceId: 65_535 },
    ];
    const text = decodeUtf8(
      encodeSenmlJson(
        values.map((value) => node('/4/0/1', value)),
        { path: {}, lookup },
      ),
    );
    expect(text).toBe(
      '[{"bn":"/4/0/1","v":1},{"v":1.5},{"v":-9223372036854775808},{"vs":"a"},{"vb":true},{"vd":"-_8"},{"v":-1},{"vlo":"66:65535"}]',
    );
  });

  test('−0 stays −0 in JSON and in CBOR', () => {
    const context = { path: {}, lookup };
    expect(decodeUtf8(encodeSenmlJson([node('/4/0/1', -0)], context))).toBe('[{"bn":"/4/0/1","v":-0}]');
    expect(toHex(encodeSenmlCbor([node('/4/0/1', -0)], context))).toBe('81a221662f342f302f3102fa80000000');
  });

  // Leshan 2.0.0-M18 answers 4.00 to the integer of a Float, and constrained decoders may lack floats of 16 bits.
  test.each([
    ['a whole Float', '/3/0/15', 10, 'fa41200000'],
    ['a Float with a fraction', '/3/0/15', 0.5, 'fa3f000000'],
    ['a Float that 32 bits do not hold', '/3/0/15', -25_000_000_001, 'fbc2174876e8040000'],
    ['a whole Float beyond 2^53', '/3/0/15', 2 ** 60, 'fa5d800000'],
    ['−0', '/3/0/15', -0, 'fa80000000'],
    ['an Integer', '/3/0/9', 10, '0a'],
    ['a Time', '/3/0/13', new Date(10_000), '0a'],
    ['a whole number without a definition', '/4/0/15', 10, '0a'],
    ['a fraction without a definition', '/4/0/15', 0.5, 'fa3f000000'],
  ])('CBOR: %s', (_title, path, value, hex) => {
    const written = toHex(encodeSenmlCbor([node(path, value)], { path: {}, lookup }));
    expect(written.slice(written.lastIndexOf(toHex(Buffer.from(path))) + 2 * path.length)).toBe(`02${hex}`);
  });

  test('CBOR: a time with a fraction is no float of 16 bits either', () => {
    const nodes = [node('/4/0/1', 1, 1.5e9), node('/4/0/1', 2, 1.5e9 + 0.5)];
    expect(toHex(encodeSenmlCbor(nodes, { path: {}, lookup }))).toMatch(/06fa3f0000000202$/);
  });

  test('records: isFloat makes a whole number a float; halfFloats can be turned off', () => {
    const records = [{ name: 'a', value: 10, isFloat: true }];
    expect(toHex(encodeSenmlCborRecords(records))).toBe('81a200616102f94900');
    expect(toHex(encodeSenmlCborRecords(records, { halfFloats: false }))).toBe('81a200616102fa41200000');
    expect(decodeUtf8(encodeSenmlJsonRecords(records))).toBe('[{"n":"a","v":10}]');
    expect(() => encodeSenmlCborRecords([{ name: 'a', value: Number.NaN, isFloat: true }])).toThrow(
      expect.objectContaining({ code: 'not-representable' }),
    );
  });

  test('a Patch Pack removes what has no value', () => {
    const nodes = [node('/34/0/1/0'), node('/34/0/1/1', 'a')];
    const context = { path: {}, lookup };
    expect(decodeUtf8(encodeSenmlJson(nodes, context, 'patch'))).toBe(
      '[{"bn":"/34/0/1/","n":"0","v":null},{"n":"1","vs":"a"}]',
    );
    expect(toHex(encodeSenmlCbor(nodes.slice(0, 1), context, 'patch'))).toBe('81a221692f33342f302f312f3002f6');
  });

  test.each<[string, LwM2mNode, string]>([
    ['NaN', node('/4/0/1', Number.NaN), 'not-representable'],
    ['infinity', node('/4/0/1', Number.NEGATIVE_INFINITY), 'not-representable'],
    ['half a surrogate pair', node('/3/0/14', '\ud800'), 'not-representable'],
    ['no Date', node('/3/0/13', new Date(Number.NaN)), 'not-representable'],
    ['text for an Integer', node('/3/0/9', '9'), 'wrong-type'],
    ['an Integer of 65 bits', node('/3/0/9', 2n ** 63n), 'out-of-range'],
    ['an integer of 65 bits', node('/4/0/9', 2n ** 64n), 'out-of-range'],
    ['a value of an instance', { path: parsePath('/3/0'), value: 1 }, 'unexpected-path'],
    ['a path without instance', { path: { objectId: 3, resourceId: 9 }, value: 1 }, 'unexpected-path'],
  ])('%s is refused', (_title, one, code) => {
    const context = { path: {}, lookup };
    const refused = expect.objectContaining({ name: 'ContentError', code });
    expect(() => encodeSenmlJson([one], context)).toThrow(refused);
    expect(() => encodeSenmlCbor([one], context)).toThrow(refused);
  });

  test('what was not asked is refused', () => {
    expect(() => json('/3/1', node('/3/0/9', 1))).toThrow(expect.objectContaining({ code: 'unexpected-path' }));
  });

  test('an id that is none is a mistake of the caller', () => {
    const one = { path: { objectId: 3, objectInstanceId: 0, resourceId: 65_535 }, value: 1 };
    expect(() => json('/3/0', one)).toThrow(RangeError);
  });

  test('records with numbers that SenML has no notation for', () => {
    const refused = expect.objectContaining({ code: 'not-representable' });
    expect(() => encodeSenmlJsonRecords([{ name: 'a', value: 1, time: Number.NaN }])).toThrow(refused);
    expect(() => encodeSenmlCborRecords([{ name: 'a', value: 1, baseTime: Number.POSITIVE_INFINITY }])).toThrow(
      refused,
    );
  });

  test('every field of a record', () => {
    const record = {
      baseName: 'a',
      baseTime: 0,
      baseUnit: 'V',
      baseValue: 1n,
      baseSum: 2,
      baseVersion: 5,
      name: 'b',
      unit: 'A',
      value: 3,
      time: 4,
      updateTime: 8,
      sum: 9,
    };
    expect(decodeUtf8(encodeSenmlJsonRecords([record]))).toBe(
      '[{"bn":"a","bt":0,"bu":"V","bv":1,"bs":2,"bver":5,"n":"b","u":"A","t":4,"ut":8,"v":3,"s":9}]',
    );
    expect(toHex(encodeSenmlCborRecords([record]))).toBe(
      '81ac21616122002361562401250220050061620161410604070802030509',
    );
  });
});
