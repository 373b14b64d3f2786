import type { DiscoveredNode } from '@motestack/codecs';
import { formatPath, type NotificationAttributes, type Path, pathLevel } from '@motestack/model';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { RequestRefusedError } from '../request-refused-error.ts';
import {
  announcedVersion,
  instancePath,
  type ObjectTree,
  sortedIds,
  type TreeInstance,
  type TreeObject,
} from './object-tree.ts';
import { isInstances, readContent, type TreeResource } from './tree-resource.ts';

/** The attributes that the asking server has attached. */
interface AttachedAttributes {
  /** Attached at just this path. */
  at(path: Path): NotificationAttributes;
  /** Attached there or inherited from the object and the object instance. */
  inForce(path: Path): NotificationAttributes;
}

/** What a Discover asks for, and what it is answered with. */
export interface DiscoverRequest {
  readonly path: Path;
  /** How many levels below the path; `undefined`: 2 below an object, 1 below an object instance or resource. */
  readonly depth: number | undefined;
  readonly attached: AttachedAttributes;
  readonly lwm2mVersion: LwM2mVersion;
}

/**
 * Lists what stands at a path and below it, with the attributes of the asking server.
 *
 * Each link carries what is attached to it; the link of a resource that was asked for by name also what it inherits.
 *
 * @throws {RequestRefusedError} 4.04 where nothing stands
 * @see LwM2M Core 1.1.1 §6.3.2 (Discover), Core 1.2 §6.3.2 (depth)
 */
export async function discoverNodes(tree: ObjectTree, request: DiscoverRequest): Promise<readonly DiscoveredNode[]> {
  const { path, attached, lwm2mVersion } = request;
  switch (pathLevel(path)) {
    case 'object': {
      const object = tree.object(path.objectId);
      if (object === undefined) throw notFound(path);
      return discoverObject(object, request.depth ?? 2, request);
    }
    case 'objectInstance': {
      const instance = tree.instance(path);
      if (instance === undefined) throw notFound(path);
      return discoverInstance(instance, request.depth ?? 1, attached);
    }
    case 'resource': {
      const resource = tree.resource(path);
      if (resource === undefined || !isPresent(resource)) throw notFound(path);
      // 1.0 knows no links of resource instances.
      const depth = lwm2mVersion === '1.0' ? 0 : (request.depth ?? 1);
      return discoverResource(resource, path, depth, { at: (at) => attachedOrInherited(at, request) });
    }
    case 'resourceInstance':
    case 'root':
      throw new RequestRefusedError('4.05', 'Discover of this level is not allowed');
  }
}

async function discoverObject(
  { spec, instances }: TreeObject,
  depth: number,
  { path, attached, lwm2mVersion }: DiscoverRequest,
): Promise<readonly DiscoveredNode[]> {
  const version = announcedVersion(spec, lwm2mVersion);
  const link = { path, attributes: attached.at(path), ...(version === undefined ? {} : { version }) };
  const nodes: DiscoveredNode[] = [link];
  for (const id of depth > 0 ? sortedIds(instances) : []) {
    const instance = instances.get(id);
    if (instance !== undefined) nodes.push(...(await discoverInstance(instance, depth - 1, attached)));
  }
  return nodes;
}

function attachedOrInherited(at: Path, { path, attached }: DiscoverRequest): NotificationAttributes {
  return pathLevel(at) === pathLevel(path) ? attached.inForce(at) : attached.at(at);
}

async function discoverInstance(
  instance: TreeInstance,
  depth: number,
  attached: Pick<AttachedAttributes, 'at'>,
): Promise<readonly DiscoveredNode[]> {
  const path = instancePath(instance);
  const nodes: DiscoveredNode[] = [{ path, attributes: attached.at(path) }];
  if (depth === 0) return nodes;
  for (const [resourceId, resource] of instance.resources) {
    if (!isPresent(resource)) continue;
    nodes.push(...(await discoverResource(resource, { ...path, resourceId }, depth - 1, attached)));
  }
  return nodes;
}

async function discoverResource(
  resource: TreeResource,
  path: Path,
  depth: number,
  attached: Pick<AttachedAttributes, 'at'>,
): Promise<readonly DiscoveredNode[]> {
  const attributes = attached.at(path);
  const ids = await resourceInstanceIds(resource);
  if (ids === undefined) return [{ path, attributes }];
  const link = { path, attributes, dimension: ids.length };
  if (depth === 0) return [link];
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
