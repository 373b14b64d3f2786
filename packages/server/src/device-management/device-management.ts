import { encodeUtf8 } from '@motestack/bytes';
import { type CoapRequestInit, type CoapResponse, ContentFormat, ResponseCode } from '@motestack/coap';
import { type DiscoveredNode, decodeDiscovery, encodePayload, type PayloadContext } from '@motestack/codecs';
import {
  type AttributeChanges,
  checkAttributes,
  checkAttributesApply,
  type ExecuteArguments,
  formatAttributeQuery,
  formatExecuteArguments,
  type LwM2mNode,
  type NotificationAttributes,
  type ObjectLookup,
  type ObjectSpec,
  type Path,
  parsePath,
  pathLevel,
  pathSegments,
  resourceSpecAt,
} from '@motestack/model';
import { InvalidArgumentError, LwM2mError, type Operation } from '../lwm2m-error.ts';
import type {
  CreateOptions,
  DiscoverOptions,
  FormatOptions,
  ReadOptions,
  RequestOptions,
} from '../registered-device.ts';
import type { Registration } from '../registration/registration.ts';
import { rootPathSegments } from '../registration/root-path-segments.ts';
import {
  contentFormatNumbers,
  createFormat,
  type OfferedFormats,
  readFormat,
  writeFormat,
} from './content-format-choice.ts';
import { createdInstance } from './created-instance.ts';
import type { Call, DeviceRequests } from './device-requests.ts';
import { nodesFromValue, nodesOfInstance } from './nodes-from-values.ts';
import { answerError, nodesOfAnswer } from './read-answer.ts';
import { valueFromNodes } from './values-from-nodes.ts';

/** A typed path, a definition or a path as text. */
export type Target = string | { toString(): string; readonly definition?: ObjectSpec };

/** What device management stands on. */
export interface DeviceManagementOptions {
  /** Sends. */
  readonly requests: DeviceRequests;
  /** The present state of the registration. */
  readonly registration: () => Registration;
  /** The definitions that count for the device. */
  readonly lookup: () => ObjectLookup;
  /** Milliseconds that a request may take unless its options say otherwise. */
  readonly requestTimeoutMs: number;
  /** Wall time. */
  readonly epochMs: () => number;
}

/** A request whose payload is at hand. */
export type OperationRequest = CoapRequestInit & {
  readonly path: readonly string[];
  readonly payload?: Uint8Array;
};

/** A call with its path read and its definitions found. */
export interface ResolvedCall extends Call {
  /** What errors show. */
  readonly path: string;
  /** The path. */
  readonly at: Path;
  /** The definitions that count. */
  readonly lookup: ObjectLookup;
}

/**
 * The operations of the device management interface on one device, untyped.
 *
 * @see LwM2M Core §6.3; LwM2M Transport §6.4.4
 */
export class DeviceManagement {
  readonly #options: DeviceManagementOptions;

  /** @param options what it stands on */
  constructor(options: DeviceManagementOptions) {
    this.#options = options;
  }

  /** Reads: GET with Accept (LwM2M Core §6.3.1). */
  async read(target: Target, options: ReadOptions, calledFrom: Error): Promise<unknown> {
    const call = this.resolve('Read', target, calledFrom);
    const response = await this.send(call, this.readRequest(call, options), options);
    this.assertSuccess(call, response, ResponseCode.Content);
    const nodes = this.decode(call, response);
    return this.guardAnswer(call, () => valueFromNodes(call.at, nodes, call.lookup, isExact(target, options)));
  }

  /** Writes: PUT replaces, POST on an instance updates in part (LwM2M Core §6.3.3). */
  async write(
    target: Target,
    value: unknown,
    options: FormatOptions & { readonly mode: WriteMode },
    calledFrom: Error,
  ): Promise<void> {
    const call = this.resolve('Write', target, calledFrom);
    this.assertSuccess(call, await this.send(call, this.writeRequest(call, value, options), options));
  }

  /** The request of a Write. */
  writeRequest(
    call: ResolvedCall,
    value: unknown,
    options: FormatOptions & { readonly mode: WriteMode },
  ): OperationRequest {
    const { mode } = options;
    const isPartial = mode === 'update' || (mode === 'write' && pathLevel(call.at) === 'objectInstance');
    return this.guardArgument(call, () => {
      if (mode === 'update') this.#assertUpdatable(call);
      const nodes = nodesFromValue(call.at, value, call.lookup);
      const contentFormat = chosenFormat(options) ?? writeFormat(this.device, call.at, nodes, call.lookup);
      const method = isPartial ? 'POST' : 'PUT';
      return { method, path: this.segments(call.at), ...this.payload(call, nodes, contentFormat) };
    });
  }

  /** Executes: POST with arguments as text (LwM2M Core §6.3.5). */
  async execute(target: Target, args: ExecuteArguments, options: RequestOptions, calledFrom: Error): Promise<void> {
    const call = this.resolve('Execute', target, calledFrom);
    this.assertSuccess(call, await this.send(call, this.executeRequest(call, args), options));
  }

  /** The request of an Execute. */
  executeRequest(call: ResolvedCall, args: ExecuteArguments): OperationRequest {
    return this.guardArgument(call, () => {
      if (pathLevel(call.at) !== 'resource') throw new TypeError('only a resource can be executed');
      const text = formatExecuteArguments(args);
      const payload = text === '' ? {} : { contentFormat: ContentFormat.TextPlain, payload: encodeUtf8(text) };
      return { method: 'POST', path: this.segments(call.at), ...payload };
    });
  }

  /** Creates: POST on the object (LwM2M Core §6.3.6). @returns the id of the new instance */
  async create(target: Target, values: unknown, options: CreateOptions, calledFrom: Error): Promise<number> {
    const call = this.resolve('Create', target, calledFrom);
    const response = await this.send(call, this.createRequest(call, values, options), options);
    this.assertSuccess(call, response, ResponseCode.Created);
    return this.createdInstance(call, response.locationPath, options.objectInstanceId);
  }

  /** Which instance an answer says was created. @throws {UnexpectedAnswerError} */
  createdInstance(call: ResolvedCall, locationPath: readonly string[], asked?: number): number {
    return this.guardAnswer(call, () => createdInstance(call.at, locationPath, this.#rootSegments(), asked));
  }

  /** The request of a Create. */
  createRequest(call: ResolvedCall, values: unknown, options: CreateOptions): OperationRequest {
    const { objectInstanceId } = options;
    return this.guardArgument(call, () => {
      if (pathLevel(call.at) !== 'object') throw new TypeError('an instance is created in an object');
      const base: Path = objectInstanceId === undefined ? call.at : { ...call.at, objectInstanceId };
      const nodes = nodesOfInstance(base, values, call.lookup);
      // An instance that is to have a certain id and no values is still named.
      const named = nodes.length === 0 && objectInstanceId !== undefined ? [{ path: base }] : nodes;
      const contentFormat = chosenFormat(options) ?? createFormat(this.device, objectInstanceId, named);
      return { method: 'POST', path: this.segments(call.at), ...this.payload(call, named, contentFormat) };
    });
  }

  /** Deletes: an object instance, of a 1.2 device also a resource instance (LwM2M Core 1.2 §6.3.7). */
  async delete(target: Target, options: RequestOptions, calledFrom: Error): Promise<void> {
    const call = this.resolve('Delete', target, calledFrom);
    this.assertSuccess(call, await this.send(call, this.deleteRequest(call), options));
  }

  /** The request of a Delete. */
  deleteRequest(call: ResolvedCall): OperationRequest {
    return this.guardArgument(call, () => {
      const level = pathLevel(call.at);
      if (level !== 'objectInstance' && level !== 'resourceInstance') {
        throw new TypeError('only an object instance or a resource instance can be deleted');
      }
      if (level === 'resourceInstance' && this.device.lwm2mVersion !== '1.2') {
        throw new TypeError(`a device of LwM2M ${this.device.lwm2mVersion} deletes object instances alone`);
      }
      return { method: 'DELETE', path: this.segments(call.at) };
    });
  }

  /** Discovers: GET that accepts link format (LwM2M Core §6.3.2). */
  async discover(target: Target, options: DiscoverOptions, calledFrom: Error): Promise<readonly DiscoveredNode[]> {
    const call = this.resolve('Discover', target, calledFrom);
    const query = this.guardArgument(call, () => depthQuery(options.depth));
    const init = { method: 'GET', path: this.segments(call.at), query, accept: ContentFormat.LinkFormat } as const;
    const response = await this.send(call, init, options);
    this.assertSuccess(call, response, ResponseCode.Content);
    return this.guardAnswer(call, () =>
      decodeDiscovery(response.payload, { rootPath: this.#options.registration().inventory.rootPath }),
    );
  }

  /** Attaches attributes: PUT with a query and no payload (LwM2M Core §6.3.4). */
  async writeAttributes(
    target: Target,
    changes: AttributeChanges,
    options: RequestOptions,
    calledFrom: Error,
  ): Promise<void> {
    const call = this.resolve('Write-Attributes', target, calledFrom);
    const query = this.attributeQuery(call, changes);
    const response = await this.send(call, { method: 'PUT', path: this.segments(call.at), query }, options);
    this.assertSuccess(call, response);
  }

  /** The attributes of a Write-Attributes or an Observe as Uri-Query options. @throws {InvalidArgumentError} */
  attributeQuery(call: ResolvedCall, changes: AttributeChanges): string[] {
    return this.guardArgument(call, () => {
      const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      checkAttributes(set as NotificationAttributes);
      checkAttributesApply(changes, call.at, resourceSpecAt(call.lookup, call.at));
      return formatAttributeQuery(changes);
    });
  }

  /** The attributes of an Observe-Composite (LwM2M Core 1.2 §6.4.1). @throws {InvalidArgumentError} */
  compositeAttributeQuery(call: ResolvedCall, changes: AttributeChanges): string[] {
    return this.guardArgument(call, () => {
      const { pmin, pmax, epmin, epmax, con, ...others } = changes;
      const [other] = Object.keys(others);
      if (other !== undefined) throw new TypeError(`${other} is no attribute of an Observe-Composite`);
      const query = Object.entries({ pmin, pmax, epmin, epmax, con }).filter(([, value]) => value !== undefined);
      const set: NotificationAttributes = Object.fromEntries(query);
      checkAttributes(set);
      return formatAttributeQuery(set);
    });
  }

  /** Reads the path of a call and finds the definitions for it. @throws {InvalidArgumentError} */
  resolve(operation: Operation, target: Target, calledFrom: Error): ResolvedCall {
    const text = String(target);
    const call: Call = { operation, path: text, calledFrom };
    const at = this.guardArgument(call, () => parsePath(text));
    const known = this.#options.lookup();
    const own = typeof target === 'string' ? undefined : target.definition;
    // A definition that only the caller has serves as well as one that the server was given.
    const lookup: ObjectLookup = (objectId) => known(objectId) ?? (own?.id === objectId ? own : undefined);
    return { ...call, path: text, at, lookup };
  }

  /** The request of a Read; with Observe it becomes that of an Observe. */
  readRequest(call: ResolvedCall, options: FormatOptions): OperationRequest {
    const path = this.segments(call.at);
    this.guardArgument(call, () => {
      if (pathLevel(call.at) === 'root') throw new TypeError('the root cannot be read');
    });
    const accept = chosenFormat(options) ?? readFormat(this.device);
    return accept === undefined ? { method: 'GET', path } : { method: 'GET', path, accept };
  }

  /** The nodes of an answer, in whatever format it came. @throws {UnexpectedAnswerError} */
  decode(call: ResolvedCall, response: Pick<CoapResponse, 'contentFormat' | 'payload'>): LwM2mNode[] {
    return this.guardAnswer(call, () => nodesOfAnswer(response, this.#context(call)));
  }

  /** Turns what a device's answer made a codec throw into an error of the call. */
  guardAnswer<Value>(call: Call, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      throw answerError(error, this.#options.requests.detail(call));
    }
  }

  /** Turns what a caller's argument made the model or a codec throw into an error of the call. */
  guardArgument<Value>(call: Call, make: () => Value): Value {
    try {
      return make();
    } catch (error) {
      if (LwM2mError.is(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new InvalidArgumentError(why, { ...this.#options.requests.detail(call), cause: error });
    }
  }

  /** Throws unless an answer is a success. @throws {ResponseError | UnexpectedAnswerError} */
  assertSuccess(call: Call, response: CoapResponse, expected?: number): void {
    this.#options.requests.assertSuccess(call, response, expected);
  }

  /** How long a request may take. */
  timeoutMs(options: RequestOptions): number {
    return options.timeoutMs ?? this.#options.requestTimeoutMs;
  }

  /** Sends a request and waits for its answer. @throws {LwM2mError} */
  async send(
    call: Call,
    init: CoapRequestInit,
    options: RequestOptions & { readonly isAdmitted?: boolean },
  ): Promise<CoapResponse> {
    const flightOptions = { ...options, timeoutMs: this.timeoutMs(options) };
    return await this.#options.requests.run(call, flightOptions, (coap, peer, flight) =>
      coap.request(peer, init, flight),
    );
  }

  /** Nodes as payload. @throws {ContentError} */
  payload(
    call: ResolvedCall,
    nodes: readonly LwM2mNode[],
    contentFormat: number,
  ): { contentFormat: number; payload: Uint8Array } {
    return { contentFormat, payload: encodePayload(contentFormat, nodes, this.#context(call)) };
  }

  #context(call: ResolvedCall): PayloadContext {
    const { rootPath } = this.#options.registration().inventory;
    return { path: call.at, lookup: call.lookup, nowSeconds: this.#options.epochMs() / 1000, rootPath };
  }

  /** What the device says of its version and formats. */
  get device(): OfferedFormats {
    const { lwm2mVersion, inventory } = this.#options.registration();
    return { lwm2mVersion, contentFormats: inventory.contentFormats };
  }

  /** The Uri-Path options of a path: the alternate path of the device stands before every path (LwM2M Core §6.2.1). */
  segments(path: Path): string[] {
    return [...this.#rootSegments(), ...pathSegments(path)];
  }

  #assertUpdatable({ at, lookup }: ResolvedCall): void {
    const level = pathLevel(at);
    const spec = resourceSpecAt(lookup, at);
    const isMultiple = level === 'resource' && (spec === undefined || spec.multiple === true);
    if (level !== 'objectInstance' && !isMultiple) {
      throw new TypeError('only an object instance or a multiple resource can be updated in part');
    }
  }

  #rootSegments(): readonly string[] {
    const { rootPath } = this.#options.registration().inventory;
    // Registration turned away whoever named another one.
    return rootPathSegments(rootPath) ?? [];
  }
}

/** How a Write is meant: a resource replaced and an instance updated, both replaced, or both updated. */
export type WriteMode = 'write' | 'replace' | 'update';

function depthQuery(depth: number | undefined): string[] {
  if (depth === undefined) return [];
  if (!(Number.isInteger(depth) && depth >= 0 && depth <= DEPTH_MAX)) {
    throw new RangeError(`a depth is 0 to ${DEPTH_MAX}, not ${depth} (LwM2M Core 1.2 §6.3.2)`);
  }
  return [`depth=${depth}`];
}

/** Object, instance, resource, resource instance. */
const DEPTH_MAX = 3;

/** The number of the format that a call asks for by name. */
export function chosenFormat({ contentFormat }: FormatOptions): number | undefined {
  return contentFormat === undefined ? undefined : contentFormatNumbers[contentFormat];
}

/** A path as text has no type that an integer could be too large for. */
export function isExact(target: Target, options: Pick<ReadOptions, 'bigint'>): boolean {
  return typeof target === 'string' || options.bigint === true;
}
