import { encodeUtf8 } from '@motestack/bytes';
import { type CoapAnswer, type CoapRequest, ContentFormat, parseCode } from '@motestack/coap';
import { encodeBootstrapDiscovery } from '@motestack/codecs';
import {
  formatPath,
  type LwM2mNode,
  type ObjectLookup,
  type Path,
  PathError,
  pathFromSegments,
  pathLevel,
  resourceSpecAt,
  ValueError,
} from '@motestack/model';
import { announcedVersion, sortedIds } from '../device-management/object-tree.ts';
import {
  chooseContentFormat,
  contentAnswer,
  decodeRequestPayload,
  type PayloadSettings,
} from '../device-management/payload.ts';
import { refusalBecause } from '../device-management/refusal-because.ts';
import { type ResourceContent, sortedInstances, writtenValue } from '../device-management/tree-resource.ts';
import { RequestRefusedError } from '../request-refused-error.ts';
import { type AccountDraft, nodesOf } from './account-draft.ts';
import {
  assertProvisionable,
  isRemovable,
  type ProvisionedInstance,
  type ProvisionTarget,
} from './provision-objects.ts';

/** What answers to a bootstrap server are made of. */
export interface BootstrapInterfaceInit {
  /** Objects 0 and 1. */
  readonly draft: AccountDraft;
  /** The other objects. */
  readonly target: ProvisionTarget;
  /** Versions and formats; `lookup` has objects 0, 1 and 2 too. */
  readonly settings: PayloadSettings;
  /** How many writes and deletes beside objects 0 and 1 are kept until Bootstrap-Finish. */
  readonly changesMax: number;
  /** Makes it all count. @returns why it cannot, for Bootstrap-Finish's 4.06 */
  readonly finish: () => Promise<string | undefined>;
  /** The answer to a Bootstrap-Finish that succeeded has left. */
  readonly finished: () => void;
}

const ACCESS_CONTROL = 2;

/**
 * Answers the requests of a bootstrap server. Nothing counts before Bootstrap-Finish.
 *
 * @see LwM2M Core 1.1.1 §6.1.7; LwM2M Transport 1.1 Table 6.4.2-1
 */
export class BootstrapInterface {
  readonly #init: BootstrapInterfaceInit;
  readonly #writes: ProvisionedInstance[] = [];
  readonly #deletes: Path[] = [];
  #finishing: Promise<string | undefined> | undefined;

  constructor(init: BootstrapInterfaceInit) {
    this.#init = init;
  }

  /** What was written beside objects 0 and 1, in the order in which it came. */
  get writes(): readonly ProvisionedInstance[] {
    return this.#writes;
  }

  /** What was deleted beside objects 0 and 1. */
  get deletes(): readonly Path[] {
    return this.#deletes;
  }

  /** Answers one request; never rejects. */
  async answer(request: CoapRequest): Promise<CoapAnswer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (RequestRefusedError.is(error)) {
        return { code: parseCode(error.responseCode), payload: encodeUtf8(error.message.slice(0, 96)) };
      }
      return { code: parseCode('5.00') };
    }
  }

  /** Takes what a pack holds: every object in it is replaced. @throws {RequestRefusedError} */
  takePack(nodes: readonly LwM2mNode[]): void {
    for (const objectId of new Set(nodes.map(({ path }) => path.objectId))) {
      if (objectId === undefined) continue;
      if (objectId === 0 || objectId === 1) this.#init.draft.delete(objectId);
      else this.#deleteOthers({ objectId });
    }
    this.#write({}, nodes);
  }

  async #answer(request: CoapRequest): Promise<CoapAnswer> {
    const { method, accept } = request;
    if (request.path.length === 1 && request.path[0] === 'bs') {
      if (method !== 'POST') throw new RequestRefusedError('4.05', 'Bootstrap-Finish is a POST');
      return await this.#finish();
    }
    const path = targetOf(request.path);
    switch (method) {
      case 'PUT':
        this.#write(path, decodeRequestPayload(request, path, this.#init.settings));
        return { code: parseCode('2.04') };
      case 'DELETE':
        this.#delete(path);
        return { code: parseCode('2.02') };
      case 'GET':
        return accept === ContentFormat.LinkFormat ? this.#discover(path) : this.#read(path, accept);
      case 'POST':
      case 'FETCH':
      case 'PATCH':
      case 'iPATCH':
        throw new RequestRefusedError('4.05', `${method} is no operation of a bootstrap`);
    }
  }

  async #finish(): Promise<CoapAnswer> {
    this.#finishing ??= this.#init.finish();
    const why = await this.#finishing;
    this.#finishing = undefined;
    if (why !== undefined) throw new RequestRefusedError('4.06', why);
    return { code: parseCode('2.04'), whenSent: this.#init.finished };
  }

  #discover(path: Path): CoapAnswer {
    const level = pathLevel(path);
    if (level !== 'root' && level !== 'object') throw new RequestRefusedError('4.00', 'Discover of / or an object');
    const { objectId } = path;
    const { draft, target, settings } = this.#init;
    const others = target.tree
      .objects()
      .filter(({ spec }) => spec.id > 1 && (objectId === undefined || spec.id === objectId))
      .flatMap(({ spec, instances }) => {
        const version = announcedVersion(spec, settings.lwm2mVersion);
        const own = { path: { objectId: spec.id }, ...(version === undefined ? {} : { version }) };
        const ids = sortedIds(instances).map((objectInstanceId) => ({ path: { objectId: spec.id, objectInstanceId } }));
        return ids.length === 0 || version !== undefined ? [own, ...ids] : ids;
      });
    const nodes = [...draft.nodes(objectId), ...others];
    if (nodes.length === 0 && objectId !== 0 && objectId !== 1) throw new RequestRefusedError('4.04', 'no such object');
    const payload = encodeBootstrapDiscovery({ lwm2mVersion: settings.lwm2mVersion, nodes });
    return { code: parseCode('2.05'), contentFormat: ContentFormat.LinkFormat, payload };
  }

  /** Objects 1 and 2 alone may be read (LwM2M Core 1.1.1 §6.1.7.7). */
  #read(path: Path, accept: number | undefined): CoapAnswer {
    const { objectId, objectInstanceId } = path;
    const level = pathLevel(path);
    const isReadable = objectId === 1 || objectId === ACCESS_CONTROL;
    if (!isReadable || (level !== 'object' && level !== 'objectInstance'))
      throw new RequestRefusedError('4.05', 'Read of objects 1 and 2 alone');
    const nodes = objectId === 1 ? this.#init.draft.serverNodes(objectInstanceId) : this.#accessNodes(objectInstanceId);
    if (nodes === undefined) throw new RequestRefusedError('4.04', `${formatPath(path)} is not here`);
    const { settings } = this.#init;
    return contentAnswer(nodes, chooseContentFormat(accept, path, settings), path, settings);
  }

  #accessNodes(objectInstanceId: number | undefined): readonly LwM2mNode[] | undefined {
    const { instances } = this.#init.target.tree.object(ACCESS_CONTROL) ?? { instances: new Map<number, never>() };
    if (objectInstanceId !== undefined && !instances.has(objectInstanceId)) return undefined;
    return [...instances.values()]
      .filter((instance) => objectInstanceId === undefined || instance.objectInstanceId === objectInstanceId)
      .flatMap((instance) => {
        const kept = [...instance.resources].flatMap(([id, resource]): [number, ResourceContent][] =>
          resource.kind === 'kept' && resource.content !== undefined ? [[id, resource.content]] : [],
        );
        return nodesOf({ objectId: ACCESS_CONTROL, objectInstanceId: instance.objectInstanceId }, new Map(kept));
      });
  }

  /** LwM2M Core 1.1.1 §6.1.7.5: whatever is there or not; what a whole instance lacks it does not have afterwards. */
  #write(path: Path, nodes: readonly LwM2mNode[]): void {
    const { draft, target, settings } = this.#init;
    const level = pathLevel(path);
    const replaces = level !== 'resource' && level !== 'resourceInstance';
    for (const instance of instancesOf(nodes)) {
      const contents = contentsOf(instance.nodes, settings.lookup);
      const { objectId } = instance.path;
      if (objectId === 0 || objectId === 1) {
        draft.write(instance.path, contents, replaces);
        continue;
      }
      assertProvisionable(target, instance.path);
      this.#assertRoom();
      this.#writes.push({ path: instance.path, contents });
    }
  }

  /** LwM2M Core 1.1.1 §6.1.7.6: the account of the bootstrap server and `/3/0` stay. */
  #delete(path: Path): void {
    const { objectId, objectInstanceId } = path;
    const { draft, target } = this.#init;
    if (path.resourceId !== undefined) throw new RequestRefusedError('4.00', 'a resource is not deleted');
    if (objectId === undefined) {
      draft.delete(0);
      draft.delete(1);
      for (const { spec } of target.tree.objects()) if (spec.id > 1) this.#deleteOthers({ objectId: spec.id });
    } else if (objectId === 0 || objectId === 1) {
      if (!draft.delete(objectId, objectInstanceId)) throw new RequestRefusedError('4.00', 'this account stays');
    } else if (objectInstanceId === undefined) this.#deleteOthers(path);
    else if (isRemovable(target, path)) this.#deleteOthers(path);
    else throw new RequestRefusedError('4.00', `${formatPath(path)} is part of the device`);
  }

  #deleteOthers(path: Path): void {
    const { target } = this.#init;
    if (!isRemovable(target, path)) return;
    this.#assertRoom();
    const { objectId, objectInstanceId } = path;
    const ids =
      objectInstanceId === undefined
        ? sortedIds(target.tree.object(objectId)?.instances ?? new Map())
        : [objectInstanceId];
    for (const id of ids) this.#deletes.push({ objectId: objectId ?? 0, objectInstanceId: id });
    // What was written before is deleted with the rest.
    for (const written of this.#writes.filter(
      (one) =>
        one.path.objectId === objectId &&
        (objectInstanceId === undefined || one.path.objectInstanceId === objectInstanceId),
    ))
      this.#writes.splice(this.#writes.indexOf(written), 1);
  }

  #assertRoom(): void {
    if (this.#writes.length + this.#deletes.length >= this.#init.changesMax)
      throw new RequestRefusedError('5.00', 'more changes than are kept');
  }
}

function targetOf(segments: readonly string[]): Path {
  try {
    return pathFromSegments(segments);
  } catch (error) {
    if (PathError.is(error)) throw refusalBecause('4.04', error);
    throw error;
  }
}

function instancesOf(
  nodes: readonly LwM2mNode[],
): readonly { readonly path: Path; readonly nodes: readonly LwM2mNode[] }[] {
  const instances = new Map<string, { path: Path; nodes: LwM2mNode[] }>();
  for (const node of nodes) {
    const { objectId, objectInstanceId } = node.path;
    if (objectId === undefined || objectInstanceId === undefined)
      throw new RequestRefusedError('4.00', 'a value without an instance');
    const path = { objectId, objectInstanceId };
    const known = instances.get(formatPath(path)) ?? { path, nodes: [] as LwM2mNode[] };
    known.nodes.push(node);
    instances.set(formatPath(path), known);
  }
  return [...instances.values()];
}

function contentsOf(nodes: readonly LwM2mNode[], lookup: ObjectLookup): ReadonlyMap<number, ResourceContent> {
  const contents = new Map<number, ResourceContent>();
  const multiple = new Map<number, [number, Exclude<ResourceContent, ReadonlyMap<number, unknown>>][]>();
  for (const { path, value } of nodes) {
    const spec = resourceSpecAt(lookup, path);
    const { resourceId, resourceInstanceId } = path;
    // Optional resources that are not known are no error (Core 1.1.1 §6.1.7.5).
    if (spec === undefined || resourceId === undefined || value === undefined) continue;
    const written = checked(spec, value);
    if (spec.multiple !== true) contents.set(resourceId, written);
    else multiple.set(resourceId, [...(multiple.get(resourceId) ?? []), [resourceInstanceId ?? 0, written]]);
  }
  for (const [resourceId, instances] of multiple) contents.set(resourceId, sortedInstances(instances));
  return contents;
}

function checked(
  spec: Parameters<typeof writtenValue>[0],
  value: LwM2mNode['value'],
): Exclude<ResourceContent, ReadonlyMap<number, unknown>> {
  try {
    return writtenValue(spec, value);
  } catch (error) {
    if (ValueError.is(error)) throw refusalBecause('4.00', error);
    throw error;
  }
}
