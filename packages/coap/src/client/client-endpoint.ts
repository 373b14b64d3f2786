import type { ConnectionLayerEvent } from '../connection/connection-layer-event.ts';
import type { PeerId } from '../effects.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import type { EndpointStats } from '../endpoint/endpoint-stats.ts';
import type { ServerEvent } from '../endpoint/server-half.ts';
import type { CoapError } from '../errors.ts';
import { EndpointClosedError } from '../errors.ts';
import { withEchoOf } from '../freshness/echo-of.ts';
import { type AsyncDisposableLike, addAsyncDispose } from '../platform/async-dispose.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramReceiver, DatagramTransport } from '../platform/transport.ts';
import { ClientCalls, withStackOf } from './client-calls.ts';
import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import type { CoapRequestInit, ObserveOptions, RequestOptions, TellOptions } from './coap-request-init.ts';
import type { CoapResponse } from './coap-response.ts';

/** What an endpoint needs of a transport of whatever kind. */
export type EndpointTransport = Pick<DatagramTransport, 'localUrl' | 'remote' | 'send' | 'close'>;

/** What takes the events of an endpoint's server half. */
export interface ServerCalls {
  /** Takes one event. */
  handleEvent(event: ServerEvent): void;
  /** Gives the signals of all requests and relations. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void;
}

/** What an endpoint is composed of. */
export interface ClientEndpointParts {
  /** Closed with the endpoint. */
  readonly transport: EndpointTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** What decides. */
  readonly core: EndpointCore;
  /** How long a request waits for its response unless it says otherwise. */
  readonly requestTimeoutMs: number;
  /** So many bytes of a streamed response body wait for their reader. */
  readonly streamBufferBytes: number;
  /** Takes what an operator may want to read. */
  readonly logger: Logger | undefined;
  /** Makes what takes the events of the server's half; without it nothing is served. */
  readonly serve?: (driver: EndpointDriver) => ServerCalls;
  /** Takes what becomes of connections, where there are such. */
  readonly handleConnectionEvent?: (event: ConnectionLayerEvent) => void;
  /** Opens the transport: what comes from now on goes to the driver. */
  readonly open: (driver: EndpointDriver, ends: Pick<DatagramReceiver, 'unreachable' | 'closed'>) => void;
}

/**
 * A CoAP endpoint in the role of a client, whatever carries its messages. `newDatagramClient` makes one over datagrams.
 *
 * @example
 * const client = newDatagramClient({ transport, clock, random });
 * const response = await client.request('127.0.0.1:5683', { method: 'GET', path: ['temperature'] });
 */
export class ClientEndpoint implements AsyncDisposableLike {
  /** Where the endpoint is reached, with the real port. */
  readonly localUrl: string;
  /** The one peer of a connected endpoint. */
  readonly remote: PeerId | undefined;
  readonly #transport: EndpointTransport;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #core: EndpointCore;
  readonly #driver: EndpointDriver;
  readonly #calls: ClientCalls;
  readonly #server: ServerCalls | undefined;
  readonly #handleConnectionEvent: ClientEndpointParts['handleConnectionEvent'];
  /** As `close()`, for `await using`, where the platform knows the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closed: Promise<void> | undefined;
  /** Called when nothing is in flight any more, while closing. */
  #onIdle: (() => void) | undefined;

  /** @hidden */
  constructor(parts: ClientEndpointParts) {
    const { transport, clock, core } = parts;
    this.localUrl = transport.localUrl;
    this.remote = transport.remote;
    this.#transport = transport;
    this.#clock = clock;
    this.#logger = parts.logger;
    this.#core = core;
    this.#handleConnectionEvent = parts.handleConnectionEvent;
    const tell = (event: EndpointEvent): void => this.#tell(event);
    const driver = new EndpointDriver({ core, transport, clock, tell });
    this.#driver = driver;
    this.#calls = new ClientCalls(core, driver, parts);
    this.#server = parts.serve?.(driver);
    parts.open(driver, {
      unreachable: (peer, cause) => this.#handleUnreachable(peer, cause),
      closed: (cause) => this.#end(cause),
    });
  }

  /**
   * Sends a request and waits for the response, of whatever code.
   *
   * @param peer who is asked; the one peer of a connected endpoint
   * @param init what is asked
   * @param options how long it is waited for
   * @throws {TimeoutError} nobody answered in time
   * @throws {ResetError} the peer refused the message
   * @throws {PeerUnreachableError} the network says that nobody is there
   * @throws {ConnectionLostError} the connection ended before the answer came, or could not be made
   * @throws {QueueFullError} too many requests to this peer are under way
   * @throws {AbortedError} the signal was given
   * @throws {EndpointClosedError} the endpoint is closed
   * @throws {ProtocolError} the response cannot be understood
   * @throws {TypeError | RangeError} a request that cannot be written, or that does not fit `datagramBytesMax`
   */
  request(peer: PeerId, init: CoapRequestInit, options: RequestOptions = {}): Promise<CoapResponse> {
    const site = new Error();
    if (this.#state !== 'open') return Promise.reject(withStackOf(site, this.#closedError(peer)));
    return this.#calls.request(peer, init, options, site);
  }

  /**
   * Observes a resource: sends the request with Observe 0.
   *
   * @param callbacks are told of notifications, the first of which may come before the promise settles
   * @throws as `request` does
   * @see RFC 7641 §3
   */
  observe(
    peer: PeerId,
    init: CoapRequestInit,
    callbacks: ObserveCallbacks,
    options: ObserveOptions = {},
  ): Promise<CoapObservation> {
    const site = new Error();
    if (this.#state !== 'open') return Promise.reject(withStackOf(site, this.#closedError(peer)));
    return this.#calls.observe({ peer, init, options, site }, callbacks);
  }

  /**
   * Sends a request whose response is not wanted, or only of some classes.
   *
   * @param options which classes are not wanted, and how long it is waited for
   * @returns the response, `undefined` where none came: it was not wanted, or was lost
   * @throws as `request` does; a `RangeError` for a payload that does not fit one block
   * @see RFC 7967
   */
  tell(peer: PeerId, init: CoapRequestInit, options: TellOptions = {}): Promise<CoapResponse | undefined> {
    const site = new Error();
    if (this.#state !== 'open') return Promise.reject(withStackOf(site, this.#closedError(peer)));
    return this.#calls.tell({ peer, init, options, site }, options.unwanted ?? [2, 4, 5]).then((response) => {
      const again = response && withEchoOf(init, response);
      return again === undefined ? response : this.tell(peer, again, options);
    });
  }

  /**
   * Finds out whether a peer is there, with an empty message that it answers with a Reset.
   *
   * @throws as `request` does
   * @see RFC 7252 §4.3
   */
  ping(peer: PeerId, options: RequestOptions = {}): Promise<void> {
    const site = new Error();
    if (this.#state !== 'open') return Promise.reject(withStackOf(site, this.#closedError(peer)));
    return this.#calls.ping(peer, options, site);
  }

  /** Counters and gauges, plain numbers. */
  stats(): EndpointStats {
    return this.#core.stats();
  }

  /**
   * Ends everything: calls reject with an `EndpointClosedError`, signals are given, observations end, the transport is
   * closed. Every call gives the same promise.
   *
   * @param options `timeoutMs`: what is in flight may still come to its end for so long; default 0
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.timeoutMs ?? 0);
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    if (timeoutMs > 0 && !this.#isIdle()) await this.#idleOrTimeout(timeoutMs);
    this.#end(undefined);
    await this.#transport.close();
  }

  #idleOrTimeout(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.schedule(this.#clock.now() + timeoutMs, resolve);
      this.#onIdle = () => {
        cancelTimer();
        resolve();
      };
    });
  }

  #isIdle(): boolean {
    return this.#calls.count === 0 && this.#core.isIdle;
  }

  #handleUnreachable(peer: PeerId, cause: Error): void {
    if (this.#state === 'closed') return;
    this.#calls.noteUnreachable(peer, cause);
    this.#driver.consume(this.#core.handleUnreachable(peer, this.#driver.now()));
  }

  /** One event; what a callback throws is for the log and does not keep others from being told. */
  #tell(event: EndpointEvent): void {
    try {
      this.#dispatch(event);
    } catch (error) {
      this.#logger?.error?.({ err: error, event: event.kind }, 'a callback failed');
    }
    if (this.#onIdle !== undefined && this.#isIdle()) this.#onIdle();
  }

  #dispatch(event: EndpointEvent): void {
    switch (event.kind) {
      case 'request':
      case 'answered':
      case 'unsent':
      case 'abandoned':
      case 'relation-ended':
      case 'body-chunk':
      case 'body-failed':
      case 'body-wanted':
      case 'body-dropped':
        this.#server?.handleEvent(event);
        return;
      case 'malformed': {
        const { peer, error } = event;
        this.#logger?.debug?.({ peer, code: error.code, offset: error.offset }, 'a datagram is no CoAP message');
        return;
      }
      case 'response':
      case 'sent':
      case 'pong':
      case 'told':
      case 'failed':
      case 'notification':
      case 'observation-ended':
      case 'upload-wanted':
      case 'download-chunk':
        this.#calls.handleEvent(event);
        return;
      case 'connected':
      case 'connection-lost':
      case 'released':
      case 'connect':
      case 'disconnect':
        this.#handleConnectionEvent?.(event);
    }
  }

  #end(cause: Error | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#driver.stop();
    if (cause !== undefined) this.#logger?.error?.({ err: cause }, 'the transport failed');
    const make = (peer: PeerId): EndpointClosedError => this.#closedError(peer, cause);
    const onThrow = (error: unknown): void => this.#logger?.error?.({ err: error }, 'a callback failed');
    this.#calls.failAll(make, onThrow);
    this.#server?.failAll(make, onThrow);
    this.#onIdle?.();
  }

  #closedError(peer: PeerId, cause?: Error): EndpointClosedError {
    return new EndpointClosedError(`the endpoint ${this.localUrl} is closed`, { peer, cause });
  }
}

addAsyncDispose(ClientEndpoint.prototype);
