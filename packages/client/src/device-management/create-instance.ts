import { formatPath, type LwM2mNode, type Path, resourcesById } from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import { type ObjectTree, type TreeInstance, type TreeObject, treeInstance } from './object-tree.ts';
import { contentOfNodes, nodesByResource } from './plan-write.ts';
import { applicationValue } from './tree-resource.ts';

/** What a Create asks for. */
export interface CreateOperation {
  /** The object. */
  readonly path: Path;
  /** Without an object instance id in their paths where the client is to choose one. */
  readonly nodes: readonly LwM2mNode[];
  /** See `ClientLimits`. */
  readonly objectInstancesMax: number;
}

/** What a Create led to. */
export interface CreatedInstances {
  /** The new instances; not yet in the tree. */
  readonly instances: readonly TreeInstance[];
  /** The client chose the id, and has to say it (LwM2M Transport 1.1.1 §6.4.4). */
  readonly idChosen: boolean;
}

/** The application's `create` threw, or gave something that is no implementation. */
export class CreateHandlerError extends Error {
  override readonly name = 'CreateHandlerError';

  constructor(options: { readonly cause: unknown }) {
    super('the application could not create an instance', options);
  }
}

/**
 * Checks a whole Create and asks the application for the instances. Nothing is added here, so that nothing is created if
 * any part is refused.
 *
 * @throws {RequestRefusedError} 4.04 for an object that is not here, 4.05 for one whose instances are fixed, 4.00 for an id
 *   that is taken, a mandatory resource that is missing or a value that does not fit, 5.03 at `objectInstancesMax`
 * @throws {CreateHandlerError} if the application refused
 * @see LwM2M Core 1.1.1 §6.3.6 (Create)
 */
export async function createInstances(tree: ObjectTree, operation: CreateOperation): Promise<CreatedInstances> {
  const { path, nodes, objectInstancesMax } = operation;
  const object = tree.object(path.objectId);
  if (object === undefined) throw new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
  const { handlers } = object;
  if (handlers === undefined) throw new RequestRefusedError('4.05', `instances of ${formatPath(path)} are fixed`);
  const groups = nodesByInstance(object, nodes);
  if (object.instances.size + groups.size > objectInstancesMax)
    throw new RequestRefusedError('5.03', 'too many instances');
  const requests = [...groups].map(([objectInstanceId, group]) => ({
    objectInstanceId,
    values: valuesByName(tree, object, group),
  }));
  const instances: TreeInstance[] = [];
  for (const request of requests) {
    try {
      const init = (await handlers.create(request)) as Readonly<Record<string, unknown>>;
      const { objectInstanceId } = request;
      instances.push(treeInstance({ objectId: object.spec.id, objectInstanceId, definition: object.spec, init }, true));
    } catch (cause) {
      throw RequestRefusedError.is(cause) ? cause : new CreateHandlerError({ cause });
    }
  }
  return { instances, idChosen: nodes.every((node) => node.path.objectInstanceId === undefined) };
}

function nodesByInstance(object: TreeObject, nodes: readonly LwM2mNode[]): ReadonlyMap<number, readonly LwM2mNode[]> {
  const groups = new Map<number, LwM2mNode[]>();
  const free = lowestFreeId(object);
  for (const node of nodes) {
    const id = node.path.objectInstanceId ?? free;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [node]);
    else group.push(node);
  }
  // A payload without anything creates an instance without anything.
  if (groups.size === 0) groups.set(free, []);
  for (const id of groups.keys()) {
    if (object.instances.has(id)) throw new RequestRefusedError('4.00', `instance ${id} exists`);
    // A single object has instance 0 alone (Core 1.1.1 §6.3.6).
    if (object.spec.multiple !== true && id !== 0)
      throw new RequestRefusedError('4.00', `object ${object.spec.id} is single`);
  }
  return groups;
}

function lowestFreeId({ instances, spec }: TreeObject): number {
  if (spec.multiple !== true) return 0;
  let id = 0;
  while (instances.has(id)) id += 1;
  return id;
}

/**
 * What the application is given: resources that a server may write, by name. Others are left out: read-only values and
 * resources that the definition does not know are ignored (Core 1.1.1 §6.3.6).
 */
function valuesByName(
  tree: ObjectTree,
  { spec }: TreeObject,
  nodes: readonly LwM2mNode[],
): Readonly<Record<string, unknown>> {
  const groups = nodesByResource(nodes);
  const values: Record<string, unknown> = {};
  for (const [resourceId, { name, spec: resource }] of resourcesById(spec)) {
    if (resource.operations !== 'RW' && resource.operations !== 'W') continue;
    const group = groups.get(resourceId);
    if (group !== undefined) values[name] = applicationValue(contentOfNodes(tree, resource, group));
    else if (resource.mandatory === true) throw new RequestRefusedError('4.00', `resource ${resourceId} is mandatory`);
  }
  return values;
}
