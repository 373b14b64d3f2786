import { readFileSync } from 'node:fs';
import { defineObject, type ObjectSpec } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import * as root from './index.ts';
import { findObject, registeredObjectIds, registeredVersions } from './registry.ts';

interface RegistryObject {
  readonly id: number;
  readonly version: string;
  readonly name: string;
  readonly multiple?: boolean;
  readonly mandatory?: boolean;
  readonly resources: readonly { readonly id: number; readonly name: string }[];
}

const { objects } = JSON.parse(
  readFileSync(new URL('../../../tools/registry/objects.json', import.meta.url), 'utf8'),
) as { objects: RegistryObject[] };

const ids = [...new Set(objects.map(({ id }) => id))];

describe('findObject', () => {
  test('has the facts of the registry, for every object in every version', async () => {
    const found = await Promise.all(objects.map(({ id, version }) => findObject(id, version)));
    const facts = found.map((spec) => spec && { ...spec, resources: Object.values(spec.resources) });
    expect(facts).toEqual(
      objects.map(({ id, version, name, multiple, mandatory, resources }) => ({
        id,
        version,
        name,
        ...(multiple && { multiple }),
        ...(mandatory && { mandatory }),
        resources: resources.map(({ name: _, ...resource }) => resource),
      })),
    );
    expect(found).toHaveLength(424);
  }, 30_000);

  test('without a version it is the newest', async () => {
    for (const id of ids) expect((await findObject(id))?.version).toBe(registeredVersions(id).at(-1));
    expect((await findObject(15))?.version).toBe('2.0');
  });

  test.each([
    [9999, undefined],
    [3, '9.9'],
    [3, ''],
    [3, 'toString'],
    [-1, undefined],
    [Number.NaN, undefined],
  ])('object %s in version %s is not there', async (id, version) => {
    expect(await findObject(id, version)).toBeUndefined();
  });

  test('gives what defineObject takes', async () => {
    const spec = await findObject(3303, '1.0');
    const { sensorValue } = defineObject(spec as ObjectSpec);
    expect(`${sensorValue}`).toBe('/3303/0/5700');
  });
});

describe('what is registered', () => {
  test('ids and versions', () => {
    expect(registeredObjectIds()).toEqual(ids.toSorted((a, b) => a - b));
    for (const id of ids) {
      expect(registeredVersions(id)).toEqual(
        objects.filter((object) => object.id === id).map(({ version }) => version),
      );
    }
    expect(registeredVersions(9999)).toEqual([]);
  });
});

describe('the root', () => {
  const definitions: readonly { readonly definition: ObjectSpec }[] = Object.values(root);

  test('has every object, in its newest version', async () => {
    const newest = await Promise.all(ids.map((id) => findObject(id)));
    const byId = new Map(definitions.map(({ definition }) => [definition.id, definition]));
    expect(definitions).toHaveLength(327);
    expect(ids.map((id) => byId.get(id))).toEqual(newest);
  });

  test('/3303 has the newest version', async () => {
    const { Temperature } = await import('./3303.ts');
    expect(Temperature).toBe((await import('./3303/1.1.ts')).Temperature);
    expect(Temperature.definition).toEqual(root.Temperature.definition);
  });
});
