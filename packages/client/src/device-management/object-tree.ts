import type { ObjectInventory } from '@motestack/codecs';
import {
  formatPath,
  type ImplementedInstance,
  impliedObjectVersion,
  type ObjectLookup,
  type ObjectSpec,
  type Path,
  type ResourceSpec,
  resourcesById,
} from '@motestack/model';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import type { ImplementedObject } from './implemented-object.ts';
import { implementResource, type TreeResource } from './tree-resource.ts';

/** One object instance of the device. */
export interface TreeInstance {
  /** Object id. */
  readonly objectId: number;
  /** Object instance id. */
  readonly objectInstanceId: number;
  /** What the device implements, by resource id, ascending. */
  readonly resources: ReadonlyMap<number, TreeResource>;
}

/** One object of the device. */
export interface TreeObject {
  /** The facts. */
  readonly spec: ObjectSpec;
  /** The instances by id. */
  readonly instances: Map<number, TreeInstance>;
  /** What the application does about Create and Delete; `undefined`: servers may do neither. */
  readonly handlers: ImplementedObject['handlers'] | undefined;
}

/** All objects, object instances and resources of a device. */
export class ObjectTree {
  /** The definitions that count for this device. */
  readonly lookup: ObjectLookup = (objectId) => this.#objects.get(objectId)?.spec;
  readonly #objects = new Map<number, TreeObject>();

  /** The objects by id, ascending. */
  objects(): readonly TreeObject[] {
    return [...this.#objects.values()].sort((a, b) => a.spec.id - b.spec.id);
  }

  /** One object. */
  object(objectId: number | undefined): TreeObject | undefined {
    return objectId === undefined ? undefined : this.#objects.get(objectId);
  }

  /** The instance at a path, or that what stands there belongs to. */
  instance({ objectId, objectInstanceId }: Path): TreeInstance | undefined {
    if (objectInstanceId === undefined) return undefined;
    return this.object(objectId)?.instances.get(objectInstanceId);
  }

  /** The resource at a path, or that a resource instance belongs to. */
  resource(path: Path): TreeResource | undefined {
    return path.resourceId === undefined ? undefined : this.instance(path)?.resources.get(path.resourceId);
  }

  /**
   * Makes an object known whose instances come and go; some may be there already.
   *
   * @throws {TypeError} if it was made known so before
   */
  addObject({ objectId, definition, handlers }: ImplementedObject): void {
    const known = this.#objects.get(objectId);
    if (known?.handlers !== undefined) throw new TypeError(`object ${objectId} is given twice`);
    this.#objects.set(objectId, { spec: definition, instances: known?.instances ?? new Map(), handlers });
  }

  /** Adds an instance. @throws {TypeError} if there is one with its ids */
  addInstance(spec: ObjectSpec, instance: TreeInstance): void {
    const object = this.#objects.get(instance.objectId) ?? { spec, instances: new Map(), handlers: undefined };
    if (object.instances.has(instance.objectInstanceId)) {
      throw new TypeError(`${formatPath(instancePath(instance))} is given twice`);
    }
    this.#objects.set(instance.objectId, object);
    object.instances.set(instance.objectInstanceId, instance);
  }

  /** Removes an instance; says whether there was one. */
  removeInstance({ objectId, objectInstanceId }: Path): boolean {
    if (objectInstanceId === undefined) return false;
    return this.object(objectId)?.instances.delete(objectInstanceId) ?? false;
  }

  /**
   * What Register and Update tell: every object and instance but those of security.
   *
   * @see LwM2M Core 1.1.1 §6.2.1 (the list), §7.2.3 (when `ver` is needed)
   */
  inventory(version: LwM2mVersion, contentFormats: readonly number[], rootPath = '/'): ObjectInventory {
    const listed = this.objects().filter(({ spec }) => !isSecurityObject(spec.id));
    return {
      rootPath,
      contentFormats,
      objects: listed.map(({ spec, instances }) => ({
        objectId: spec.id,
        version: announcedVersion(spec, version),
        instances: sortedIds(instances),
      })),
    };
  }
}

/** Objects that hold keys: Security, OSCORE and MQTT Server. Servers may do nothing with them (LwM2M Core 1.1.1 §6.3). */
export function isSecurityObject(objectId: number): boolean {
  return objectId === 0 || objectId === 21 || objectId === 23;
}

/** The version that has to be said: `undefined` where the one that the enabler implies is meant (Core 1.1.1 §7.2.3). */
export function announcedVersion({ id, version = '1.0' }: ObjectSpec, enabler: LwM2mVersion): string | undefined {
  return version === impliedObjectVersion(enabler, id) ? undefined : version;
}

/** The path of an instance. */
export function instancePath({ objectId, objectInstanceId }: TreeInstance): Path {
  return { objectId, objectInstanceId };
}

/** The ids of a map in ascending order. */
export function sortedIds(map: ReadonlyMap<number, unknown>): readonly number[] {
  return [...map.keys()].sort((a, b) => a - b);
}

/**
 * Makes an instance from what the application gave.
 *
 * @param keepAbsent whether writable resources that were not given are kept as absent, so that a server may write them
 *   later: so it is for instances that a server created
 * @throws {TypeError} for a resource that the object has not, or an implementation that is none
 * @throws {ValueError} for a value of the wrong type
 */
export function treeInstance(implemented: ImplementedInstance, keepAbsent = false): TreeInstance {
  const { definition, objectId, objectInstanceId, init } = implemented;
  const resources: [number, TreeResource][] = [];
  for (const [resourceId, { name, spec }] of resourcesById(definition)) {
    const path = { objectId, objectInstanceId, resourceId };
    const implementation = init[name];
    if (implementation !== undefined) resources.push([resourceId, implementResource(spec, implementation, path)]);
    else if (keepAbsent && isWritable(spec)) resources.push([resourceId, { kind: 'kept', spec, content: undefined }]);
  }
  for (const name of Object.keys(init)) {
    if (!Object.hasOwn(definition.resources, name)) {
      throw new TypeError(`object ${objectId}, ${definition.name}, has no resource called ${name}`);
    }
  }
  return { objectId, objectInstanceId, resources: new Map(resources.sort(([a], [b]) => a - b)) };
}

/** Whether a server may read the resource. */
export function isReadable({ operations }: ResourceSpec): boolean {
  return operations === 'R' || operations === 'RW';
}

/** Whether a server may write the resource. */
export function isWritable({ operations }: ResourceSpec): boolean {
  return operations === 'W' || operations === 'RW';
}
