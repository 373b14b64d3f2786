import { type CoapAnswer, ResponseCode } from '@motestack/coap';
import { formatPath, type Path, pathLevel } from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import { applyWrite } from './apply-write.ts';
import { assertAllowed } from './assert-allowed.ts';
import { createInstances } from './create-instance.ts';
import { instancePath } from './object-tree.ts';
import type { Operation } from './operation.ts';
import type { AnsweredRequest, OperationHost } from './operation-host.ts';
import { decodeRequestPayload } from './payload.ts';
import { planRemoval, planWrite } from './plan-write.ts';

/** Answers a Write: whole, or not at all. @see LwM2M Core 1.1.1 §6.3.3 */
export async function answerWrite(
  { path, mode }: Operation & { readonly kind: 'Write' },
  request: AnsweredRequest,
  host: OperationHost,
): Promise<CoapAnswer> {
  const { tree, settings, limits, transaction } = host;
  if (tree.instance(path) === undefined) throw notFound(path);
  assertAllowed(host, 'write', path);
  const nodes = decodeRequestPayload(request, path, settings);
  const { resourceInstancesMax } = limits;
  const assignments = await planWrite(tree, { path, mode, nodes, resourceInstancesMax });
  await applyWrite(assignments, transaction);
  host.afterAnswer(() => host.changed(assignments.map((assignment) => assignment.path)));
  return { code: ResponseCode.Changed };
}

/** Answers a Create. The server that creates is the owner. @see LwM2M Core 1.1.1 §6.3.6, §8.1.2 */
export async function answerCreate(path: Path, request: AnsweredRequest, host: OperationHost): Promise<CoapAnswer> {
  const { tree, settings, limits, access } = host;
  const object = tree.object(path.objectId);
  if (object === undefined) throw notFound(path);
  assertAllowed(host, 'create', path);
  if (object.handlers === undefined)
    throw new RequestRefusedError('4.05', `instances of ${formatPath(path)} are fixed`);
  const nodes = decodeRequestPayload(request, path, settings);
  const { objectInstancesMax } = limits;
  const { instances, idChosen } = await createInstances(tree, { path, nodes, objectInstancesMax });
  // Another Create may have taken an id while the application was asked.
  for (const { objectInstanceId } of instances) {
    if (object.instances.has(objectInstanceId))
      throw new RequestRefusedError('4.00', `instance ${objectInstanceId} exists`);
  }
  for (const instance of instances) {
    tree.addInstance(object.spec, instance);
    access.created(instancePath(instance));
  }
  host.afterAnswer(() => {
    host.instancesChanged();
    host.changed(instances.map(instancePath));
  });
  const [first] = instances;
  if (!idChosen || first === undefined) return { code: ResponseCode.Created };
  const { rootSegments } = settings;
  const locationPath = [...rootSegments, String(first.objectId), String(first.objectInstanceId)];
  return { code: ResponseCode.Created, locationPath };
}

/** Answers a Delete, in 1.2 also of a resource instance. @see LwM2M Core 1.1.1 §6.3.7, Core 1.2 §6.3.7 */
export async function answerDelete(path: Path, host: OperationHost): Promise<CoapAnswer> {
  const { tree, attributes } = host;
  const instance = tree.instance(path);
  if (instance === undefined) throw notFound(path);
  assertAllowed(host, 'delete', path);
  if (pathLevel(path) === 'resourceInstance') return deleteResourceInstance(path, host);
  const handlers = tree.object(path.objectId)?.handlers;
  if (handlers === undefined) throw new RequestRefusedError('4.05', `${formatPath(path)} is fixed`);
  await handlers.delete?.(instance.objectInstanceId);
  tree.removeInstance(path);
  attributes.forget(path);
  host.afterAnswer(() => {
    host.instancesChanged();
    host.changed([path]);
  });
  return { code: ResponseCode.Deleted };
}

async function deleteResourceInstance(path: Path, host: OperationHost): Promise<CoapAnswer> {
  const { tree, attributes, transaction } = host;
  const assignment = await planRemoval(tree, path);
  await applyWrite([assignment], transaction);
  attributes.forget(path);
  host.afterAnswer(() => host.changed([path]));
  return { code: ResponseCode.Deleted };
}

function notFound(path: Path): RequestRefusedError {
  return new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
}
