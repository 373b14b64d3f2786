import { formatPath, isWithin, type LwM2mNode, type Path, pathKey, pathLevel } from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import { isReadable, isSecurityObject } from './object-tree.ts';
import type { OperationHost } from './operation-host.ts';
import { readableNodes } from './read-nodes.ts';

/**
 * Reads several paths: for each what is there and may be read, which may be nothing.
 *
 * @returns the nodes of each path, in the order of the paths
 * @throws {RequestRefusedError} 4.01 where the server may read none of those that are there
 * @throws whatever the application's functions throw
 * @see LwM2M Core 1.1.1 §6.3.8, §8.2
 */
export async function readComposite(
  host: Pick<OperationHost, 'tree' | 'access'>,
  paths: readonly Path[],
  operation: 'read' | 'observe',
): Promise<readonly (readonly LwM2mNode[])[]> {
  const { access } = host;
  const targets = paths.map((path) => concretePaths(host, path));
  const isRefused = (path: Path): boolean => !access.isAllowed(operation, path);
  const all = targets.flat();
  if (all.length > 0 && all.every(isRefused)) {
    throw new RequestRefusedError('4.01', `no right to ${operation} any of the paths`);
  }
  return Promise.all(
    targets.map(async (target) => {
      const parts = target.filter((path) => !isRefused(path)).map((path) => readPresent(host, path));
      return (await Promise.all(parts)).flat();
    }),
  );
}

async function readPresent(
  { tree, access }: Pick<OperationHost, 'tree' | 'access'>,
  path: Path,
): Promise<readonly LwM2mNode[]> {
  try {
    return await readableNodes(tree, path, access);
  } catch (error) {
    // What is not there is left out (Core 1.1.1 §6.3.8).
    if (RequestRefusedError.is(error) && error.responseCode === '4.04') return [];
    throw error;
  }
}

/** All nodes, each path once: lists may overlap. */
export function distinctNodes(contents: readonly (readonly LwM2mNode[])[]): readonly LwM2mNode[] {
  const nodes = new Map<string, LwM2mNode>();
  for (const node of contents.flat()) {
    const key = pathKey(node.path);
    if (!nodes.has(key)) nodes.set(key, node);
  }
  return [...nodes.values()].filter(
    ({ path, value }) => value !== undefined || ![...nodes.values()].some((other) => isBelow(other.path, path)),
  );
}

function isBelow(path: Path, ancestor: Path): boolean {
  return isWithin(path, ancestor) && formatPath(path) !== formatPath(ancestor);
}

/** The root stands for all objects; what is not there, holds keys or cannot be read stands for nothing. */
function concretePaths({ tree }: Pick<OperationHost, 'tree'>, path: Path): readonly Path[] {
  const { objectId } = path;
  if (objectId === undefined) {
    const objects = tree.objects().filter(({ spec, instances }) => !isSecurityObject(spec.id) && instances.size > 0);
    return objects.map(({ spec }) => ({ objectId: spec.id }));
  }
  if (isSecurityObject(objectId)) return [];
  switch (pathLevel(path)) {
    case 'object':
      return tree.object(objectId)?.instances.size ? [path] : [];
    case 'objectInstance':
      return tree.instance(path) === undefined ? [] : [path];
    case 'resource':
    case 'resourceInstance': {
      const resource = tree.resource(path);
      return resource !== undefined && isReadable(resource.spec) ? [path] : [];
    }
    case 'root':
      return [];
  }
}
