import { formatPath, type LwM2mNode, type Path, pathLevel } from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import type { ServerAccess } from './access-control.ts';
import { instancePath, isReadable, type ObjectTree, sortedIds, type TreeInstance } from './object-tree.ts';
import { isInstances, type ResourceContent, readContent, type TreeResource } from './tree-resource.ts';

/**
 * Reads all that a server may read at a path, in the order of the paths.
 *
 * On the level of an object or object instance, resources that may not be read are left out; a resource that was asked
 * for by name and may not be read is refused.
 *
 * @returns one node for each single resource and each resource instance; a node without value for an instance or a
 *   multiple resource that holds nothing
 * @throws {RequestRefusedError} 4.04 where nothing stands, 4.05 for a resource that is not readable
 * @throws whatever the application's functions throw, and `ValueError` for a value of the wrong type
 * @see LwM2M Core 1.1.1 §6.3.1 (Read)
 */
export async function readNodes(tree: ObjectTree, path: Path): Promise<readonly LwM2mNode[]> {
  switch (pathLevel(path)) {
    case 'object': {
      const object = tree.object(path.objectId);
      if (object === undefined) throw notFound(path);
      const instances = [...object.instances.values()].sort((a, b) => a.objectInstanceId - b.objectInstanceId);
      return (await Promise.all(instances.map(readInstance))).flat();
    }
    case 'objectInstance': {
      const instance = tree.instance(path);
      if (instance === undefined) throw notFound(path);
      return readInstance(instance);
    }
    case 'resource':
    case 'resourceInstance':
      return readResource(tree, path);
    case 'root':
      throw new RequestRefusedError('4.05', 'the root is not readable');
  }
}

/**
 * Reads what a server has the right to: at an object the instances that it may read, elsewhere all. Whether it may read the
 * path itself is asked before.
 *
 * @throws as {@link readNodes}
 * @see LwM2M Core 1.1.1 §8.2.4
 */
export async function readableNodes(tree: ObjectTree, path: Path, access: ServerAccess): Promise<readonly LwM2mNode[]> {
  const object = pathLevel(path) === 'object' ? tree.object(path.objectId) : undefined;
  if (object === undefined) return readNodes(tree, path);
  const instances = sortedIds(object.instances).map((objectInstanceId) => ({ ...path, objectInstanceId }));
  const readable = instances.filter((instance) => access.isAllowed('read', instance));
  return (await Promise.all(readable.map((instance) => readNodes(tree, instance)))).flat();
}

async function readInstance(instance: TreeInstance): Promise<readonly LwM2mNode[]> {
  const path = instancePath(instance);
  const readable = [...instance.resources].filter(([, { spec }]) => isReadable(spec));
  const contents = await Promise.all(readable.map(([, resource]) => readNamed(resource, path)));
  const nodes = readable.flatMap(([resourceId], index) => contentNodes({ ...path, resourceId }, contents[index]));
  return nodes.length === 0 ? [{ path }] : nodes;
}

async function readResource(tree: ObjectTree, path: Path): Promise<readonly LwM2mNode[]> {
  const resource = tree.resource(path);
  if (resource === undefined) throw notFound(path);
  if (!isReadable(resource.spec)) throw new RequestRefusedError('4.05', `${formatPath(path)} is not readable`);
  const content = await readNamed(resource, path);
  if (content === undefined) throw notFound(path);
  if (path.resourceInstanceId === undefined) return contentNodes(path, content);
  const value = isInstances(content) ? content.get(path.resourceInstanceId) : undefined;
  if (value === undefined) throw notFound(path);
  return [{ path, value }];
}

/** Reads, and says in what is thrown which resource it was. */
async function readNamed(resource: TreeResource, path: Path): Promise<ResourceContent | undefined> {
  try {
    return await readContent(resource);
  } catch (cause) {
    throw new ResourceReadError({ ...path, resourceId: resource.spec.id }, { cause });
  }
}

/** The application's function for a resource threw, or gave what the resource cannot hold. */
export class ResourceReadError extends Error {
  override readonly name = 'ResourceReadError';
  /** Which resource. */
  readonly path: Path;

  constructor(path: Path, options: { readonly cause: unknown }) {
    super(`${formatPath(path)} could not be read`, options);
    this.path = path;
  }
}

function contentNodes(path: Path, content: ResourceContent | undefined): readonly LwM2mNode[] {
  if (content === undefined) return [];
  if (!isInstances(content)) return [{ path, value: content }];
  if (content.size === 0) return [{ path }];
  return [...content].map(([resourceInstanceId, value]) => ({ path: { ...path, resourceInstanceId }, value }));
}

function notFound(path: Path): RequestRefusedError {
  return new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
}
