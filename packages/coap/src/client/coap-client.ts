import { encodeUtf8 } from '@motestack/bytes';
import type { PeerId, RandomSource } from '../effects.ts';
import type { EndpointStats } from '../endpoint/endpoint-stats.ts';
import { type AsyncDisposableLike, addAsyncDispose } from '../platform/async-dispose.ts';
import type { Clock } from '../platform/clock.ts';
import { type CoapDestination, ContentFormat, OptionNumber, parseCoapUri, stringOptions } from '../wire/index.ts';
import { withStackOf } from './client-calls.ts';
import { ClientObservation, type ObservationBuffering } from './client-observation.ts';
import { type ClientResponse, CoapResponseError, clientResponse } from './client-response.ts';
import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import type { CoapMethod, CoapRequestInit, ObserveOptions, RequestOptions } from './coap-request-init.ts';
import type { CoapResponse } from './coap-response.ts';
import { resolveReference } from './resolve-reference.ts';

/** What a client needs of an endpoint; a `CoapEndpoint` is one. */
export interface RequestingEndpoint {
  /** Sends a request and waits for the response. */
  request(peer: PeerId, init: CoapRequestInit, options?: RequestOptions): Promise<CoapResponse>;
  /** Observes a resource. */
  observe(
    peer: PeerId,
    init: CoapRequestInit,
    callbacks: ObserveCallbacks,
    options?: ObserveOptions,
  ): Promise<CoapObservation>;
  /** Finds out whether a peer is there. */
  ping(peer: PeerId, options?: RequestOptions): Promise<void>;
  /** Ends everything. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Counters and gauges. */
  stats(): Partial<EndpointStats>;
}

/** What a client is made of. */
export interface CoapClientOptions {
  /** Sends the requests; closed with the client. */
  readonly endpoint: RequestingEndpoint;
  /** Says when an observation is not fresh any more. */
  readonly clock: Clock;
  /** Spreads the requests that follow from that. */
  readonly random: RandomSource;
  /** Relative references are resolved against it, as a browser does: `coap://host/a/` and `b` are `coap://host/a/b`. */
  readonly base?: string | undefined;
  /** Who is asked for what a URL names. What it throws or rejects with, the request rejects with. */
  readonly peerOf: (destination: CoapDestination) => PeerId | Promise<PeerId>;
}

/** What is asked for besides method, target and payload. */
export interface ClientRequestOptions extends RequestOptions, Omit<CoapRequestInit, 'method' | 'path' | 'payload'> {
  /** Whether a response that is not 2.xx rejects with a `CoapResponseError`. Default: no, it is a response. */
  readonly throwOnError?: boolean;
}

/** What is observed, and what becomes of notifications that nobody takes. */
export interface ClientObserveOptions extends Omit<ClientRequestOptions, 'throwOnError'>, ObservationBuffering {}

/**
 * What is asked: a URL, one relative to the client's base, or the segments of a path, not percent-encoded, on the
 * server that the base names.
 */
export type RequestTarget = string | readonly string[];

/** The payload of a request; a text is sent as UTF-8, with the format `text/plain` unless another one is given. */
export type RequestPayload = string | NonNullable<CoapRequestInit['payload']>;

/**
 * A CoAP client: methods, URLs and async iterators over an endpoint.
 *
 * Every method but `close` rejects as `CoapEndpoint.request` does, with a `DecodeError` for what is no URL of CoAP, and
 * with a `TypeError` for a target that the client does not reach.
 *
 * @example
 * const client = await openCoapClient('coap://localhost');
 * const response = await client.get('/temperature');
 * console.log(response.status, response.text()); // 2.05 21.5
 */
export class CoapClient implements AsyncDisposableLike {
  /** As `close()`, for `await using`, where the platform knows the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly #options: CoapClientOptions;

  constructor(options: CoapClientOptions) {
    this.#options = options;
  }

  /** Reads a resource (RFC 7252 §5.8.1). */
  get(target: RequestTarget, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('GET', target, undefined, options);
  }

  /** Lets the resource take the payload (RFC 7252 §5.8.2). */
  post(target: RequestTarget, payload?: RequestPayload, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('POST', target, payload, options);
  }

  /** Creates or replaces a resource (RFC 7252 §5.8.3). */
  put(target: RequestTarget, payload?: RequestPayload, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('PUT', target, payload, options);
  }

  /** Deletes a resource (RFC 7252 §5.8.4). */
  delete(target: RequestTarget, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('DELETE', target, undefined, options);
  }

  /** Reads the part of a resource that the payload names (RFC 8132 §2). */
  fetch(target: RequestTarget, payload?: RequestPayload, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('FETCH', target, payload, options);
  }

  /** Changes a part of a resource (RFC 8132 §3). */
  patch(target: RequestTarget, payload?: RequestPayload, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('PATCH', target, payload, options);
  }

  /** Changes a part of a resource in a way that may be repeated (RFC 8132 §3). */
  iPatch(target: RequestTarget, payload?: RequestPayload, options?: ClientRequestOptions): Promise<ClientResponse> {
    return this.#ask('iPATCH', target, payload, options);
  }

  /**
   * Observes a resource, from the first time that the iterator is asked.
   *
   * @throws {RangeError} `bufferMax` is not a positive integer
   * @example
   * for await (const response of client.observe('/temperature')) console.log(response.text());
   */
  observe(target: RequestTarget, options: ClientObserveOptions = {}): ClientObservation {
    const { endpoint, clock, random } = this.#options;
    return new ClientObservation({
      clock,
      random,
      signal: options.signal,
      buffering: options,
      observe: async (callbacks, signal, token) => {
        const { init, peer } = this.#locate('GET', target, undefined, options);
        return endpoint.observe(await peer, init, callbacks, { ...options, signal, token });
      },
    });
  }

  /**
   * Finds out whether a server is there (RFC 7252 §4.3).
   *
   * @param target its URL; default the base
   */
  async ping(target: RequestTarget = '', options: RequestOptions = {}): Promise<void> {
    const { peer } = this.#locate('GET', target, undefined, {});
    await this.#options.endpoint.ping(await peer, options);
  }

  /** Counters and gauges of the endpoint, plain numbers. */
  stats(): Partial<EndpointStats> {
    return this.#options.endpoint.stats();
  }

  /**
   * Ends everything: requests and observations reject with an `EndpointClosedError`.
   *
   * @param options `timeoutMs`: what is in flight may still come to its end for so long; default 0
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void> {
    return this.#options.endpoint.close(options);
  }

  async #ask(
    method: CoapMethod,
    target: RequestTarget,
    payload: RequestPayload | undefined,
    options: ClientRequestOptions = {},
  ): Promise<ClientResponse> {
    const { init, peer } = this.#locate(method, target, payload, options);
    const { endpoint } = this.#options;
    const site = options.throwOnError ? new Error() : undefined;
    // Without a wait where none is needed: the endpoint notes who called.
    const asked = typeof peer === 'string' ? peer : await peer;
    const response = clientResponse(await endpoint.request(asked, init, options));
    if (site !== undefined && !response.isSuccess) throw withStackOf(site, new CoapResponseError(response));
    return response;
  }

  #locate(
    method: CoapMethod,
    target: RequestTarget,
    payload: RequestPayload | undefined,
    options: ClientRequestOptions,
  ): { readonly init: CoapRequestInit; readonly peer: PeerId | Promise<PeerId> } {
    const { base, peerOf } = this.#options;
    const isText = typeof target === 'string';
    const uri = parseCoapUri(resolveReference(isText ? target : '/', base));
    const path = isText ? stringOptions(uri, OptionNumber.UriPath) : target;
    const query = [...stringOptions(uri, OptionNumber.UriQuery), ...(options.query ?? [])];
    const uriHost = uri.options.filter(({ number }) => number === OptionNumber.UriHost);
    const rest = { ...options, method, path, query, options: [...uriHost, ...(options.options ?? [])] };
    return { init: withPayload(rest, payload), peer: peerOf(uri) };
  }
}

addAsyncDispose(CoapClient.prototype);

function withPayload(init: CoapRequestInit, payload: RequestPayload | undefined): CoapRequestInit {
  if (payload === undefined) return init;
  if (typeof payload !== 'string') return { ...init, payload };
  return { contentFormat: ContentFormat.TextPlain, ...init, payload: encodeUtf8(payload) };
}
