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

describe('a definition, whose references are made at first use', () => {
  const resources = {
    constructor: { id: 0, operations: 'R', type: 'Float' },
    level: { id: 1, operations: 'R', type: 'Float' },
  } as const;
  const fresh = () => defineObject({ id: 42_803, name: 'Fresh', resources });

  test.each<[string, (definition: object) => unknown, unknown]>([
    ['a resource is read', (definition) => `${Reflect.get(definition, 'level')}`, '/42803/0/1'],
    ['one that each object has by another meaning', (definition) => `${definition.constructor}`, '/42803/0/0'],
    ['a name is looked for', (definition) => ['level' in definition, 'leve' in definition], [true, false]],
    [
      'names are listed',
      (definition) => new Set(Object.keys(definition)),
      new Set(['at', 'constructor', 'definition', 'instance', 'level', 'toString']),
    ],
    ['values are taken apart', (definition) => `${new Map(Object.entries(definition)).get('level')}`, '/42803/0/1'],
    ['a name is asked of it', (definition) => Object.hasOwn(definition, 'level'), true],
    ['a member', (definition) => Reflect.get(definition, 'definition'), { id: 42_803, name: 'Fresh', resources }],
    ['itself as text', (definition) => String(definition), '/42803'],
    ['what it does not have', (definition) => Reflect.get(definition, 'leve'), undefined],
  ])('%s', (_, look, seen) => {
    const definition = fresh();
    expect(look(definition)).toEqual(seen);
    expect(look(definition)).toEqual(seen);
  });

  test('gives the same reference each time', () => {
    const definition = fresh();
    expect(definition.level).toBe(definition.level);
    expect({ ...definition }.level).toBe(definition.level);
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
