import { type BodySource, type CoapResponse, ContentFormat, ResponseCode } from '@motestack/coap';
import { pathLevel, resourceSpecAt } from '@motestack/model';
import { UnexpectedAnswerError } from '../lwm2m-error.ts';
import type { StreamOptions } from '../registered-device.ts';
import type { DeviceManagement, ResolvedCall, Target } from './device-management.ts';
import type { DeviceRequests } from './device-requests.ts';

/** Bytes that are not there as a whole: as they come, or read where the device asks for them. */
export type OpaqueSource = AsyncIterable<Uint8Array> | BodySource;

/**
 * Opaque values that are too long to be kept: a firmware image, a log. They go as octet stream, in blocks, and neither side has
 * more of them in memory than a few blocks.
 *
 * @see LwM2M Core §7.4.2 (Opaque); RFC 7959
 */
export class OpaqueStreams {
  readonly #management: DeviceManagement;
  readonly #requests: DeviceRequests;

  /** @param management the operations of the same device */
  constructor(management: DeviceManagement, requests: DeviceRequests) {
    this.#management = management;
    this.#requests = requests;
  }

  /** Reads a value as it comes. @throws {InvalidArgumentError} at once */
  read(target: Target, options: StreamOptions, calledFrom: Error): AsyncIterable<Uint8Array> {
    const call = this.#resolve('Read', target, calledFrom);
    const path = this.#management.segments(call.at);
    const judge = (response: CoapResponse): void => {
      this.#requests.assertSuccess(call, response, ResponseCode.Content);
      const { contentFormat = ContentFormat.OctetStream } = response;
      if (contentFormat === ContentFormat.OctetStream) return;
      const what = `the device answered in format ${contentFormat}, not as octet stream`;
      throw new UnexpectedAnswerError(what, this.#requests.detail(call));
    };
    const flight = { signal: options.signal, timeoutMs: this.#management.timeoutMs(options) };
    const { bodyTimeoutMs } = options;
    const init = { method: 'GET', path, accept: ContentFormat.OctetStream } as const;
    return this.#requests.stream(
      call,
      flight,
      (coap, peer, waiting) => coap.request(peer, init, { ...waiting, bodyTimeoutMs, responseBody: 'stream' }),
      judge,
    );
  }

  /** Writes a value as it is read. */
  async write(
    target: Target,
    source: OpaqueSource,
    options: StreamOptions & { readonly sizeBytes?: number | undefined },
    calledFrom: Error,
  ): Promise<void> {
    const call = this.#resolve('Write', target, calledFrom);
    const { sizeBytes, bodyTimeoutMs } = options;
    const init = {
      method: 'PUT',
      path: this.#management.segments(call.at),
      contentFormat: ContentFormat.OctetStream,
      payload: source,
      ...(sizeBytes === undefined ? {} : { payloadSize: sizeBytes }),
    } as const;
    const flight = { signal: options.signal, timeoutMs: this.#management.timeoutMs(options) };
    const response = await this.#requests.run(call, flight, (coap, peer, waiting) =>
      coap.request(peer, init, { ...waiting, bodyTimeoutMs }),
    );
    this.#requests.assertSuccess(call, response);
  }

  #resolve(operation: 'Read' | 'Write', target: Target, calledFrom: Error): ResolvedCall {
    const call = this.#management.resolve(operation, target, calledFrom);
    this.#management.guardArgument(call, () => {
      const level = pathLevel(call.at);
      const spec = resourceSpecAt(call.lookup, call.at);
      const isSingle = level === 'resourceInstance' || (level === 'resource' && spec?.multiple !== true);
      if (!isSingle || (spec !== undefined && spec.type !== 'Opaque')) {
        throw new TypeError('only one opaque value can be streamed');
      }
    });
    return call;
  }
}
