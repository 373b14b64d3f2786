import { readFileSync } from 'node:fs';

/** A resource as `tools/registry/objects.json` has it. */
export interface RegistryResource {
  readonly id: number;
  readonly name: string;
  readonly operations: 'R' | 'W' | 'RW' | 'E' | '';
  readonly type:
    | 'String'
    | 'Integer'
    | 'Unsigned Integer'
    | 'Float'
    | 'Boolean'
    | 'Opaque'
    | 'Time'
    | 'Objlnk'
    | 'Corelnk'
    | '';
  readonly multiple?: boolean;
  readonly mandatory?: boolean;
  readonly range?: string;
  readonly units?: string;
}

/** One version of an object. */
export interface RegistryObject {
  readonly id: number;
  readonly version: string;
  readonly name: string;
  readonly lwm2mVersion?: string;
  readonly multiple?: boolean;
  readonly mandatory?: boolean;
  readonly resources: readonly RegistryResource[];
}

/** All versions of one object, oldest first. */
export interface ObjectVersions {
  readonly id: number;
  readonly versions: readonly RegistryObject[];
  readonly newest: RegistryObject;
}

/** Reads all objects of the registry, ids ascending. */
export function readRegistry(): ObjectVersions[] {
  const text = readFileSync(new URL('../registry/objects.json', import.meta.url), 'utf8');
  const { objects } = JSON.parse(text) as { objects: RegistryObject[] };
  const byId = new Map<number, RegistryObject[]>();
  for (const object of objects) {
    const versions = byId.get(object.id);
    if (versions === undefined) byId.set(object.id, [object]);
    else versions.push(object);
  }
  return [...byId.entries()]
    .sort(([a], [b]) => a - b)
    .map(([id, unordered]) => {
      const versions = unordered.sort((a, b) => compareVersions(a.version, b.version));
      const newest = versions.at(-1);
      if (newest === undefined) throw new Error(`object ${id} has no version`);
      return { id, versions, newest };
    });
}

/** Orders `1.0`, `1.2`, `1.10`, `2.0`. */
function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
