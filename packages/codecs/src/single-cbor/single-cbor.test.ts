import { fromHex, toHex } from '@motestack/bytes';
import { objectLookup, parsePath, type ResourceValue } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import { decodeSingleCbor, encodeSingleCbor } from './single-cbor.ts';

const lookup = objectLookup([
  {
    id: 42,
    name: 'Row',
    resources: {
      label: { id: 0, type: 'String', operations: 'RW' },
      count: { id: 1, type: 'Integer', operations: 'RW' },
      total: { id: 2, type: 'Unsigned Integer', operations: 'RW' },
      factor: { id: 3, type: 'Float', operations: 'RW' },
      on: { id: 4, type: 'Boolean', operations: 'RW' },
      key: { id: 5, type: 'Opaque', operations: 'RW' },
      when: { id: 6, type: 'Time', operations: 'RW' },
      link: { id: 7, type: 'Objlnk', operations: 'RW' },
      many: { id: 8, type: 'Integer', operations: 'RW', multiple: true },
    },
  },
]);
const context = (resource: string): { path: object; lookup: typeof lookup } => ({
  path: parsePath(`/42/0/${resource}`),
  lookup,
});
const read = (resource: string, hex: string): unknown => decodeSingleCbor(fromHex(hex), context(resource))[0]?.value;

const rows: [string, string, ResourceValue][] = [
  ['0', '6161', 'a'],
  ['1', '3863', -100],
  ['1', '3b7fffffffffffffff', -(2n ** 63n)],
  ['2', '1bffffffffffffffff', 2n ** 64n - 1n],
  ['3', 'fa3f800000', 1],
  ['3', 'fb3fb999999999999a', 0.1],
  ['4', 'f5', true],
  ['5', '42fbff', fromHex('fbff')],
  ['6', 'c11a514b67b0', new Date(1363896240000)],
  ['7', '6436363a30', { objectId: 66, objectInstanceId: 0 }],
  ['8/3', '05', 5],
  ['99', '05', 5],
];

describe('CBOR of one value', () => {
  test.each(rows)('/42/0/%s %s', (resource, hex, value) => {
    expect(read(resource, hex)).toEqual(value);
    const { path } = context(resource);
    expect(toHex(encodeSingleCbor([{ path, value }], context(resource)))).toBe(hex);
  });

  test.each(rows)('every prefix of /42/0/%s %s is refused', (resource, hex) => {
    for (let end = 0; end < hex.length; end += 2) {
      expect(() => read(resource, hex.slice(0, end))).toThrow(expect.objectContaining({ code: 'truncated' }));
    }
  });

  test.each<[string, string, ResourceValue]>([
    ['3', '01', 1],
    ['3', 'f93c00', 1],
    ['3', 'c4820a01', 1e10],
    ['1', 'f94900', 10],
    ['6', '1a514b67b0', new Date(1363896240000)],
    ['6', 'c074323031332d30332d32315432303a30343a30305a', new Date(1363896240000)],
    ['5', '5f41fb41ffff', fromHex('fbff')],
    ['0', 'd8206161', 'a'],
    ['2', 'c24801000000000000 00'.replace(' ', ''), 2n ** 56n],
    ['8', '07', 7],
  ])('/42/0/%s %s is read, though we write it otherwise', (resource, hex, value) => {
    expect(read(resource, hex)).toEqual(value);
  });

  test.each([
    ['1', 'f6', 'bad-type'],
    ['1', 'f7', 'bad-type'],
    ['1', '80', 'bad-type'],
    ['1', 'a0', 'bad-type'],
    ['1', '0000', 'trailing-bytes'],
    ['1', '6131', 'wrong-type'],
    ['1', 'f93e00', 'wrong-type'],
    ['1', '1bffffffffffffffff', 'out-of-range'],
    ['7', '6136', 'wrong-type'],
    ['0', '62c328', 'bad-utf8'],
    ['1', `${'d820'.repeat(17)}01`, 'too-deep'],
  ])('/42/0/%s %s is refused: %s', (resource, hex, code) => {
    expect(() => read(resource, hex)).toThrow(expect.objectContaining({ code }));
  });

  test('more than one value is not acceptable, an instance not supported', () => {
    expect(() => encodeSingleCbor([], context('1'))).toThrow(expect.objectContaining({ code: 'not-acceptable' }));
    expect(() => decodeSingleCbor(fromHex('01'), { path: parsePath('/42/0'), lookup })).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format' }),
    );
  });

  test('payloadBytesMax: at the limit and one past it', () => {
    expect(decodeSingleCbor(fromHex('1818'), { ...context('1'), limits: { payloadBytesMax: 2 } })).toHaveLength(1);
    expect(() => decodeSingleCbor(fromHex('1818'), { ...context('1'), limits: { payloadBytesMax: 1 } })).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });
});
