import { type CoapAnswer, ResponseCode } from '@motestack/coap';
import {
  AttributeError,
  formatPath,
  type LwM2mNode,
  type NotificationAttributes,
  type Path,
  parseAttributeQuery,
  pathKey,
  pathLevel,
} from '@motestack/model';
import { RequestRefusedError } from '../request-refused-error.ts';
import { applyWrite } from './apply-write.ts';
import { assertAllowed } from './assert-allowed.ts';
import { isSecurityObject } from './object-tree.ts';
import type { Operation } from './operation.ts';
import type { AnsweredRequest, OperationHost } from './operation-host.ts';
import { chooseCompositeFormat, contentAnswer, decodeCompositePayload, decodeRequestPaths } from './payload.ts';
import { type Assignment, planRemoval, planWrite } from './plan-write.ts';
import { distinctNodes, readComposite } from './read-composite.ts';
import { refusalBecause } from './refusal-because.ts';

const ROOT: Path = {};

/** The attributes that an Observe-Composite may bring (Core 1.2 §6.4.4). */
const COMPOSITE_PARAMETERS: readonly string[] = ['pmin', 'pmax', 'epmin', 'epmax', 'con'];

/**
 * Answers a Read-Composite or Observe-Composite: what of the listed paths is there and may be read; the rest is left out.
 *
 * @see LwM2M Core 1.1.1 §6.3.8 (Read-Composite), §6.4.4 (Observe-Composite), §8.2
 */
export async function answerReadComposite(
  { kind }: Operation,
  request: AnsweredRequest,
  host: OperationHost,
): Promise<CoapAnswer> {
  const { settings, limits } = host;
  const paths = decodeRequestPaths(request, settings);
  if (paths.length > limits.compositePathsMax) {
    throw new RequestRefusedError('4.00', `more than ${limits.compositePathsMax} paths`);
  }
  const parameters = kind === 'Observe-Composite' ? compositeParameters(request, host) : undefined;
  const readAt = host.changeCount();
  const contents = await readComposite(host, paths, kind === 'Read-Composite' ? 'read' : 'observe');
  const contentFormat = chooseCompositeFormat(request, settings);
  const answer = contentAnswer(distinctNodes(contents), contentFormat, ROOT, settings);
  if (kind === 'Observe-Composite') {
    host.observe({ path: ROOT, paths, contentFormat, contents, parameters }, readAt);
  }
  return answer;
}

function compositeParameters(
  { query }: AnsweredRequest,
  { settings }: OperationHost,
): NotificationAttributes | undefined {
  if (query.length === 0) return undefined;
  if (settings.lwm2mVersion !== '1.2') throw new RequestRefusedError('4.00', 'Observe parameters are not supported');
  try {
    const parameters = parseAttributeQuery(query);
    const other = Object.keys(parameters).find((name) => !COMPOSITE_PARAMETERS.includes(name));
    if (other !== undefined) throw new RequestRefusedError('4.00', `${other} is none of an Observe-Composite`);
    return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
  } catch (error) {
    if (!AttributeError.is(error)) throw error;
    throw refusalBecause('4.00', error);
  }
}

/**
 * Answers a Write-Composite: all of it or nothing, with the right to write everywhere.
 *
 * @see LwM2M Core 1.1.1 §6.3.9, RFC 8790 §3.2 (a record without a value removes)
 */
export async function answerWriteComposite(request: AnsweredRequest, host: OperationHost): Promise<CoapAnswer> {
  const { tree, transaction } = host;
  const nodes = decodeCompositePayload(request, host.settings);
  if (nodes.length === 0) throw new RequestRefusedError('4.00', 'nothing to write');
  const groups = nodesByTarget(nodes);
  for (const { path } of groups) {
    if (tree.resource(path) === undefined) throw new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
    assertAllowed(host, 'write', path);
  }
  const assignments: Assignment[] = [];
  for (const group of groups) assignments.push(...(await planTarget(group, host)));
  await applyWrite(assignments, transaction);
  host.afterAnswer(() => host.changed(assignments.map(({ path }) => path)));
  return { code: ResponseCode.Changed };
}

interface Target {
  /** A resource. */
  readonly path: Path;
  readonly nodes: LwM2mNode[];
}

function nodesByTarget(nodes: readonly LwM2mNode[]): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const node of nodes) {
    const { objectId, objectInstanceId, resourceId } = node.path;
    if (objectId !== undefined && isSecurityObject(objectId)) throw new RequestRefusedError('4.01');
    if (objectId === undefined || objectInstanceId === undefined || resourceId === undefined) {
      throw new RequestRefusedError('4.05', `${formatPath(node.path)} is no resource`);
    }
    const path = { objectId, objectInstanceId, resourceId };
    const target: Target = targets.get(pathKey(path)) ?? { path, nodes: [] };
    targets.set(pathKey(path), target);
    target.nodes.push(node);
  }
  return [...targets.values()];
}

async function planTarget({ path, nodes }: Target, { tree, limits }: OperationHost): Promise<readonly Assignment[]> {
  const removed = nodes.filter(({ value }) => value === undefined);
  const written = nodes.filter(({ value }) => value !== undefined);
  if (removed.some((node) => pathLevel(node.path) !== 'resourceInstance')) {
    throw new RequestRefusedError('4.00', `${formatPath(path)}: resource instances alone can be removed`);
  }
  const { resourceInstancesMax } = limits;
  const base = written.length === 0 ? undefined : { path, mode: 'update' as const, nodes: written };
  const assignments = base === undefined ? [] : [...(await planWrite(tree, { ...base, resourceInstancesMax }))];
  let [last] = assignments;
  for (const node of removed) last = await planRemoval(tree, node.path, last);
  return last === undefined ? [] : [last];
}
