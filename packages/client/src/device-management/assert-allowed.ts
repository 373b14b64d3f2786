import { type AccessOperation, formatPath, type Path } from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import type { OperationHost } from './operation-host.ts';

/**
 * Refuses what the asking server has no right to. What is not there is left to the operation, which says so.
 *
 * @throws {RequestRefusedError} 4.01
 * @see LwM2M Core 1.1.1 §8.2 (Authorization): rights come first, what the target can do second
 */
export function assertAllowed(
  { tree, access }: Pick<OperationHost, 'tree' | 'access'>,
  operation: AccessOperation,
  path: Path,
): void {
  const isHere =
    path.objectInstanceId === undefined ? tree.object(path.objectId) !== undefined : tree.instance(path) !== undefined;
  if (!isHere || access.isAllowed(operation, path)) return;
  // An object without instances has nothing that could be refused (§8.2.4).
  const isRead = operation === 'read' || operation === 'observe';
  if (isRead && path.objectInstanceId === undefined && tree.object(path.objectId)?.instances.size === 0) return;
  throw new RequestRefusedError('4.01', `no right to ${operation} ${formatPath(path)}`);
}
