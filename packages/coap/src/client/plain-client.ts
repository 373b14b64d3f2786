import type { PeerId } from '../effects.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import type { EndpointStats } from '../endpoint/endpoint-stats.ts';
import { type CoapError, EndpointClosedError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramReceiver, DatagramTransport } from '../platform/transport.ts';
import { type Call, ClientCalls, type ClientCallsInit, withStackOf } from './client-calls.ts';
import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import type { CoapRequestInit, ObserveOptions, RequestOptions } from './coap-request-init.ts';
import type { CoapResponse } from './coap-response.ts';

/** What an endpoint needs of a transport of whatever kind. */
export type EndpointTransport = Pick<DatagramTransport, 'localUrl' | 'remote' | 'send' | 'close'>;

/** What takes the events that are not for a client. */
export interface OtherEvents {
  /** Called once, before the transport is opened. */
  start(driver: EndpointDriver): void;
  /** Takes one event. */
  handleEvent(event: EndpointEvent): void;
  /** Called after every event, whoever it was for. */
  handled(): void;
  /** The endpoint is closed; `make` makes the error of whatever waits. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void;
}

/** What a plain client is composed of. */
export interface PlainClientParts extends ClientCallsInit {
  /** Closed with the client. */
  readonly transport: EndpointTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** What decides. */
  readonly core: EndpointCore;
  /** Takes what an operator may want to read. */
  readonly logger?: Logger | undefined;
  /** Takes the events that are not for a client; without it nobody does. */
  readonly other?: OtherEvents | undefined;
  /** Opens the transport: what comes from now on goes to the driver. */
  readonly open: (driver: EndpointDriver, ends: Pick<DatagramReceiver, 'unreachable' | 'closed'>) => void;
}

/**
 * A CoAP client that asks, observes and pings, whatever carries its messages. `newPlainClient` makes one over datagrams,
 * `openUdpClient` of `@motestack/coap/node` one over UDP.
 *
 * @example
 * const client = newPlainClient({ transport, clock, random, bodies: blockWise });
 * const response = await client.request('192.0.2.1:5683', { method: 'GET', path: ['temperature'] });
 */
export class PlainClient {
  /** Where it is reached, with the real port. */
  readonly localUrl: string;
  /** The one peer of a connected endpoint. */
  readonly remote: PeerId | undefined;
  readonly #parts: PlainClientParts;
  readonly #driver: EndpointDriver;
  readonly #calls: ClientCalls;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closed: Promise<void> | undefined;

  /** @hidden */
  constructor(parts: PlainClientParts) {
    const { transport, core, other } = parts;
    this.localUrl = transport.localUrl;
    this.remote = transport.remote;
    this.#parts = parts;
    const driver = new EndpointDriver({ ...parts, tell: (event) => this.#tell(event) });
    this.#driver = driver;
    this.#calls = new ClientCalls(core, driver, parts);
    other?.start(driver);
    parts.open(driver, {
      unreachable: (peer, cause) => {
        if (this.#state === 'closed') return;
        this.#calls.noteUnreachable(peer, cause);
        driver.consume(core.handleUnreachable(peer, driver.now()));
      },
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
   * @throws {ProtocolError} the response cannot be understood, or has several blocks and nobody joins them
   * @throws {TypeError | RangeError} a request that cannot be written, or that does not fit `datagramBytesMax`
   */
  request(peer: PeerId, init: CoapRequestInit, options: RequestOptions = {}): Promise<CoapResponse> {
    return this.#call({ peer, purpose: 'request', init, options, site: new Error() }, (call) =>
      this.#calls.request(call),
    );
  }

  /**
   * Observes a resource: sends the request with Observe 0. Where nobody joins blocks, a notification of several is told
   * as its first.
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
    const { token } = options;
    return this.#call({ peer, purpose: 'observe', init, options, site: new Error(), token }, (call) =>
      this.#calls.observe(call, callbacks),
    );
  }

  /**
   * Finds out whether a peer is there, with an empty message that it answers with a Reset.
   *
   * @throws as `request` does
   * @see RFC 7252 §4.3
   */
  ping(peer: PeerId, options: RequestOptions = {}): Promise<void> {
    const init: CoapRequestInit = { method: 'GET' };
    return this.#call({ peer, purpose: 'ping', init, options, site: new Error() }, async (call) => {
      await this.#calls.ask(call);
    });
  }

  /** Counters and gauges, plain numbers: those of its parts. */
  stats(): Partial<EndpointStats> {
    return this.#parts.core.stats();
  }

  /**
   * Ends everything: calls reject with an `EndpointClosedError`, observations end, the transport is closed. Every call
   * gives the same promise.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /**
   * Calls that are made from now on reject.
   *
   * @hidden
   */
  protected refuse(): void {
    if (this.#state === 'open') this.#state = 'closing';
  }

  /**
   * Whether nothing is asked, answered or under way.
   *
   * @hidden
   */
  protected get isIdle(): boolean {
    return this.#calls.count === 0 && this.#parts.core.isIdle;
  }

  /**
   * Pings, or sends a request that wants no response.
   *
   * @hidden
   */
  protected ask(call: Call): Promise<CoapResponse | undefined> {
    return this.#call(call, () => this.#calls.ask(call));
  }

  #call<Result>(call: Call, make: (call: Call) => Promise<Result>): Promise<Result> {
    if (this.#state !== 'open') return Promise.reject(withStackOf(call.site, this.#closedError(call.peer)));
    return make(call);
  }

  #close(): Promise<void> {
    this.#end(undefined);
    return this.#parts.transport.close();
  }

  /** One event; what a callback throws is for the log and does not keep others from being told. */
  #tell(event: EndpointEvent): void {
    const { other } = this.#parts;
    try {
      if (!this.#calls.handleEvent(event)) other?.handleEvent(event);
    } catch (error) {
      this.#logThrown(error, event.kind);
    }
    other?.handled();
  }

  #end(cause: Error | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { logger, other } = this.#parts;
    this.#driver.stop();
    if (cause !== undefined) logger?.error?.({ err: cause }, 'the transport failed');
    const make = (peer: PeerId): EndpointClosedError => this.#closedError(peer, cause);
    const onThrow = (error: unknown): void => this.#logThrown(error);
    this.#calls.failAll(make, onThrow);
    other?.failAll(make, onThrow);
  }

  #logThrown(err: unknown, event?: string): void {
    this.#parts.logger?.error?.({ err, ...(event && { event }) }, 'a callback failed');
  }

  #closedError(peer: PeerId, cause?: Error): EndpointClosedError {
    return new EndpointClosedError(`the endpoint ${this.localUrl} is closed`, { peer, cause });
  }
}
