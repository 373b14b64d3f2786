import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import { type CoapAnswer, ResponseCode } from '@motestack/coap';
import { ContentFormat, encodeDiscovery } from '@motestack/codecs';
import {
  AttributeError,
  checkAttributesApply,
  type ExecuteArguments,
  ExecuteArgumentsError,
  formatPath,
  type NotificationAttributes,
  type Path,
  parseAttributeQuery,
  parseExecuteArguments,
  pathLevel,
  resourceSpecAt,
} from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import { answerCreate, answerDelete, answerWrite } from './answer-changes.ts';
import { answerReadComposite, answerWriteComposite } from './answer-composite.ts';
import { assertAllowed } from './assert-allowed.ts';
import { discoverNodes } from './discover-nodes.ts';
import type { ObjectTree } from './object-tree.ts';
import type { Operation } from './operation.ts';
import type { AnsweredRequest, OperationHost } from './operation-host.ts';
import { chooseContentFormat, contentAnswer } from './payload.ts';
import { readableNodes, readNodes } from './read-nodes.ts';
import { refusalBecause } from './refusal-because.ts';

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
    case 'Read-Composite':
    case 'Cancel Composite Observation':
    case 'Observe-Composite':
      return answerReadComposite(operation, request, host);
    case 'Write-Composite':
      return answerWriteComposite(request, host);
    case 'Discover':
      return answerDiscover(operation, host);
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
  { accept, query }: AnsweredRequest,
  host: OperationHost,
): Promise<CoapAnswer> {
  const { tree, access, settings } = host;
  assertAllowed(host, kind === 'Observe' ? 'observe' : 'read', path);
  const parameters = kind === 'Observe' && query.length > 0 ? observeParameters(tree, path, query) : undefined;
  const readAt = host.changeCount();
  const nodes = await readableNodes(tree, path, access);
  const contentFormat = chooseContentFormat(accept, path, settings);
  const answer = contentAnswer(nodes, contentFormat, path, settings);
  if (kind === 'Observe') {
    host.observe({ path, paths: [path], contentFormat, contents: [nodes], parameters }, readAt);
  }
  return answer;
}

/** Attributes that come with the Observe itself and stand for all that are attached (Core 1.2 §6.4.1). */
function observeParameters(tree: ObjectTree, path: Path, query: readonly string[]): NotificationAttributes {
  return asRefusals(() => {
    const parameters = parseAttributeQuery(query);
    checkAttributesApply(parameters, path, resourceSpecAt(tree.lookup, path));
    const entries = Object.entries(parameters).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries);
  });
}

async function answerDiscover(
  { path, depth }: Operation & { readonly kind: 'Discover' },
  { tree, attributes: attached, settings }: OperationHost,
): Promise<CoapAnswer> {
  const { lwm2mVersion, rootPath } = settings;
  const nodes = await discoverNodes(tree, { path, depth, attached, lwm2mVersion });
  const payload = encodeDiscovery(nodes, rootPath);
  return { code: ResponseCode.Content, contentFormat: ContentFormat.LinkFormat, payload };
}

async function answerWriteAttributes(path: Path, { query }: AnsweredRequest, host: OperationHost): Promise<CoapAnswer> {
  const { tree, attributes, afterAnswer, attributesChanged } = host;
  await assertPresent(tree, path);
  assertAllowed(host, 'write-attributes', path);
  // Neither parameters nor a payload: it is no Write-Attributes, and no Write (Core 1.1.1 §6.3.4).
  if (query.length === 0) throw new RequestRefusedError('4.00', 'nothing to write');
  asRefusals(() => {
    const changes = parseAttributeQuery(query);
    checkAttributesApply(changes, path, resourceSpecAt(tree.lookup, path));
    attributes.change(path, changes);
  });
  afterAnswer(() => attributesChanged(path));
  return { code: ResponseCode.Changed };
}

/** Attributes that cannot be taken are 4.00 (Transport 1.1.1 §6.7). */
function asRefusals<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!AttributeError.is(error)) throw error;
    throw refusalBecause('4.00', error);
  }
}

async function answerExecute(path: Path, request: AnsweredRequest, host: OperationHost): Promise<CoapAnswer> {
  const resource = host.tree.resource(path);
  if (resource === undefined) throw notFound(path);
  assertAllowed(host, 'execute', path);
  if (resource.kind !== 'executable') throw new RequestRefusedError('4.05', `${formatPath(path)} is not executable`);
  const args = executeArguments(request);
  await host.execute(path, () => resource.execute(args, host.afterAnswer));
  return { code: ResponseCode.Changed };
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
