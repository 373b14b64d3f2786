import { expect, test } from 'vitest';
import { defineObject } from './define-object.ts';
import { objectLookup, resourceSpecAt, resourcesById } from './object-lookup.ts';
import type { ObjectSpec } from './object-spec.ts';
import { parsePath } from './path.ts';

const valve = defineObject({
  id: 42_800,
  name: 'Valve',
  resources: { opening: { id: 7, operations: 'RW', type: 'Float', multiple: true } },
});
const older: ObjectSpec = { id: 42_800, version: '0.9', name: 'Valve', resources: {} };

test('definitions and bare facts are looked up by id, and the later counts', () => {
  expect(objectLookup([older, valve])(42_800)).toBe(valve.definition);
  expect(objectLookup([valve, older])(42_800)).toBe(older);
  expect(objectLookup([valve])(3)).toBeUndefined();
  expect(objectLookup([])(3)).toBeUndefined();
});

test.each([
  ['/', undefined],
  ['/42800', undefined],
  ['/42800/0', undefined],
  ['/42800/0/7', 7],
  ['/42800/3/7/65534', 7],
  ['/42800/0/8', undefined],
  ['/3/0/7', undefined],
])('the facts at %s', (path, id) => {
  expect(resourceSpecAt(objectLookup([valve]), parsePath(path))?.id).toBe(id);
});

test('the index of an object is made once and knows names', () => {
  const { opening } = valve.definition.resources;
  expect(resourcesById(valve.definition)).toBe(resourcesById(valve.definition));
  expect(resourcesById(valve.definition).get(7)).toEqual({
    name: 'opening',
    spec: opening,
  });
});
