import { fromHex, toHex } from '@motestack/bytes';
import { formatPath, objectLookup, parsePath } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import type { Leniency } from '../payload-context.ts';
import { decodeTlv } from './decode-tlv.ts';
import { encodeTlv } from './encode-tlv.ts';
import { decodeTlvEntries } from './tlv-entries.ts';

const lookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      manufacturer: { id: 0, type: 'String', operations: 'R' },
      reboot: { id: 4, type: '', operations: 'E' },
      powerSources: { id: 6, type: 'Integer', operations: 'R', multiple: true },
      batteryLevel: { id: 9, type: 'Integer', operations: 'R' },
      memory: { id: 10, type: 'Unsigned Integer', operations: 'R' },
      time: { id: 13, type: 'Time', operations: 'RW' },
    },
  },
  { id: 5, name: 'Several', multiple: true, resources: { one: { id: 1, type: 'Integer', operations: 'RW' } } },
]);

function read(path: string, hex: string, leniency?: Partial<Leniency>): [string, unknown][] {
  return decodeTlv(fromHex(hex), { path: parsePath(path), lookup, leniency }).map(({ path: { ...ids }, value }) => [
    ids.objectInstanceId === undefined && ids.resourceId !== undefined ? 'chosen by the device' : formatPath(ids),
    value,
  ]);
}

function refusal(code: string): unknown {
  return expect.objectContaining({ code });
}

describe('decodeTlv: what was asked decides the paths', () => {
  test.each([
    ['/3', '0003', 'an empty instance', [['/3/3', undefined]]],
    ['/3', '0300c10964', 'an instance', [['/3/0/9', 100]]],
    ['/3/0', 'c10964', 'resources', [['/3/0/9', 100]]],
    ['/3/0', '8006', 'a multiple resource without instances', [['/3/0/6', undefined]]],
    ['/3/0', '', 'nothing', []],
    ['/3/0/9', 'c10964', 'one resource', [['/3/0/9', 100]]],
    ['/3/0/6/1', '410105', 'one resource instance', [['/3/0/6/1', 5]]],
    ['/3/0/6/1', '8306410105', 'one resource instance in its resource', [['/3/0/6/1', 5]]],
    ['/3/0', 'c10401', 'a resource without a type', [['/3/0/4', fromHex('01')]]],
    ['/3', 'c10964', 'a Create without instance of an object with one instance', [['/3/0/9', 100]]],
    ['/5', 'c10164', 'a Create without instance of an object with several', [['chosen by the device', 100]]],
    ['/9', 'c10164', 'a Create without instance of an unknown object', [['chosen by the device', fromHex('64')]]],
  ])('%s, %s: %s', (path, hex, _title, wanted) => {
    expect(read(path, hex)).toEqual(wanted);
  });

  test.each([
    ['/3/0/9', 'c10a64', 'another resource', 'unexpected-path'],
    ['/3/0/6/1', '410205', 'another resource instance', 'unexpected-path'],
    ['/3/0/6/1', '8306410205', 'another resource instance in its resource', 'unexpected-path'],
    ['/3/1', '0300c10964', 'another instance', 'unexpected-path'],
    ['/3/0', '410105', 'a resource instance, of no resource', 'bad-type'],
    ['/3', '410105', 'a resource instance, of no instance', 'bad-type'],
    ['/3', '0300c10964c10964', 'an instance and a resource side by side', 'bad-type'],
    ['/3', '0600c10964c10964', 'a resource twice', 'duplicate-path'],
    ['/3/0', '8606410001410001', 'a resource instance twice', 'duplicate-path'],
    ['/3', '03000300', 'an instance in an instance', 'truncated'],
    ['/3', '0200c201c10964', 'a value that ends behind its container, with bytes there', 'truncated'],
    ['/3/0', '820642010303', 'the same in a multiple resource', 'truncated'],
    ['/', '0300c10964', 'the root', 'unsupported-content-format'],
    ['/3/0', 'e2ffff0001', 'identifier 65535', 'reserved-value'],
  ])('%s, %s: %s is refused', (path, hex, _title, code) => {
    expect(() => read(path, hex)).toThrow(refusal(code));
  });

  test('a duplicate is found among many ids in descending order', () => {
    const hex = Array.from({ length: 100 }, (_, index) => `c0${(200 - index).toString(16).padStart(2, '0')}`).join('');
    expect(read('/9/0', hex)).toHaveLength(100);
    expect(() => read('/9/0', `${hex}c0c8`)).toThrow(refusal('duplicate-path'));
  });
});

describe('leniencies: each is on unless refused by name', () => {
  test.each<[keyof Leniency, string, string, [string, unknown][], string]>([
    ['zeroLengthInteger', '/3/0', 'c009', [['/3/0/9', 0]], 'wrong-type'],
    ['zeroLengthInteger', '/3/0', 'c00d', [['/3/0/13', new Date(0)]], 'wrong-type'],
    ['threeByteInteger', '/3/0', 'c309fffffe', [['/3/0/9', -2]], 'wrong-type'],
    ['threeByteInteger', '/3/0', 'c30afffffe', [['/3/0/10', 0xfffffe]], 'wrong-type'],
    ['instanceWrapper', '/3/0', '0300c10964', [['/3/0/9', 100]], 'unexpected-path'],
    ['instanceWrapper', '/3/0/9', '0300c10964', [['/3/0/9', 100]], 'unexpected-path'],
    [
      'bareResourceInstances',
      '/3/0/6',
      '410001410105',
      [
        ['/3/0/6/0', 1],
        ['/3/0/6/1', 5],
      ],
      'bad-type',
    ],
    ['singleForMultiple', '/3/0/6/0', 'c10607', [['/3/0/6/0', 7]], 'unexpected-path'],
  ])('%s: %s %s', (name, path, hex, wanted, code) => {
    expect(read(path, hex)).toEqual(wanted);
    expect(() => read(path, hex, { [name]: false })).toThrow(refusal(code));
  });

  test('singleForMultiple: without it the value stays at the resource', () => {
    expect(read('/3/0', 'c10607')).toEqual([['/3/0/6/0', 7]]);
    expect(read('/3/0', 'c10607', { singleForMultiple: false })).toEqual([['/3/0/6', 7]]);
  });
});

describe('limits', () => {
  const two = fromHex('c109 64 c10a64');
  test('nodesMax: at the limit and one past it', () => {
    const context = { path: parsePath('/3/0'), lookup };
    expect(decodeTlv(two, { ...context, limits: { nodesMax: 2 } })).toHaveLength(2);
    expect(() => decodeTlv(two, { ...context, limits: { nodesMax: 1 } })).toThrow(refusal('too-many'));
    expect(decodeTlvEntries(two, { nodesMax: 2 })).toHaveLength(2);
    expect(() => decodeTlvEntries(two, { nodesMax: 1 })).toThrow(refusal('too-many'));
  });

  test('payloadBytesMax: at the limit and one past it', () => {
    const context = { path: parsePath('/3/0'), lookup };
    expect(decodeTlv(two, { ...context, limits: { payloadBytesMax: 6 } })).toHaveLength(2);
    expect(() => decodeTlv(two, { ...context, limits: { payloadBytesMax: 5 } })).toThrow(refusal('too-long'));
    expect(() => decodeTlvEntries(two, { payloadBytesMax: 5 })).toThrow(refusal('too-long'));
  });
});

describe('encodeTlv', () => {
  const at = (
    path: string,
    value?: string | number | bigint | Date,
  ): { path: object; value?: string | number | bigint | Date } =>
    value === undefined ? { path: parsePath(path) } : { path: parsePath(path), value };
  const write = (path: string, ...nodes: ReturnType<typeof at>[]): string =>
    toHex(encodeTlv(nodes, { path: parsePath(path), lookup }));

  test.each([
    ['/3', [at('/3/0/9', 100)], '0300c10964', 'instances for an object'],
    ['/3', [at('/3/1')], '0001', 'an empty instance'],
    ['/3', [at('/3')], '', 'no instance at all'],
    ['/3/0', [at('/3/0/9', 100)], 'c10964', 'resources for an instance'],
    ['/3/0', [at('/3/0/6')], '8006', 'a multiple resource without instances'],
    ['/3/0', [at('/3/0/6'), at('/3/0/6/2', 1)], '8306410201', 'a multiple resource named beside its instance'],
    ['/3/0/6', [at('/3/0/6/2', 1)], '8306410201', 'a multiple resource'],
    ['/3/0/6/2', [at('/3/0/6/2', 1)], '410201', 'a resource instance'],
    ['/3/0', [at('/3/0/9', 1), at('/3/0/0', 'a')], 'c10061c10901', 'ascending order, whatever the order given'],
    ['/5', [{ path: { objectId: 5, resourceId: 1 }, value: 7 }], 'c10107', 'a Create without instance'],
    ['/3', [], '', 'nothing'],
  ] as const)('%s: %$', (path, nodes, hex, _title) => {
    expect(write(path, ...nodes)).toBe(hex);
  });

  test.each([
    ['/', [at('/3/0/9', 1)], 'not-acceptable'],
    ['/3/0', [at('/3/1/9', 1)], 'unexpected-path'],
    ['/3/0', [at('/3/0/9', 1), at('/3/0/9', 2)], 'duplicate-path'],
    ['/3/0', [at('/3/0/6', 1), at('/3/0/6/0', 2)], 'duplicate-path'],
    ['/3/0', [at('/3/0/6', 1)], 'unexpected-path'],
    ['/3/0', [at('/3/0/9')], 'not-representable'],
    ['/3/0', [at('/3/0/6/0')], 'not-representable'],
    ['/3/0', [at('/3/0/9', 'text')], 'wrong-type'],
    ['/3/0', [at('/3/0/9', 2n ** 63n)], 'out-of-range'],
    ['/3/0', [at('/3/0/10', -1)], 'out-of-range'],
    ['/3/0', [at('/3/0/13', new Date(Number.NaN))], 'not-representable'],
    ['/3/0', [at('/3/0/0', '\ud800')], 'not-representable'],
  ] as const)('%s: %$ is refused', (path, nodes, code) => {
    expect(() => write(path, ...nodes)).toThrow(refusal(code));
  });

  test('a payload larger than the kept buffer, and a small one after it', () => {
    const long = 'x'.repeat(100_000);
    expect(write('/3/0', at('/3/0/0', long))).toHaveLength(2 * (100_000 + 5));
    expect(write('/3/0', at('/3/0/0', 'a'))).toBe('c10061');
  });

  test('an id that is none is a mistake of the caller', () => {
    const node = { path: { objectId: 3, objectInstanceId: 0, resourceId: 65_535 }, value: 1 };
    expect(() => encodeTlv([node], { path: parsePath('/3/0'), lookup })).toThrow(RangeError);
  });
});
