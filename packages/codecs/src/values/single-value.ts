import { type LwM2mNode, type Path, pathLevel, resourceSpecAt } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { DecodeSettings, PayloadContext } from '../payload-context.ts';

/**
 * The path that a value without a path of its own belongs to: what was asked, or instance 0 of a multiple resource.
 *
 * @param settings whose path was asked; `singleForMultiple` counts here
 * @param contentFormat for the error
 * @returns a resource or resource instance
 * @throws {ContentError} `unsupported-content-format` if one value cannot stand at the path
 */
export function singleValuePath(settings: DecodeSettings, contentFormat: number): Path {
  const { path, lookup, leniency } = settings;
  const level = pathLevel(path);
  if (level === 'resourceInstance') return path;
  if (level !== 'resource') throw new ContentError('unsupported-content-format', { path, contentFormat });
  if (resourceSpecAt(lookup, path)?.multiple !== true) return path;
  if (!leniency.singleForMultiple) throw new ContentError('unsupported-content-format', { path, contentFormat });
  return { ...path, resourceInstanceId: 0 };
}

/**
 * The one node that a format for single values is to carry.
 *
 * @param nodes the caller's: one, with a value, at the path that was asked
 * @param context whose path was asked
 * @param contentFormat for the error
 * @returns the node
 * @throws {ContentError} `not-acceptable` if there is not exactly one value, `unexpected-path` if it is elsewhere
 */
export function singleNode(nodes: readonly LwM2mNode[], { path }: PayloadContext, contentFormat: number): LwM2mNode {
  const level = pathLevel(path);
  const [node] = nodes;
  if (nodes.length !== 1 || node?.value === undefined || (level !== 'resource' && level !== 'resourceInstance')) {
    throw new ContentError('not-acceptable', { path, contentFormat });
  }
  const given = node.path;
  if (given.resourceInstanceId !== path.resourceInstanceId && path.resourceInstanceId === undefined) {
    throw new ContentError('not-acceptable', { path, contentFormat });
  }
  if (
    given.objectId !== path.objectId ||
    given.objectInstanceId !== path.objectInstanceId ||
    given.resourceId !== path.resourceId ||
    given.resourceInstanceId !== path.resourceInstanceId
  ) {
    throw new ContentError('unexpected-path', { path: given });
  }
  return node;
}
