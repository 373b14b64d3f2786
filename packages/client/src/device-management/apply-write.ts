import type { Path } from '@motestack/model';
import type { Assignment } from './plan-write.ts';
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
 * If the application refuses one of several resources, those that it has taken are written back.
 *
 * @throws {ResourceWriteError} if the application refused; nothing that the client keeps is changed then
 */
export async function applyWrite(assignments: readonly Assignment[]): Promise<void> {
  const done: { readonly assignment: Assignment; readonly before: ResourceContent | undefined }[] = [];
  for (const assignment of assignments) {
    if (assignment.resource.kind !== 'computed' || assignment.content === undefined) continue;
    // What stood there is only asked for where it may have to be restored.
    const before = assignments.length > 1 ? await contentBefore(assignment) : undefined;
    try {
      await assignment.resource.write?.(applicationValue(assignment.content));
    } catch (cause) {
      for (const step of done.reverse()) await restore(step.assignment, step.before);
      throw new ResourceWriteError(assignment.path, { cause });
    }
    done.push({ assignment, before });
  }
  for (const { resource, content } of assignments) {
    if (resource.kind === 'kept') resource.content = content;
  }
}

async function contentBefore({ resource }: Assignment): Promise<ResourceContent | undefined> {
  try {
    return await readContent(resource);
  } catch {
    // What cannot be read cannot be restored; the write itself may still succeed.
    return undefined;
  }
}

async function restore({ resource }: Assignment, before: ResourceContent | undefined): Promise<void> {
  if (resource.kind !== 'computed' || before === undefined) return;
  try {
    await resource.write?.(applicationValue(before));
  } catch {
    // The refusal that led here is what the server and the application are told.
  }
}
