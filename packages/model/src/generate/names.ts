import { camelCase, pascalCase } from './identifier.ts';

/** What a generated file imports or takes from the language: no object is called so. */
export const TAKEN_OBJECT_NAMES: readonly string[] = [
  'Array',
  'Date',
  'Error',
  'MultipleResource',
  'Object',
  'ObjectDefinition',
  'ObjectLink',
  'Readonly',
  'Record',
  'Resource',
  'Uint8Array',
];

/** Members of each definition; `then` would make `await` call it. */
export const RESERVED_RESOURCE_NAMES: readonly string[] = ['at', 'definition', 'instance', 'toString', 'then'];

/**
 * The identifier of an object: `LWM2M Access Control` is `AccessControl`. A name that is taken gets the id behind it, one
 * without letters or digits is `Object42800`.
 *
 * @param object its id and its name as a definition file has it
 */
export function nameObject({ id, name }: { readonly id: number; readonly name: string }): string {
  const plain = pascalCase(name);
  return plain === '' || TAKEN_OBJECT_NAMES.includes(plain) ? `${plain === '' ? 'Object' : plain}${id}` : plain;
}

/**
 * The identifiers of an object's resources: `Sensor Value` is `sensorValue`. Of equal names the lower id has the plain one,
 * the others get their id behind it, as do reserved names; one without letters or digits is `resource5700`.
 *
 * @param resources ids and names as a definition file has them, in any order
 * @returns the identifier by resource id, ids ascending
 */
export function nameResources(
  resources: Iterable<{ readonly id: number; readonly name: string }>,
): Map<number, string> {
  const taken = new Set<string>(RESERVED_RESOURCE_NAMES);
  const names = new Map<number, string>();
  for (const { id, name } of [...resources].sort((a, b) => a.id - b.id)) {
    const plain = camelCase(name) || `resource${id}`;
    let identifier = taken.has(plain) ? `${plain}${id}` : plain;
    while (taken.has(identifier)) identifier = `${identifier}_${id}`;
    taken.add(identifier);
    names.set(id, identifier);
  }
  return names;
}
