import type { ObjectSpec, ResourceSpec } from './object-spec.ts';
import type { Path } from './path.ts';

/** Says which definition of an object counts, for one device, say. `undefined`: none is known. */
export type ObjectLookup = (objectId: number) => ObjectSpec | undefined;

/** A resource of an object, with its name. */
export interface NamedResource {
  /** The name within the object, e.g. `sensorValue`. */
  readonly name: string;
  /** The facts. */
  readonly spec: ResourceSpec;
}

/**
 * Makes a look-up of definitions.
 *
 * @param definitions definitions or bare facts; of two with one object id the later counts
 */
export function objectLookup(definitions: Iterable<{ readonly definition: ObjectSpec } | ObjectSpec>): ObjectLookup {
  const specs = new Map<number, ObjectSpec>();
  for (const definition of definitions) {
    const spec = 'definition' in definition ? definition.definition : definition;
    specs.set(spec.id, spec);
  }
  return (objectId) => specs.get(objectId);
}

/** The facts of the resource at a path, or that a resource instance belongs to. `undefined`: shallower, or not known. */
export function resourceSpecAt(lookup: ObjectLookup, path: Path): ResourceSpec | undefined {
  if (path.objectId === undefined || path.resourceId === undefined) return undefined;
  const object = lookup(path.objectId);
  return object === undefined ? undefined : resourcesById(object).get(path.resourceId)?.spec;
}

/** The resources of an object by id. The index is made once for each `spec`. */
export function resourcesById(spec: ObjectSpec): ReadonlyMap<number, NamedResource> {
  let index = indexes.get(spec);
  if (index === undefined) {
    index = new Map(Object.entries(spec.resources).map(([name, resource]) => [resource.id, { name, spec: resource }]));
    indexes.set(spec, index);
  }
  return index;
}

const indexes = /* @__PURE__ */ new WeakMap<ObjectSpec, ReadonlyMap<number, NamedResource>>();
