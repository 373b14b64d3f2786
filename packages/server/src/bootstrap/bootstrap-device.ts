import { DecodeError } from '@motestack/bytes';
import {
  type AbortSignalLike,
  type CoapEndpoint,
  type CoapRequestInit,
  type CoapResponse,
  ContentFormat,
  type PeerId,
  ResponseCode,
} from '@motestack/coap';
import {
  type BootstrapDiscovery,
  ContentError,
  decodeBootstrapDiscovery,
  decodePayload,
  encodePayload,
} from '@motestack/codecs';
import { type LwM2mNode, type ObjectLookup, type Path, parsePath, pathLevel, pathSegments } from '@motestack/model';
import { type Call, DeviceRequests, type RequestListener } from '../device-management/device-requests.ts';
import { nodesFromValue } from '../device-management/nodes-from-values.ts';
import { InvalidArgumentError, LwM2mError, type Operation, UnexpectedAnswerError } from '../lwm2m-error.ts';
import type { BootstrapWrite } from './bootstrap-configuration.ts';

/** What a bootstrap with one client stands on. */
export interface BootstrapDeviceOptions {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** `pct` */
  readonly preferredContentFormat: number | undefined;
  /** The endpoint of the server that the client talks to. */
  readonly coap: CoapEndpoint;
  /** Where the client is. */
  readonly peer: PeerId;
  /** The definitions that the server knows. */
  readonly lookup: ObjectLookup;
  /** Milliseconds for each request. */
  readonly requestTimeoutMs: number;
  /** Given when the bootstrap shall end at once. */
  readonly signal: AbortSignalLike;
  /** Told of each request. */
  readonly onRequest: RequestListener;
}

/** A client while it is bootstrapped: the operations that a bootstrap server has (LwM2M Core 1.1.1 §6.1.7). */
export class BootstrapDevice {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** `pct`: the format that the client prefers; `undefined` where it said none. */
  readonly preferredContentFormat: number | undefined;
  readonly #options: BootstrapDeviceOptions;
  readonly #requests: DeviceRequests;

  /** @param options what it stands on */
  constructor(options: BootstrapDeviceOptions) {
    const { endpoint, preferredContentFormat, coap, peer, onRequest } = options;
    this.endpoint = endpoint;
    this.preferredContentFormat = preferredContentFormat;
    this.#options = options;
    this.#requests = new DeviceRequests(endpoint, () => ({ coap, peer }), onRequest);
  }

  /**
   * Asks which objects and instances the client has.
   *
   * @param path `/` or an object, `/0`
   * @throws {LwM2mError} `ResponseError` where the client refuses, `UnexpectedAnswerError` for an answer that cannot be read
   * @see LwM2M Core 1.1.1 §6.1.7.3
   */
  async discover(path = '/'): Promise<BootstrapDiscovery> {
    const call = this.#call('Bootstrap-Discover', path, new Error('called from'));
    const at = this.#pathOf(call, path, ['root', 'object']);
    const init = { method: 'GET', path: pathSegments(at), accept: ContentFormat.LinkFormat } as const;
    const response = await this.#send(call, init);
    this.#requests.assertSuccess(call, response, ResponseCode.Content);
    return this.#guardAnswer(call, () => decodeBootstrapDiscovery(response.payload));
  }

  /**
   * Reads what may be read in a bootstrap: object 1 and object 2, or an instance of them.
   *
   * @param path `/1`, `/1/0`, `/2` or `/2/0`
   * @throws {LwM2mError} as {@link BootstrapDevice.discover}
   * @see LwM2M Core 1.1.1 §6.1.7.7 (Bootstrap-Read)
   */
  async read(path: string): Promise<readonly LwM2mNode[]> {
    const call = this.#call('Bootstrap-Read', path, new Error('called from'));
    const at = this.#pathOf(call, path, ['object', 'objectInstance']);
    const accept = this.preferredContentFormat ?? ContentFormat.Tlv;
    const response = await this.#send(call, { method: 'GET', path: pathSegments(at), accept });
    this.#requests.assertSuccess(call, response, ResponseCode.Content);
    const { lookup } = this.#options;
    return this.#guardAnswer(call, () =>
      decodePayload(response.contentFormat ?? accept, response.payload, { path: at, lookup }),
    );
  }

  /**
   * Writes an object instance or a resource, whether or not it is there.
   *
   * @param write made by `instanceWrite` or `resourceWrite`, or by hand
   * @param contentFormat the format; what the client prefers unless said, else TLV
   * @throws {LwM2mError} as {@link BootstrapDevice.discover}; `InvalidArgumentError` for a value that does not fit
   * @see LwM2M Core 1.1.1 §6.1.7.5
   */
  async write(write: BootstrapWrite, contentFormat?: number): Promise<void> {
    const call = this.#call('Bootstrap-Write', write.path, new Error('called from'));
    const at = this.#pathOf(call, write.path, ['objectInstance', 'resource']);
    const format = contentFormat ?? this.preferredContentFormat ?? ContentFormat.Tlv;
    const payload = this.#guardArgument(call, () => this.#payload(at, write, format));
    const init = { method: 'PUT', path: pathSegments(at), contentFormat: format, payload } as const;
    this.#requests.assertSuccess(call, await this.#send(call, init));
  }

  /**
   * Deletes an instance, all instances of an object, or with `/` all that a client may lose: its account of the bootstrap server
   * and `/3/0` stay.
   *
   * @param path `/`, `/1` or `/1/0`
   * @throws {LwM2mError} as {@link BootstrapDevice.discover}
   * @see LwM2M Core 1.1.1 §6.1.7.6
   */
  async delete(path: string): Promise<void> {
    const call = this.#call('Bootstrap-Delete', path, new Error('called from'));
    const at = this.#pathOf(call, path, ['root', 'object', 'objectInstance']);
    this.#requests.assertSuccess(call, await this.#send(call, { method: 'DELETE', path: pathSegments(at) }));
  }

  /**
   * Tells the client that it has everything. The server does so by itself behind a configuration or a procedure.
   *
   * @throws {LwM2mError} `ResponseError` with 4.06 where the client finds what it has inconsistent: a server without an instance of
   *   object 0 or 1, say
   * @see LwM2M Core 1.1.1 §6.1.7.2, §6.1.6
   */
  async finish(): Promise<void> {
    const call = this.#call('Bootstrap-Finish', '/bs', new Error('called from'));
    this.#requests.assertSuccess(call, await this.#send(call, { method: 'POST', path: ['bs'] }), ResponseCode.Changed);
  }

  #payload(at: Path, { value, definition }: BootstrapWrite, contentFormat: number): Uint8Array {
    const known = this.#options.lookup;
    const lookup: ObjectLookup = (objectId) => (definition?.id === objectId ? definition : known(objectId));
    return encodePayload(contentFormat, nodesFromValue(at, value, lookup), { path: at, lookup });
  }

  #call(operation: Operation, path: string, calledFrom: Error): Call {
    return { operation, path, calledFrom };
  }

  #pathOf(call: Call, path: string, levels: readonly ReturnType<typeof pathLevel>[]): Path {
    return this.#guardArgument(call, () => {
      const at = parsePath(path);
      if (!levels.includes(pathLevel(at))) throw new TypeError(`${call.operation} takes ${levels.join(' or ')}`);
      return at;
    });
  }

  #send(call: Call, init: CoapRequestInit): Promise<CoapResponse> {
    const { requestTimeoutMs, signal } = this.#options;
    return this.#requests.run(call, { signal, timeoutMs: requestTimeoutMs }, (coap, peer, flight) =>
      coap.request(peer, init, flight),
    );
  }

  #guardArgument<Value>(call: Call, make: () => Value): Value {
    try {
      return make();
    } catch (cause) {
      if (LwM2mError.is(cause)) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new InvalidArgumentError(why, { ...this.#requests.detail(call), cause });
    }
  }

  #guardAnswer<Value>(call: Call, read: () => Value): Value {
    try {
      return read();
    } catch (cause) {
      if (!DecodeError.is(cause) && !ContentError.is(cause)) throw cause;
      throw new UnexpectedAnswerError(`the answer cannot be used: ${cause.message}`, {
        ...this.#requests.detail(call),
        cause,
      });
    }
  }
}
