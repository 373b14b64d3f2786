import { defineObject, objectLookup, parsePath } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import { nodesFromValue, nodesOfInstance } from './nodes-from-values.ts';
import { UnusableContentError, valueFromNodes } from './values-from-nodes.ts';

const Valve = defineObject({
  id: 42_800,
  name: 'Valve',
  multiple: true,
  resources: {
    opening: { id: 1, operations: 'RW', type: 'Float', range: '0..100' },
    label: { id: 2, operations: 'RW', type: 'String' },
    steps: { id: 3, operations: 'RW', type: 'Integer', multiple: true },
    source: { id: 4, operations: 'RW', type: 'Objlnk' },
  },
});
const lookup = objectLookup([Valve]);
const nodes = (values: Record<string, string | number | bigint | undefined>) =>
  Object.entries(values).map(([path, value]) => ({ path: parsePath(path), value }));
const value = (path: string, values: Record<string, string | number | bigint | undefined>, bigint = false) =>
  valueFromNodes(parsePath(path), nodes(values), lookup, bigint);

describe('valueFromNodes', () => {
  test('a resource is its value', () => {
    expect(value('/42800/0/1', { '/42800/0/1': 20.5 })).toBe(20.5);
    expect(value('/42800/0/3/7', { '/42800/0/3/7': 4 })).toBe(4);
  });

  test('a multiple resource is a record by resource instance id, empty or not; a bare value is instance 0', () => {
    expect(value('/42800/0/3', { '/42800/0/3/0': 1, '/42800/0/3/9': 2 })).toEqual({ 0: 1, 9: 2 });
    expect(value('/42800/0/3', { '/42800/0/3': undefined })).toEqual({});
    expect(value('/42800/0/3', {})).toEqual({});
    expect(value('/42800/0/3', { '/42800/0/3': 5 })).toEqual({ 0: 5 });
  });

  test('an instance is a record by name; what no definition names stands under its id', () => {
    expect(value('/42800/1', { '/42800/1/1': 3, '/42800/1/3/0': 8, '/42800/1/99': 'x' })).toEqual({
      opening: 3,
      steps: { 0: 8 },
      99: 'x',
    });
    expect(value('/42800/1', { '/42800/1': undefined })).toEqual({});
    expect(value('/42801/0', { '/42801/0/1': 3, '/42801/0/2/5': 4 })).toEqual({ 1: 3, 2: { 5: 4 } });
  });

  test('an object is a record of its instances', () => {
    expect(value('/42800', { '/42800/0/1': 1, '/42800/4/2': 'b', '/42800/5': undefined })).toEqual({
      0: { opening: 1 },
      4: { label: 'b' },
      5: {},
    });
    expect(value('/42800', {})).toEqual({});
  });

  test.each([
    ['nothing for a single value', '/42800/0/1', {}],
    ['a node without a value', '/42800/0/1', { '/42800/0/1': undefined }],
    ['two values for one', '/42800/0/1', { '/42800/0/1': 1, '/42800/0/1/0': 2 }],
    ['what was not asked for', '/42800/0/1', { '/42800/0/2': 'x' }],
    ['an integer that a number cannot hold', '/42800/0/3', { '/42800/0/3/0': 2n ** 60n }],
  ])('refuses %s', (_name, path, values) => {
    expect(() => value(path, values)).toThrow(UnusableContentError);
  });

  test('gives a bigint to who asks for it', () => {
    expect(value('/42800/0/3', { '/42800/0/3/0': 2n ** 60n }, true)).toEqual({ 0: 2n ** 60n });
  });
});

describe('nodesFromValue', () => {
  test('a resource takes a value, a multiple one an array or a record', () => {
    expect(nodesFromValue(parsePath('/42800/0/1'), 3, lookup)).toEqual(nodes({ '/42800/0/1': 3 }));
    expect(nodesFromValue(parsePath('/42800/0/3'), [4, 5], lookup)).toEqual(
      nodes({ '/42800/0/3/0': 4, '/42800/0/3/1': 5 }),
    );
    expect(nodesFromValue(parsePath('/42800/0/3'), { 7: 4 }, lookup)).toEqual(nodes({ '/42800/0/3/7': 4 }));
    expect(nodesFromValue(parsePath('/42800/0/3'), [], lookup)).toEqual([{ path: parsePath('/42800/0/3') }]);
    expect(nodesFromValue(parsePath('/42800/0/3/2'), 4, lookup)).toEqual(nodes({ '/42800/0/3/2': 4 }));
  });

  test('an instance takes names, and ids for what has none; undefined is left out', () => {
    const path = parsePath('/42800/1');
    expect(nodesFromValue(path, { opening: 1, label: undefined, 99: 'x' }, lookup)).toEqual(
      nodes({ '/42800/1/99': 'x', '/42800/1/1': 1 }),
    );
    const link = { objectId: 3, objectInstanceId: 0 };
    expect(nodesFromValue(path, { source: link }, lookup)).toEqual([{ path: parsePath('/42800/1/4'), value: link }]);
  });

  test('an instance whose id the device chooses has no id in its paths', () => {
    expect(nodesOfInstance({ objectId: 42_800 }, { opening: 1 }, lookup)).toEqual([
      { path: { objectId: 42_800, resourceId: 1 }, value: 1 },
    ]);
  });

  test('without a definition any value goes', () => {
    const link = { objectId: 3, objectInstanceId: 0 };
    expect(nodesFromValue(parsePath('/9/0/1'), link, lookup)).toEqual([{ path: parsePath('/9/0/1'), value: link }]);
    expect(nodesFromValue(parsePath('/9/0/1'), [1], lookup)).toEqual(nodes({ '/9/0/1/0': 1 }));
    expect(nodesFromValue(parsePath('/9/0/1'), new Date(0), lookup)).toEqual([
      { path: parsePath('/9/0/1'), value: new Date(0) },
    ]);
    expect(nodesFromValue(parsePath('/9/0/1'), Uint8Array.of(1), lookup)).toEqual([
      { path: parsePath('/9/0/1'), value: Uint8Array.of(1) },
    ]);
  });

  test.each([
    ['a value of another type', '/42800/0/1', 'wide', 'ValueError'],
    ['a value out of range', '/42800/0/1', 101, 'ValueError'],
    ['one value for a multiple resource', '/42800/0/3', 5, 'TypeError'],
    ['an id that is none', '/42800/0/3', { 65535: 1 }, 'RangeError'],
    ['a name that the object does not have', '/42800/0', { openin: 1 }, 'TypeError'],
    ['a value for an instance', '/42800/0', 5, 'TypeError'],
    ['anything for an object', '/42800', {}, 'TypeError'],
    ['nothing for an unknown resource', '/9/0/1', null, 'TypeError'],
  ])('refuses %s', (_name, path, given, name) => {
    expect(() => nodesFromValue(parsePath(path), given, lookup)).toThrow(expect.objectContaining({ name }));
  });
});
