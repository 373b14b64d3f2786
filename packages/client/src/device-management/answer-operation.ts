import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import { type CoapAnswer, type CoapRequest, ResponseCode } from '@motestack/coap';
import { ContentFormat, encodeDiscovery } from '@motestack/codecs';
import {
  AttributeError,
  checkAttributesApply,
  type ExecuteArguments,
  ExecuteArgumentsError,
  formatPath,
  type Path,
  parseAttributeQuery,
  parseExecuteArguments,
  pathLevel,
  resourceSpecAt,
} from '@motestack/model';
import type { ClientLimits } from '../client-limits.ts';
import type { AttributeStore } from '../information-reporting/attribute-store.ts';
import type { ObservationInit } from '../information-reporting/observation.ts';
import { RequestRefusedError } from '../request-refused-error.ts';
import { applyWrite } from './apply-write.ts';
import { createInstances } from './create-instance.ts';
import { discoverNodes } from './discover-nodes.ts';
import { instancePath, type ObjectTree } from './object-tree.ts';
import type { Operation } from './operation.ts';
import { chooseContentFormat, contentAnswer, decodeRequestPayload, type PayloadSettings } from './payload.ts';
import { planWrite } from './plan-write.ts';
import { readNodes } from './read-nodes.ts';
import { refusalBecause } from './refusal-because.ts';

/** The parts of a request that its operation reads. */
export type AnsweredRequest = Pick<CoapRequest, 'query' | 'contentFormat' | 'accept' | 'payload'>;

/** What is observed, and what the answer to the Observe says. */
export type Observed = Omit<ObservationInit, 'relation'>;

/** What operations work on, for one server. */
export interface OperationHost {
  readonly tree: ObjectTree;
  /** The attributes of the asking server. */
  readonly attributes: AttributeStore;
  readonly limits: ClientLimits;
  /** How payloads are read and written now. */
  readonly settings: PayloadSettings;
  /** How often something changed that an observation may have to tell. */
  changeCount(): number;
  /** Begins an observation with what was just read; `readAt` is the change count from before. */
  observe(observed: Observed, readAt: number): void;
  /** Takes what is to happen once the server has its answer. */
  afterAnswer(run: () => void): void;
  /** Values, or what there is, changed at and below these paths. Called after the answer. */
  changed(paths: readonly Path[]): void;
  /** Instances came or went. Called after the answer. */
  instancesChanged(): void;
  /** Attributes at and below this path changed. Called after the answer. */
  attributesChanged(path: Path): void;
  /** Lets a handler of the application run; it settles with it, or earlier if the client is stopped meanwhile. */
  execute(path: Path, run: () => void | Promise<void>): Promise<void>;
}

/**
 * Does what an operation asks for.
 *
 * @returns the answer of success
 * @throws {RequestRefusedError} every other answer
 * @throws whatever the application throws
 * @see LwM2M Core 1.1.1 §6.3, Transport 1.1.1 §6.4.4 (codes)
 */
export async function answerOperation(
  operation: Operation,
  request: AnsweredRequest,
  host: OperationHost,
): Promise<CoapAnswer> {
  switch (operation.kind) {
    case 'Read':
    case 'Cancel Observation':
    case 'Observe':
      return answerRead(operation, request, host);
    case 'Discover':
      return answerDiscover(operation.path, host);
    case 'Write':
      return answerWrite(operation, request, host);
    case 'Write-Attributes':
      return answerWriteAttributes(operation.path, request, host);
    case 'Execute':
      return answerExecute(operation.path, request, host);
    case 'Create':
      return answerCreate(operation.path, request, host);
    case 'Delete':
      return answerDelete(operation.path, host);
    default:
      return operation satisfies never;
  }
}

async function answerRead(
  { kind, path }: Operation,
  { accept }: AnsweredRequest,
  host: OperationHost,
): Promise<CoapAnswer> {
  const readAt = host.changeCount();
  const nodes = await readNodes(host.tree, path);
  const contentFormat = chooseContentFormat(accept, path, host.settings);
  const answer = contentAnswer(nodes, contentFormat, path, host.settings);
  if (kind === 'Observe') host.observe({ path, contentFormat, nodes }, readAt);
  return answer;
}

async function answerDiscover(path: Path, { tree, attributes, settings }: OperationHost): Promise<CoapAnswer> {
  const nodes = await discoverNodes(tree, path, attributes, settings.lwm2mVersion);
  return { code: ResponseCode.Content, contentFormat: ContentFormat.LinkFormat, payload: encodeDiscovery(nodes) };
}

async function answerWrite(
  { path, mode }: Operation & { readonly kind: 'Write' },
  request: AnsweredRequest,
  host: OperationHost,
): Promise<CoapAnswer> {
  const { tree, settings, limits } = host;
  if (tree.instance(path) === undefined) throw notFound(path);
  const nodes = decodeRequestPayload(request, path, settings);
  const { resourceInstancesMax } = limits;
  const assignments = await planWrite(tree, { path, mode, nodes, resourceInstancesMax });
  await applyWrite(assignments);
  host.afterAnswer(() => host.changed(assignments.map((assignment) => assignment.path)));
  return { code: ResponseCode.Changed };
}

async function answerWriteAttributes(
  path: Path,
  { query }: AnsweredRequest,
  { tree, attributes, afterAnswer, attributesChanged }: OperationHost,
): Promise<CoapAnswer> {
  await assertPresent(tree, path);
  // Neither parameters nor a payload: it is no Write-Attributes, and no Write (Core 1.1.1 §6.3.4).
  if (query.length === 0) throw new RequestRefusedError('4.00', 'nothing to write');
  try {
    const changes = parseAttributeQuery(query);
    checkAttributesApply(changes, path, resourceSpecAt(tree.lookup, path));
    attributes.change(path, changes);
  } catch (error) {
    if (!AttributeError.is(error)) throw error;
    throw refusalBecause('4.00', error);
  }
  afterAnswer(() => attributesChanged(path));
  return { code: ResponseCode.Changed };
}

async function answerExecute(path: Path, request: AnsweredRequest, host: OperationHost): Promise<CoapAnswer> {
  const resource = host.tree.resource(path);
  if (resource === undefined) throw notFound(path);
  if (resource.kind !== 'executable') throw new RequestRefusedError('4.05', `${formatPath(path)} is not executable`);
  const args = executeArguments(request);
  await host.execute(path, () => resource.execute(args, host.afterAnswer));
  return { code: ResponseCode.Changed };
}

async function answerCreate(path: Path, request: AnsweredRequest, host: OperationHost): Promise<CoapAnswer> {
  const { tree, settings, limits } = host;
  const object = tree.object(path.objectId);
  if (object === undefined) throw notFound(path);
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
  for (const instance of instances) tree.addInstance(object.spec, instance);
  host.afterAnswer(() => {
    host.instancesChanged();
    host.changed(instances.map(instancePath));
  });
  const [first] = instances;
  if (!idChosen || first === undefined) return { code: ResponseCode.Created };
  return { code: ResponseCode.Created, locationPath: [String(first.objectId), String(first.objectInstanceId)] };
}

async function answerDelete(path: Path, host: OperationHost): Promise<CoapAnswer> {
  const { tree, attributes } = host;
  const instance = tree.instance(path);
  if (instance === undefined) throw notFound(path);
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

/** The grammar's errors, and a payload that is no text at all, are 4.00 (Transport 1.1.1 §6.7, Execute). */
function executeArguments({ contentFormat, payload }: AnsweredRequest): ExecuteArguments {
  if (payload.length > 0 && contentFormat !== undefined && contentFormat !== ContentFormat.TextPlain) {
    throw new RequestRefusedError('4.00', 'arguments are text');
  }
  try {
    return parseExecuteArguments(decodeUtf8(payload));
  } catch (error) {
    if (!(ExecuteArgumentsError.is(error) || DecodeError.is(error))) throw error;
    throw refusalBecause('4.00', error);
  }
}

async function assertPresent(tree: ObjectTree, path: Path): Promise<void> {
  const level = pathLevel(path);
  if (level === 'object') {
    if (tree.object(path.objectId) === undefined) throw notFound(path);
  } else if (level === 'objectInstance') {
    if (tree.instance(path) === undefined) throw notFound(path);
  } else if (tree.resource(path) === undefined) {
    throw notFound(path);
  } else if (level === 'resourceInstance') {
    await readNodes(tree, path);
  }
}

function notFound(path: Path): RequestRefusedError {
  return new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
}
