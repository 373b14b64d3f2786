import { formatPath, type Path } from '@motestack/model';
import type { Assignment } from './plan-write.ts';
import { Transaction, type TransactionHandlers } from './transaction.ts';
import { applicationValue, type ResourceContent, readContent } from './tree-resource.ts';

/** The application's `write` for a resource threw. */
export class ResourceWriteError extends Error {
  override readonly name = 'ResourceWriteError';
  /** Which resource. */
  readonly path: Path;

  constructor(path: Path, options: { readonly cause: unknown }) {
    super('a resource could not be written', options);
    this.path = path;
  }
}

/**
 * Does what a Write was checked to do: the application's part first, since it may refuse, then what the client keeps.
 *
 * If the application refuses one of several resources, or the whole, those that it has taken are written back.
 *
 * @throws {ResourceWriteError} if the application refused a resource; nothing is changed then
 * @throws whatever the application's transaction throws; nothing is changed then
 */
export async function applyWrite(
  assignments: readonly Assignment[],
  handlers: TransactionHandlers = {},
): Promise<void> {
  const paths = assignments.map(({ path }) => formatPath(path));
  await Transaction.run(handlers, paths, async (transaction) => {
    const mayFail = assignments.length > 1 || handlers.validate !== undefined || handlers.commit !== undefined;
    for (const assignment of assignments) {
      // What stood there is only asked for where it may have to be restored.
      await writeComputed(assignment, mayFail ? transaction : undefined);
    }
    for (const { resource, content } of assignments) {
      if (resource.kind !== 'kept') continue;
      const before = resource.content;
      transaction.onRollBack(() => {
        resource.content = before;
      });
      resource.content = content;
    }
  });
}

async function writeComputed(assignment: Assignment, transaction: Transaction | undefined): Promise<void> {
  const { resource, content, path } = assignment;
  if (resource.kind !== 'computed' || content === undefined) return;
  const before = transaction === undefined ? undefined : await contentBefore(assignment);
  try {
    await resource.write?.(applicationValue(content));
  } catch (cause) {
    throw new ResourceWriteError(path, { cause });
  }
  if (before !== undefined) transaction?.onRollBack(() => resource.write?.(applicationValue(before)));
}

async function contentBefore({ resource }: Assignment): Promise<ResourceContent | undefined> {
  try {
    return await readContent(resource);
  } catch {
    // What cannot be read cannot be restored; the write itself may still succeed.
    return undefined;
  }
}
