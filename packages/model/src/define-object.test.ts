import { describe, expect, test } from 'vitest';
import { defineObject, INSTANCES_CACHED_MAX } from './define-object.ts';
import type { ObjectSpec } from './object-spec.ts';

const Valve = defineObject({
  id: 42_800,
  version: '1.1',
  name: 'Valve',
  multiple: true,
  resources: {
    opening: { id: 1, operations: 'RW', type: 'Float', mandatory: true, range: '0..100', units: '/100' },
    flush: { id: 2, operations: 'E', type: '' },
    name: { id: 3, operations: 'R', type: 'String' },
    pressures: { id: 4, operations: 'R', type: 'Float', multiple: true },
  },
});
const Single = defineObject({
  id: 42_801,
  name: 'Single',
  resources: { state: { id: 0, operations: 'R', type: 'Integer' } },
});

describe('references', () => {
  test('print their paths', () => {
    expect(`${Valve}`).toBe('/42800');
    expect(`${Valve.opening}`).toBe('/42800/0/1');
    expect(`${Valve.at(3)}`).toBe('/42800/3');
    expect(`${Valve.at(3).opening}`).toBe('/42800/3/1');
    expect(`${Valve.at(3).pressures.at(2)}`).toBe('/42800/3/4/2');
  });

  test('know their ids and facts', () => {
    const { objectId, objectInstanceId, resourceId, resourceInstanceId, facts, definition } =
      Valve.at(3).pressures.at(2);
    expect({ objectId, objectInstanceId, resourceId, resourceInstanceId }).toEqual({
      objectId: 42_800,
      objectInstanceId: 3,
      resourceId: 4,
      resourceInstanceId: 2,
    });
    const { pressures } = Valve.definition.resources;
    expect(facts).toBe(pressures);
    expect(definition).toBe(Valve.definition);
    expect(Valve.pressures.resourceInstanceId).toBeUndefined();
    expect(Valve.at(3).definition).toBe(Valve.definition);
  });

  test('a resource may be called name, version or id', () => {
    expect(`${Valve.name}`).toBe('/42800/0/3');
    expect(Valve.definition.name).toBe('Valve');
    expect(Valve.definition.version).toBe('1.1');
  });

  test('are the same ones each time, up to a limit', () => {
    expect(Valve.at(0)).toBe(Valve.at(0));
    expect(Valve.at(0).opening).toEqual(Valve.opening);
    for (let id = 0; id <= INSTANCES_CACHED_MAX; id++) Valve.at(id);
    expect(Valve.at(INSTANCES_CACHED_MAX - 1)).toBe(Valve.at(INSTANCES_CACHED_MAX - 1));
    expect(Valve.at(INSTANCES_CACHED_MAX + 1)).not.toBe(Valve.at(INSTANCES_CACHED_MAX + 1));
    expect(`${Valve.at(INSTANCES_CACHED_MAX + 1).opening}`).toBe(`/42800/${INSTANCES_CACHED_MAX + 1}/1`);
  });

  test.each([-1, 65_535, 0.5, Number.NaN])('%s is no instance', (id) => {
    expect(() => Valve.at(id)).toThrow(RangeError);
    expect(() => Valve.pressures.at(id)).toThrow(RangeError);
    expect(() => Valve.instance({ opening: 1 }, id)).toThrow(RangeError);
  });
});

describe('instance', () => {
  test('keeps what was given', () => {
    const init = { opening: 5, flush: () => undefined };
    expect(Valve.instance(init, 7)).toEqual({
      objectId: 42_800,
      objectInstanceId: 7,
      definition: Valve.definition,
      init,
    });
    expect(Valve.instance({ opening: 5 }).objectInstanceId).toBe(0);
  });

  test('a single object has instance 0 alone', () => {
    expect(Single.instance({ state: 1 }).objectInstanceId).toBe(0);
    expect(() => Single.instance({ state: 1 }, 1)).toThrow(RangeError);
  });

  test('refuses what the object does not have', () => {
    const misspelt: { opening: number } = Object.assign({ opening: 1 }, { toString: 'x' });
    expect(() => Valve.instance(misspelt)).toThrow(TypeError);
  });
});

describe('defineObject', () => {
  const define = (resources: ObjectSpec['resources'], id = 42_802) =>
    defineObject({ id, name: 'Wrong', resources } as never);

  test.each(['at', 'definition', 'instance', 'toString', 'then', '__proto__'])('no resource is called %s', (name) => {
    const resources = Object.fromEntries([[name, { id: 1, operations: 'R', type: 'Float' }]]);
    expect(() => define(resources as ObjectSpec['resources'])).toThrow(TypeError);
  });

  test('no two resources share an id, and each id is one', () => {
    const spec = { operations: 'R', type: 'Float' } as const;
    expect(() => define({ a: { id: 1, ...spec }, b: { id: 1, ...spec } })).toThrow(RangeError);
    expect(() => define({ a: { id: 65_535, ...spec } })).toThrow(RangeError);
    expect(() => define({}, 65_535)).toThrow(RangeError);
  });
});
