import { formatPath, type ObjectSpec, type Path, resourcesById } from '@motestack/model';
import type { AccessControl } from '../device-management/access-control.ts';
import { type ObjectTree, treeInstance } from '../device-management/object-tree.ts';
import type { Transaction } from '../device-management/transaction.ts';
import { applicationValue, type ResourceContent, type TreeResource } from '../device-management/tree-resource.ts';
import { RequestRefusedError } from '../request-refused-error.ts';

/** What a bootstrap server wrote into an instance beside objects 0 and 1. */
export interface ProvisionedInstance {
  /** The instance. */
  readonly path: Path;
  /** By resource id. */
  readonly contents: ReadonlyMap<number, ResourceContent>;
}

/** What is changed. */
export interface ProvisionTarget {
  readonly tree: ObjectTree;
  readonly accessControl: AccessControl;
}

const ACCESS_CONTROL = 2;

/**
 * Whether an instance may be written: it is there, or its object can have others.
 *
 * @throws {RequestRefusedError} 4.04
 */
export function assertProvisionable({ tree }: ProvisionTarget, path: Path): void {
  const object = tree.object(path.objectId);
  const isHere = tree.instance(path) !== undefined;
  if (!isHere && object?.handlers === undefined && path.objectId !== ACCESS_CONTROL)
    throw new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
}

/** Whether an instance is one that a bootstrap server may take away: the device's own parts stay. */
export function isRemovable({ tree }: ProvisionTarget, path: Path): boolean {
  if (path.objectId === ACCESS_CONTROL) return true;
  return tree.object(path.objectId)?.handlers?.delete !== undefined;
}

/**
 * Writes an instance as it was given; resources that the device has not are ignored, and rights do not count.
 *
 * @throws whatever the application throws; what was done is then undone by the transaction
 * @see LwM2M Core 1.1.1 §6.1.7.5
 */
export async function provisionInstance(
  target: ProvisionTarget,
  { path, contents }: ProvisionedInstance,
  transaction: Transaction,
): Promise<void> {
  const { tree, accessControl } = target;
  const instance = tree.instance(path);
  if (instance === undefined) {
    const { objectId, objectInstanceId = 0 } = path;
    if (objectId === ACCESS_CONTROL) accessControl.adopt(objectInstanceId, contents);
    else await createInstance(tree, path, contents);
    transaction.onRollBack(() => void tree.removeInstance(path));
    return;
  }
  for (const [resourceId, content] of contents) {
    const resource = instance.resources.get(resourceId);
    if (resource !== undefined) await provisionResource(resource, content, transaction);
  }
}

async function provisionResource(
  resource: TreeResource,
  content: ResourceContent,
  transaction: Transaction,
): Promise<void> {
  if (resource.kind === 'computed') await resource.write?.(applicationValue(content));
  if (resource.kind !== 'kept') return;
  resource.check?.(content);
  const before = resource.content;
  transaction.onRollBack(() => {
    resource.content = before;
  });
  resource.content = content;
}

async function createInstance(tree: ObjectTree, path: Path, contents: ProvisionedInstance['contents']): Promise<void> {
  const object = tree.object(path.objectId);
  if (object?.handlers === undefined) throw new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
  const { objectId = 0, objectInstanceId = 0 } = path;
  const names = resourceNames(object.spec);
  const values = Object.fromEntries(
    [...contents].flatMap(([id, content]) => {
      const name = names.get(id);
      return name === undefined ? [] : [[name, applicationValue(content)]];
    }),
  );
  const init = (await object.handlers.create({ objectInstanceId, values })) as Readonly<Record<string, unknown>>;
  tree.addInstance(object.spec, treeInstance({ objectId, objectInstanceId, definition: object.spec, init }, true));
}

function resourceNames(spec: ObjectSpec): ReadonlyMap<number, string> {
  return new Map([...resourcesById(spec)].map(([id, { name }]) => [id, name]));
}
