import { camelCase, pascalCase, RESERVED_RESOURCE_NAMES, TAKEN_OBJECT_NAMES } from '@motestack/model/generate';
import type { ObjectVersions, RegistryObject } from './registry.ts';

/** The names of one object. */
export interface ObjectNames {
  /** The name of the definition, e.g. `Temperature`. */
  readonly object: string;
  /** The names of the resources of each version: version → resource id → name. */
  readonly resources: ReadonlyMap<string, ReadonlyMap<number, string>>;
}

/**
 * Gives each object and each resource its name.
 *
 * - The newest version names an object, and each resource that it has; older versions follow.
 * - Of equal names the lower id has the plain one, the others get their id behind it.
 *
 * @returns by object id
 * @throws {Error} if a name is not legal, not unique or reserved
 */
export function nameObjects(registry: readonly ObjectVersions[]): Map<number, ObjectNames> {
  const names = new Map<number, ObjectNames>();
  const taken = new Set<string>(TAKEN_OBJECT_NAMES);
  for (const { id, versions, newest } of registry) {
    const plain = OBJECT_OVERRIDES[id] ?? pascalCase(newest.name);
    const object = taken.has(plain) ? `${plain}${id}` : plain;
    assertName(object, /^[A-Z][A-Za-z0-9]*$/, taken, `object ${id}`);
    taken.add(object);
    names.set(id, { object, resources: nameResources(versions) });
  }
  return names;
}

/** The snapshot: one line for each object and each resource, with the versions where not all have that name. */
export function formatNames(registry: readonly ObjectVersions[], names: ReadonlyMap<number, ObjectNames>): string {
  const lines: string[] = [];
  for (const { id, versions } of registry) {
    const { object, resources } = names.get(id) ?? unnamed(id);
    lines.push(`/${id} ${object} ${versions.map(({ version }) => version).join(' ')}`);
    const versionsOf = new Map<string, string[]>();
    for (const [version, byId] of resources) {
      for (const [resourceId, name] of byId) {
        const key = `${resourceId} ${name}`;
        versionsOf.set(key, [...(versionsOf.get(key) ?? []), version]);
      }
    }
    const sorted = [...versionsOf].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    for (const [key, having] of sorted) {
      lines.push(`  ${key}${having.length === versions.length ? '' : ` (${having.join(' ')})`}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Must not happen: each object was named. */
export function unnamed(id: number): never {
  throw new Error(`object ${id} was not named`);
}

/** Names that the rule would make worse than need be. */
const OBJECT_OVERRIDES: Readonly<Record<number, string>> = {
  10308: 'AttConnectivityExtension',
};

const RESOURCE_OVERRIDES: Readonly<Record<string, string>> = {
  // |+A|+|-A| is the sum, |+A|-|-A| the net; without their signs the names are equal.
  '3421/22': 'instantaneousActivePower',
  '3421/23': 'instantaneousNetActivePower',
  '3421/27': 'activeEnergyCombinedTotal',
  '3421/28': 'netActiveEnergyCombinedTotal',
  '3422/19': 'activeEnergyCombinedTotal',
  '3422/20': 'netActiveEnergyCombinedTotal',
};

/** Objects whose resources changed their meaning from version to version: each version is named by itself. */
const NAMED_BY_VERSION: ReadonlySet<number> = new Set([10260]);

function nameResources(versions: readonly RegistryObject[]): Map<string, Map<number, string>> {
  const separate = versions.some(({ id }) => NAMED_BY_VERSION.has(id));
  const groups = separate ? versions.map((version) => [version]) : [versions];
  return new Map(
    groups.flatMap((group) => {
      const names = nameById(group);
      return group.map(({ id, version, resources }): [string, Map<number, string>] => [
        version,
        new Map(resources.map((resource) => [resource.id, names.get(resource.id) ?? unnamed(id)])),
      ]);
    }),
  );
}

/** @param versions oldest first, so that the newest name is the one that stays */
function nameById(versions: readonly RegistryObject[]): Map<number, string> {
  const registryNames = new Map<number, string>();
  for (const { resources } of versions) for (const { id, name } of resources) registryNames.set(id, name);
  const names = new Map<number, string>();
  const taken = new Set<string>(RESERVED_RESOURCE_NAMES);
  const [{ id: objectId } = { id: -1 }] = versions;
  for (const [id, registryName] of [...registryNames].sort(([a], [b]) => a - b)) {
    const plain = RESOURCE_OVERRIDES[`${objectId}/${id}`] ?? camelCase(registryName);
    if (RESERVED_RESOURCE_NAMES.includes(plain)) throw new Error(`/${objectId}/x/${id}: ${plain} is reserved`);
    const name = taken.has(plain) ? `${plain}${id}` : plain;
    assertName(name, /^[a-z][A-Za-z0-9]*$/, taken, `/${objectId}/x/${id}`);
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

function assertName(name: string, form: RegExp, taken: ReadonlySet<string>, where: string): void {
  if (!form.test(name)) throw new Error(`${where}: ${JSON.stringify(name)} is no name`);
  if (taken.has(name)) throw new Error(`${where}: ${name} is taken`);
}
