import type { ImplementedInstance } from './implementation.ts';
import type { ObjectSpec, ResourceSpec } from './object-spec.ts';
import { assertId } from './path.ts';
import type { MandatoryOf, ObjectDefinition, ResourcesOf } from './typed-path.ts';

/** What no resource may be called: the members of a definition, and `then`, which would make `await` call it. */
export type ReservedName = 'at' | 'definition' | 'instance' | 'toString' | 'then' | '__proto__';

/** Facts whose resources have no reserved name. (`toString` is in each object, so only the run-time check can refuse it.) */
export type DefinableSpec = ObjectSpec & {
  readonly resources: { readonly [Name in Exclude<ReservedName, 'toString'>]?: never };
};

/**
 * Defines an object. Those of the registry are made by it, and your own are made alike.
 *
 * @param spec the facts, written in place so that the compiler infers from them
 * @returns references to the resources by name (of instance 0), and `definition`, `at`, `instance`
 * @throws {TypeError} if a resource has a reserved name
 * @throws {RangeError} if an id is out of range or two resources share one
 * @example
 * const Valve = defineObject({
 *   id: 42_800,
 *   name: 'Valve',
 *   multiple: true,
 *   resources: {
 *     opening: { id: 1, operations: 'RW', type: 'Float', mandatory: true, range: '0..100', units: '/100' },
 *     flush: { id: 2, operations: 'E', type: '' },
 *   },
 * });
 * `${Valve.at(3).opening}` // '/42800/3/1'
 */
export function defineObject<const Spec extends DefinableSpec>(
  spec: Spec,
): ObjectDefinition<ResourcesOf<Spec>, MandatoryOf<Spec>> {
  assertDefinable(spec);
  const cached = new Map<number, object>();
  const at = (objectInstanceId: number): object => {
    const known = cached.get(objectInstanceId);
    if (known !== undefined) return known;
    assertId(objectInstanceId);
    const made = instanceReferences(spec, objectInstanceId);
    if (cached.size < INSTANCES_CACHED_MAX) cached.set(objectInstanceId, made);
    return made;
  };
  const members: DefinitionMembers = {
    definition: spec,
    toString: () => `/${spec.id}`,
    at,
    instance: (init, objectInstanceId = 0) => implementedInstance(spec, init, objectInstanceId),
  };
  unfilled.add(members);
  return new Proxy(members, fillAtFirstUse) as unknown as ObjectDefinition<ResourcesOf<Spec>, MandatoryOf<Spec>>;
}

/** What a definition has before anybody asks for a resource. */
interface DefinitionMembers {
  readonly definition: ObjectSpec;
  readonly at: (objectInstanceId: number) => object;
  readonly instance: (init: Readonly<Record<string, unknown>>, objectInstanceId?: number) => ImplementedInstance;
  readonly toString: () => string;
}

/** Definitions whose references were not made yet. */
const unfilled = /* @__PURE__ */ new WeakSet<DefinitionMembers>();

/**
 * Makes the references of a definition at the first look at anything but its members: a program that imports the whole
 * registry uses few of its thousands of resources, and pays for those alone.
 */
const fillAtFirstUse: ProxyHandler<DefinitionMembers> = {
  get: (members, key) => Reflect.get(Object.hasOwn(members, key) ? members : filled(members), key),
  has: (members, key) => key in (Object.hasOwn(members, key) ? members : filled(members)),
  ownKeys: (members) => Reflect.ownKeys(filled(members)),
  getOwnPropertyDescriptor: (members, key) => Reflect.getOwnPropertyDescriptor(filled(members), key),
};

function filled(members: DefinitionMembers): DefinitionMembers {
  return unfilled.delete(members) ? Object.assign(members, resourceReferences(members.definition, 0)) : members;
}

/** References of this many instances are kept for each definition; further ones are made anew at each `at`. */
export const INSTANCES_CACHED_MAX = 32;

const RESERVED_NAMES: readonly string[] = [
  'at',
  'definition',
  'instance',
  'toString',
  'then',
  '__proto__',
] satisfies ReservedName[];

class ResourceReference {
  readonly definition: ObjectSpec;
  readonly objectInstanceId: number;
  readonly facts: ResourceSpec;
  readonly resourceInstanceId: number | undefined;

  constructor(definition: ObjectSpec, objectInstanceId: number, facts: ResourceSpec, resourceInstanceId?: number) {
    this.definition = definition;
    this.objectInstanceId = objectInstanceId;
    this.facts = facts;
    this.resourceInstanceId = resourceInstanceId;
  }

  get objectId(): number {
    return this.definition.id;
  }

  get resourceId(): number {
    return this.facts.id;
  }

  at(resourceInstanceId: number): ResourceReference {
    assertId(resourceInstanceId);
    return new ResourceReference(this.definition, this.objectInstanceId, this.facts, resourceInstanceId);
  }

  toString(): string {
    const path = `/${this.definition.id}/${this.objectInstanceId}/${this.facts.id}`;
    return this.resourceInstanceId === undefined ? path : `${path}/${this.resourceInstanceId}`;
  }
}

function instanceReferences(spec: ObjectSpec, objectInstanceId: number): object {
  const members = { definition: spec, toString: () => `/${spec.id}/${objectInstanceId}` };
  return Object.assign(members, resourceReferences(spec, objectInstanceId));
}

function resourceReferences(spec: ObjectSpec, objectInstanceId: number): Readonly<Record<string, ResourceReference>> {
  const references: Record<string, ResourceReference> = {};
  for (const [name, facts] of Object.entries(spec.resources)) {
    references[name] = new ResourceReference(spec, objectInstanceId, facts);
  }
  return references;
}

function assertDefinable(spec: ObjectSpec): void {
  assertId(spec.id);
  const ids = new Set<number>();
  for (const name of Object.keys(spec.resources)) {
    const { id = -1 } = spec.resources[name] ?? {};
    if (RESERVED_NAMES.includes(name))
      throw new TypeError(`${name} is reserved: resource ${id} of object ${spec.id} needs another name`);
    if (ids.has(id)) throw new RangeError(`object ${spec.id} has two resources with the id ${id}`);
    assertId(id);
    ids.add(id);
  }
}

function implementedInstance(
  spec: ObjectSpec,
  init: Readonly<Record<string, unknown>>,
  objectInstanceId: number,
): ImplementedInstance {
  assertId(objectInstanceId);
  // A single object has instance 0 alone (LwM2M Core 1.2 §7.2.1, "Instances").
  if (spec.multiple !== true && objectInstanceId !== 0) {
    throw new RangeError(`object ${spec.id} has a single instance, 0, and no instance ${objectInstanceId}`);
  }
  for (const name of Object.keys(init)) {
    if (!Object.hasOwn(spec.resources, name)) throw new TypeError(`object ${spec.id} has no resource ${name}`);
  }
  return { objectId: spec.id, objectInstanceId, definition: spec, init };
}
