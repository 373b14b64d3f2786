import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatNames, nameObjects } from './names.ts';
import { type ObjectVersions, type RegistryObject, readRegistry } from './registry.ts';

const registry = readRegistry();
const names = nameObjects(registry);

const object = (
  id: number,
  version: string,
  name: string,
  resources: readonly (readonly [number, string])[],
): RegistryObject => ({
  id,
  version,
  name,
  resources: resources.map(([resourceId, resourceName]) => ({
    id: resourceId,
    name: resourceName,
    operations: 'R',
    type: 'Float',
  })),
});
const versionsOf = (...versions: [RegistryObject, ...RegistryObject[]]): ObjectVersions => {
  const newest = versions.at(-1) ?? versions[0];
  return { id: newest.id, versions, newest };
};

describe('the registry', () => {
  test('has 327 objects in 424 versions with 4506 resources', () => {
    const versions = registry.flatMap((entry) => entry.versions);
    expect([registry.length, versions.length, versions.flatMap(({ resources }) => resources).length]).toEqual([
      327, 424, 4506,
    ]);
  });

  test('its newest versions are last', () => {
    const newest = new Map(registry.map((entry) => [entry.id, entry.newest.version]));
    expect([0, 1, 2, 3, 4, 5, 6, 7, 3303].map((id) => newest.get(id))).toEqual([
      '1.2',
      '1.2',
      '1.1',
      '1.2',
      '1.3',
      '1.2',
      '1.0',
      '1.0',
      '1.1',
    ]);
  });
});

describe('nameObjects', () => {
  test('gives every object and every resource of the registry a legal name of its own', () => {
    const objectNames = [...names.values()].map((named) => named.object);
    expect(new Set(objectNames).size).toBe(327);
    for (const name of objectNames) expect(name).toMatch(/^[A-Z][A-Za-z0-9]*$/);
    for (const { versions } of registry) {
      for (const { id, version, resources } of versions) {
        const resourceNames = resources.map(
          (resource) => names.get(id)?.resources.get(version)?.get(resource.id) ?? '',
        );
        expect(new Set(resourceNames).size, `${id} ${version}`).toBe(resources.length);
        for (const name of resourceNames) expect(name, `${id} ${version}`).toMatch(/^[a-z][A-Za-z0-9]*$/);
      }
    }
  });

  test('no name changes unseen: tools/registry/names.txt', () => {
    const snapshot = readFileSync(new URL('../registry/names.txt', import.meta.url), 'utf8');
    expect(formatNames(registry, names)).toBe(snapshot);
  });

  test('of equal names the lower id has the plain one', () => {
    expect([6, 3336].map((id) => names.get(id)?.object)).toEqual(['Location', 'Location3336']);
    const entry = versionsOf(
      object(1, '1.0', 'A', [
        [9, 'Same'],
        [4, 'same'],
        [7, 'Other'],
      ]),
    );
    expect(nameObjects([entry]).get(1)?.resources.get('1.0')).toEqual(
      new Map([
        [4, 'same'],
        [9, 'same9'],
        [7, 'other'],
      ]),
    );
  });

  test('the newest name counts for all versions, also where an older version had two of it', () => {
    const entry = versionsOf(
      object(1, '1.0', 'Old', [
        [1, 'Old One'],
        [2, 'Old One'],
      ]),
      object(1, '1.1', 'New', [
        [1, 'One'],
        [2, 'Two'],
      ]),
    );
    const named = nameObjects([entry]).get(1);
    expect(named?.object).toBe('New');
    for (const version of ['1.0', '1.1'])
      expect([...(named?.resources.get(version)?.values() ?? [])]).toEqual(['one', 'two']);
  });

  test('resources that changed their meaning are named by version', () => {
    const named = names.get(10_260)?.resources;
    expect([named?.get('1.0')?.get(2), named?.get('2.0')?.get(2)]).toEqual(['persistent', 'exists']);
  });

  test.each(['At', 'Definition', 'Instance', 'To String', 'Then'])('stops at the reserved name %s', (name) => {
    expect(() => nameObjects([versionsOf(object(1, '1.0', 'A', [[1, name]]))])).toThrow('reserved');
  });

  test('stops where there is no name to make', () => {
    expect(() => nameObjects([versionsOf(object(1, '1.0', 'A', [[1, '|+|']]))])).toThrow('no name');
    expect(() => nameObjects([versionsOf(object(1, '1.0', '', []))])).toThrow('no name');
  });

  test('an object is not called what its file imports', () => {
    expect(nameObjects([versionsOf(object(9, '1.0', 'Date', []))]).get(9)?.object).toBe('Date9');
  });
});
