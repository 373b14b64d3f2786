import {
  formatPath,
  type LwM2mNode,
  type ObjectLink,
  type Path,
  pathLevel,
  type ResourceValue,
  ValueError,
} from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import { instancePath, isWritable, type ObjectTree, type TreeInstance } from './object-tree.ts';
import {
  isInstances,
  type ResourceContent,
  readContent,
  sortedInstances,
  type TreeResource,
  writtenValue,
} from './tree-resource.ts';

/** One resource that a Write changes. */
export interface Assignment {
  /** The resource's path. */
  readonly path: Path;
  readonly resource: Exclude<TreeResource, { readonly kind: 'executable' }>;
  /** What it holds afterwards; `undefined`: nothing, the resource goes. */
  readonly content: ResourceContent | undefined;
}

/** What a Write asks for. */
export interface WriteRequest {
  readonly path: Path;
  readonly mode: 'replace' | 'update';
  readonly nodes: readonly LwM2mNode[];
  /** See `ClientLimits`. */
  readonly resourceInstancesMax: number;
}

/**
 * Checks a whole Write and says what it changes. Nothing is changed here, so that a Write is applied whole or not at all.
 *
 * @throws {RequestRefusedError} 4.04 for a target that is not here, 4.05 for a resource that may not be written, 4.00 for
 *   a value that the resource cannot hold
 * @see LwM2M Core 1.1.1 §6.3.3 (Replace and Partial Update)
 */
export async function planWrite(tree: ObjectTree, request: WriteRequest): Promise<readonly Assignment[]> {
  const instance = tree.instance(request.path);
  if (instance === undefined) throw notFound(request.path);
  const { resourceId } = request.path;
  const groups = nodesByResource(request.nodes);
  if (resourceId === undefined) return planInstanceWrite(tree, request, instance, groups);
  const resource = instance.resources.get(resourceId);
  if (resource === undefined) throw notFound(request.path);
  return [await planResourceWrite(tree, request, resource, groups.get(resourceId) ?? [])];
}

/**
 * Checks that a resource instance may be removed, and says what is left.
 *
 * @param planned what else is planned for the resource
 * @throws {RequestRefusedError} 4.04 where nothing stands, 4.05 for a resource that may not be written
 * @see LwM2M Core 1.2 §6.3.7; RFC 8790 §3.2
 */
export async function planRemoval(tree: ObjectTree, path: Path, planned?: Assignment): Promise<Assignment> {
  const resource = tree.resource(path);
  const { objectId, objectInstanceId, resourceId, resourceInstanceId } = path;
  if (resource === undefined || resourceInstanceId === undefined) throw notFound(path);
  const target = { objectId, objectInstanceId, resourceId } as Path;
  assertWritable(resource, target);
  const content = planned === undefined ? await readContent(resource) : planned.content;
  if (!isInstances(content) || !content.has(resourceInstanceId)) throw notFound(path);
  return { path: target, resource, content: new Map([...content].filter(([id]) => id !== resourceInstanceId)) };
}

/** Groups what a payload holds by resource; what names no resource says nothing. */
export function nodesByResource(nodes: readonly LwM2mNode[]): ReadonlyMap<number, readonly LwM2mNode[]> {
  const groups = new Map<number, LwM2mNode[]>();
  for (const node of nodes) {
    const { resourceId } = node.path;
    if (resourceId === undefined) continue;
    const group = groups.get(resourceId);
    if (group === undefined) groups.set(resourceId, [node]);
    else group.push(node);
  }
  return groups;
}

/**
 * The content that nodes of one resource give it, every value checked.
 *
 * @throws {RequestRefusedError} 4.00
 */
export function contentOfNodes(
  tree: ObjectTree,
  spec: TreeResource['spec'],
  nodes: readonly LwM2mNode[],
): ResourceContent {
  const values = nodes.filter(({ value }) => value !== undefined);
  if (spec.multiple === true) {
    return sortedInstances(
      values.map(({ path, value }) => {
        const { resourceInstanceId } = path;
        if (resourceInstanceId === undefined) throw badPayload('a multiple resource needs resource instances');
        return [resourceInstanceId, checked(tree, spec, value)];
      }),
    );
  }
  const [node] = values;
  if (node === undefined || values.length > 1 || node.path.resourceInstanceId !== undefined) {
    throw badPayload(`resource ${spec.id} holds one value`);
  }
  return checked(tree, spec, node.value);
}

async function planInstanceWrite(
  tree: ObjectTree,
  request: WriteRequest,
  instance: TreeInstance,
  groups: ReadonlyMap<number, readonly LwM2mNode[]>,
): Promise<readonly Assignment[]> {
  const assignments: Assignment[] = [];
  for (const [resourceId, nodes] of groups) {
    const resource = instance.resources.get(resourceId);
    // A resource that the device has not is no error in the write of an instance (Core 1.1.1 §6.3.3).
    if (resource !== undefined) assignments.push(await planResourceWrite(tree, request, resource, nodes));
  }
  return request.mode === 'replace' ? [...assignments, ...removals(instance, groups)] : assignments;
}

/** Replace removes what may be absent, is written by servers and is not in the payload. */
function removals(instance: TreeInstance, groups: ReadonlyMap<number, unknown>): readonly Assignment[] {
  return [...instance.resources].flatMap(([resourceId, resource]): readonly Assignment[] => {
    const removed =
      resource.kind === 'kept' &&
      resource.content !== undefined &&
      resource.spec.mandatory !== true &&
      isWritable(resource.spec) &&
      !groups.has(resourceId);
    if (!removed) return [];
    return [{ path: { ...instancePath(instance), resourceId }, resource, content: undefined }];
  });
}

async function planResourceWrite(
  tree: ObjectTree,
  request: WriteRequest,
  resource: TreeResource,
  nodes: readonly LwM2mNode[],
): Promise<Assignment> {
  const { objectId, objectInstanceId } = request.path;
  const path = { objectId, objectInstanceId, resourceId: resource.spec.id } as Path;
  assertWritable(resource, path);
  const given = contentOfNodes(tree, resource.spec, nodes);
  const content = isInstances(given) ? await withOtherInstances(request, resource, given) : given;
  if (isInstances(content) && content.size > request.resourceInstancesMax) {
    throw badPayload(`more than ${request.resourceInstancesMax} resource instances`);
  }
  if (resource.kind === 'kept') resource.check?.(content);
  return { path, resource, content };
}

function assertWritable(
  resource: TreeResource,
  path: Path,
): asserts resource is Exclude<TreeResource, { readonly kind: 'executable' }> {
  const isRefused =
    resource.kind === 'executable' ||
    !isWritable(resource.spec) ||
    (resource.kind === 'computed' && resource.write === undefined);
  if (isRefused) throw notWritable(path);
}

/** Adds the resource instances that a Partial Update, or the write of one resource instance, leaves alone. */
async function withOtherInstances(
  { path, mode }: WriteRequest,
  resource: TreeResource,
  given: ReadonlyMap<number, ResourceValue>,
): Promise<ResourceContent> {
  const one = pathLevel(path) === 'resourceInstance';
  if (mode === 'replace' && !one) return given;
  const content = await readContent(resource);
  const existing = isInstances(content) ? content : new Map<number, ResourceValue>();
  if (one && !(path.resourceInstanceId !== undefined && existing.has(path.resourceInstanceId))) throw notFound(path);
  return sortedInstances([...existing, ...given]);
}

function checked(tree: ObjectTree, spec: TreeResource['spec'], value: ResourceValue | undefined): ResourceValue {
  try {
    const written = writtenValue(spec, value);
    if (spec.type === 'Objlnk') checkLinkTarget(tree, written as ObjectLink);
    return written;
  } catch (error) {
    if (ValueError.is(error)) throw badPayload(`resource ${spec.id}: ${error.code}`);
    throw error;
  }
}

const NO_ID = 65_535;

/** A link points to an object, to an instance that exists, or nowhere (Core 1.1.1 Appendix C, Objlnk). */
function checkLinkTarget(tree: ObjectTree, { objectId, objectInstanceId }: ObjectLink): void {
  if (objectId === NO_ID && objectInstanceId === NO_ID) return;
  const object = tree.object(objectId);
  if (object !== undefined && (objectInstanceId === NO_ID || object.instances.has(objectInstanceId))) return;
  throw badPayload(`nothing stands at ${objectId}:${objectInstanceId}`);
}

function badPayload(diagnostic: string): RequestRefusedError {
  return new RequestRefusedError('4.00', diagnostic);
}

function notFound(path: Path): RequestRefusedError {
  return new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
}

function notWritable(path: Path): RequestRefusedError {
  return new RequestRefusedError('4.05', `${formatPath(path)} is not writable`);
}
