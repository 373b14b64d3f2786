import { comparePaths, isWithin, type LwM2mNode, type Path } from '@motestack/model';
import { ContentError } from '../content-error.ts';

/**
 * The nodes in ascending order of their paths, each path once and within what was asked.
 *
 * @param nodes the caller's, in any order
 * @param asked the path that was asked
 * @returns the same array if it is in order already
 * @throws {ContentError} `unexpected-path`, `duplicate-path`
 */
export function orderedNodes(nodes: readonly LwM2mNode[], asked: Path): readonly LwM2mNode[] {
  let inOrder = true;
  let previous: Path | undefined;
  for (const { path } of nodes) {
    if (!isWithin(path, asked)) throw new ContentError('unexpected-path', { path });
    if (previous !== undefined && !isNext(previous, path) && comparePaths(previous, path) >= 0) inOrder = false;
    previous = path;
  }
  if (inOrder) return nodes;
  const sorted = nodes.toSorted((a, b) => comparePaths(a.path, b.path));
  for (const [index, { path }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && comparePaths(before.path, path) === 0)
      throw new ContentError('duplicate-path', { path });
  }
  return sorted;
}

/** Whether both are of one instance and the resource of the first is the lower one: the usual case, told at once. */
function isNext({ objectInstanceId, resourceId = Number.NaN }: Path, path: Path): boolean {
  return objectInstanceId === path.objectInstanceId && resourceId < (path.resourceId ?? Number.NaN);
}
