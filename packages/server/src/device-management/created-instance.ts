import { formatPath, type Path, pathFromSegments, pathLevel } from '@motestack/model';
import { UnusableContentError } from './values-from-nodes.ts';

/**
 * Which instance a Create made: the answer names it if the device chose its id.
 *
 * @param object the object
 * @param locationPath of the answer
 * @param root the alternate path of the device
 * @param asked the id that the server chose, if it did
 * @throws {UnusableContentError} for an answer that names none, or another
 * @see LwM2M Core §6.3.6
 */
export function createdInstance(
  object: Path,
  locationPath: readonly string[],
  root: readonly string[],
  asked: number | undefined,
): number {
  if (locationPath.length === 0 && asked !== undefined) return asked;
  const isUnderRoot = root.every((segment, index) => locationPath[index] === segment);
  const created = locatedPath(isUnderRoot ? locationPath.slice(root.length) : locationPath);
  const id = created?.objectInstanceId;
  const isInstance =
    created?.objectId === object.objectId && created !== undefined && pathLevel(created) === 'objectInstance';
  if (!isInstance || id === undefined || (asked !== undefined && id !== asked)) {
    const where = created === undefined ? 'nothing' : formatPath(created);
    throw new UnusableContentError(`the answer says that ${where} was created`);
  }
  return id;
}

function locatedPath(segments: readonly string[]): Path | undefined {
  try {
    return pathFromSegments(segments);
  } catch {
    return undefined;
  }
}
