import type { DiscoveredNode } from '@motestack/codecs';
import { formatPath, type NotificationAttributes, type Path, pathLevel } from '@motestack/model';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { RequestRefusedError } from '../request-refused-error.ts';
import { announcedVersion, instancePath, type ObjectTree, sortedIds, type TreeInstance } from './object-tree.ts';
import { isInstances, readContent, type TreeResource } from './tree-resource.ts';

/** The attributes that the asking server has attached. */
export interface AttachedAttributes {
  /** Attached at just this path. */
  at(path: Path): NotificationAttributes;
  /** Attached there or inherited from the object and the object instance. */
  inForce(path: Path): NotificationAttributes;
}

/**
 * Lists what stands at a path and below it, with the attributes of the asking server.
 *
 * Each link carries what is attached to it; the link of a resource that was asked for by name also what it inherits.
 *
 * @throws {RequestRefusedError} 4.04 where nothing stands
 * @see LwM2M Core 1.1.1 §6.3.2 (Discover)
 */
export async function discoverNodes(
  tree: ObjectTree,
  path: Path,
  attached: AttachedAttributes,
  lwm2mVersion: LwM2mVersion,
): Promise<readonly DiscoveredNode[]> {
  switch (pathLevel(path)) {
    case 'object': {
      const object = tree.object(path.objectId);
      if (object === undefined) throw notFound(path);
      const version = announcedVersion(object.spec, lwm2mVersion);
      const nodes: DiscoveredNode[] = [
        { path, attributes: attached.at(path), ...(version === undefined ? {} : { version }) },
      ];
      for (const id of sortedIds(object.instances)) {
        const instance = object.instances.get(id);
        if (instance !== undefined) nodes.push(...(await discoverInstance(instance, attached)));
      }
      return nodes;
    }
    case 'objectInstance': {
      const instance = tree.instance(path);
      if (instance === undefined) throw notFound(path);
      return discoverInstance(instance, attached);
    }
    case 'resource': {
      const resource = tree.resource(path);
      if (resource === undefined || !isPresent(resource)) throw notFound(path);
      return discoverResource(resource, path, attached, lwm2mVersion);
    }
    case 'resourceInstance':
    case 'root':
      throw new RequestRefusedError('4.05', 'Discover of this level is not allowed');
  }
}

async function discoverInstance(
  instance: TreeInstance,
  attached: AttachedAttributes,
): Promise<readonly DiscoveredNode[]> {
  const path = instancePath(instance);
  const nodes: DiscoveredNode[] = [{ path, attributes: attached.at(path) }];
  for (const [resourceId, resource] of instance.resources) {
    if (!isPresent(resource)) continue;
    const resourcePath = { ...path, resourceId };
    const dimension = (await resourceInstanceIds(resource))?.length;
    nodes.push({
      path: resourcePath,
      attributes: attached.at(resourcePath),
      ...(dimension === undefined ? {} : { dimension }),
    });
  }
  return nodes;
}

async function discoverResource(
  resource: TreeResource,
  path: Path,
  attached: AttachedAttributes,
  lwm2mVersion: LwM2mVersion,
): Promise<readonly DiscoveredNode[]> {
  const attributes = attached.inForce(path);
  const ids = await resourceInstanceIds(resource);
  if (ids === undefined) return [{ path, attributes }];
  const link = { path, attributes, dimension: ids.length };
  // 1.0 knows no links of resource instances.
  if (lwm2mVersion === '1.0') return [link];
  const instances = ids.map((resourceInstanceId) => ({ ...path, resourceInstanceId }));
  return [link, ...instances.map((instance) => ({ path: instance, attributes: attached.at(instance) }))];
}

function isPresent(resource: TreeResource): boolean {
  return resource.kind !== 'kept' || resource.content !== undefined;
}

/** `undefined` for a single resource, and for one whose function fails now: a Discover tells what is there all the same. */
async function resourceInstanceIds(resource: TreeResource): Promise<readonly number[] | undefined> {
  if (resource.spec.multiple !== true) return undefined;
  try {
    const content = await readContent(resource);
    return isInstances(content) ? [...content.keys()] : undefined;
  } catch {
    return undefined;
  }
}

function notFound(path: Path): RequestRefusedError {
  return new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
}
