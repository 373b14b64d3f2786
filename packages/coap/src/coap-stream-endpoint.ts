import type { RequestOptions } from './client/coap-request-init.ts';
import { CustodyCalls } from './client/custody-calls.ts';
import { CoapEndpoint, type CoapEndpointOptions, type EndpointFooting, isKeptBy } from './coap-endpoint.ts';
import type { ConnectionCounters } from './connection/connection-counters.ts';
import type { ReleaseAdvice } from './connection/connection-event.ts';
import { ConnectionLayer } from './connection/connection-layer.ts';
import type { ConnectionGauges } from './connection/connection-layer-init.ts';
import { type ConnectionParameters, resolveConnectionParameters } from './connection/connection-parameters.ts';
import type { PeerId, RandomSource } from './effects.ts';
import type { EndpointCore } from './endpoint/endpoint-core.ts';
import type { EndpointDriver } from './endpoint/endpoint-driver.ts';
import type { MessageContext } from './endpoint/endpoint-event.ts';
import { type EndpointParameters, resolveEndpointParameters } from './endpoint/endpoint-parameters.ts';
import type { EndpointStats } from './endpoint/endpoint-stats.ts';
import { ServerHalf } from './endpoint/server-half.ts';
import { ServingCore } from './endpoint/serving-core.ts';
import { ConnectionLostError, EndpointClosedError } from './errors.ts';
import { obeyConnectionEvent, openConnections } from './open-connections.ts';
import type { Clock } from './platform/clock.ts';
import type { Logger } from './platform/logger.ts';
import type { StreamTransport } from './platform/stream-transport.ts';
import type { RequestHandler } from './server/coap-request.ts';
import { streamsBodyOf } from './server/streams-body-of.ts';
import type { Capabilities } from './wire/index.ts';

/** What an endpoint over connections is made of. */
export interface CoapStreamEndpointOptions {
  /** Carries the connections; closed with the endpoint. */
  readonly transport: StreamTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes tokens. */
  readonly random: RandomSource;
  /** Answers requests, which come from either side of a connection; without one they get 4.04 (RFC 8323 §3.3). */
  readonly handler?: RequestHandler | undefined;
  /** As `CoapEndpointOptions.streamRequestBody`. */
  readonly streamRequestBody?: CoapEndpointOptions['streamRequestBody'];
  /** What differs from `defaultEndpointParameters`; what is about datagrams does nothing. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** What differs from `defaultConnectionParameters`. */
  readonly connectionParameters?: Partial<ConnectionParameters> | undefined;
  /** As `CoapEndpointOptions.keeper`. */
  readonly keeper?: CoapEndpointOptions['keeper'];
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/** What an endpoint over connections counts and holds. */
export type StreamEndpointStats = EndpointStats & Readonly<ConnectionCounters> & ConnectionGauges;

/**
 * A CoAP endpoint, client and server, over TCP, TLS or WebSocket.
 *
 * A lost connection rejects its requests with a `ConnectionLostError` and ends its observations with one.
 *
 * @see RFC 8323
 * @example
 * const endpoint = new CoapStreamEndpoint({ transport: webSocketTransport(socket), clock, random });
 * const response = await endpoint.request(endpoint.remote, { method: 'GET', path: ['temperature'] });
 */
export class CoapStreamEndpoint extends CoapEndpoint {
  readonly #core: EndpointCore;
  readonly #layer: ConnectionLayer<MessageContext>;
  readonly #clock: Clock;
  readonly #custody: CustodyCalls;
  readonly #requestTimeoutMs: number;
  readonly #driver: () => EndpointDriver | undefined;

  /** @throws {RangeError} a parameter that the RFCs forbid or that means nothing */
  constructor(options: CoapStreamEndpointOptions) {
    const { transport, clock, random, handler, keeper, logger } = options;
    const { framing, remote } = transport;
    const connectionParameters = resolveConnectionParameters(options.connectionParameters);
    const layer = new ConnectionLayer<MessageContext>({ parameters: connectionParameters, framing, remote });
    const parameters = resolveEndpointParameters(options.parameters);
    const core = new ServingCore({
      parameters,
      random,
      messages: layer,
      isKept: isKeptBy(keeper),
      serve: (shared) => new ServerHalf(parameters, shared, { random, streamsRequestBody: streamsBodyOf(options) }),
    });
    const custody = new CustodyCalls(clock);
    let openDriver: EndpointDriver | undefined;
    const footing: EndpointFooting = {
      transport,
      core,
      hostOf: (peer) => transport.hostOf?.(peer),
      handleConnectionEvent: (event) => {
        obeyConnectionEvent(event, transport, logger);
        custody.handleEvent(event);
      },
      open: (driver, ends) => {
        openDriver = driver;
        openConnections({ transport, layer, core, driver }, (cause) => {
          ends.closed(cause);
          custody.failAll(
            (peer) => new EndpointClosedError(`the endpoint ${this.localUrl} is closed`, { peer, cause }),
          );
        });
      },
    };
    const identityOf: CoapEndpointOptions['identityOf'] = (peer) => transport.identityOf?.(peer);
    super({ clock, random, handler, keeper, logger, parameters, identityOf, footing });
    this.#core = core;
    this.#layer = layer;
    this.#clock = clock;
    this.#custody = custody;
    this.#requestTimeoutMs = parameters.requestTimeoutMs;
    this.#driver = () => openDriver;
  }

  /** What a peer said of itself in its CSM; the base values before (RFC 8323 §5.3). */
  capabilities(peer: PeerId): Capabilities {
    return this.#layer.capabilities(peer);
  }

  /** The peers to whom there is a connection. */
  peers(): PeerId[] {
    return this.#layer.peers();
  }

  /**
   * Asks a peer to say when it has processed all that was sent to it before, with a Ping that has Custody: what it was
   * sent need not be kept any longer then.
   *
   * @param options `timeoutMs` as for a request
   * @returns whether the peer says so; `false`: it answered, and promises nothing
   * @throws {TimeoutError} no answer in time
   * @throws {ConnectionLostError} there is no connection, or it was lost meanwhile
   * @throws {EndpointClosedError} the endpoint is closed
   * @see RFC 8323 §5.4.1
   */
  async askCustody(peer: PeerId, options: Pick<RequestOptions, 'timeoutMs'> = {}): Promise<boolean> {
    const driver = this.#driver();
    if (driver === undefined || this.#layer.blockLimits(peer) === undefined)
      throw new ConnectionLostError(`there is no connection to ${peer}`, { peer });
    return this.#custody.ask(peer, options.timeoutMs ?? this.#requestTimeoutMs, (token) => {
      const now = this.#clock.now();
      driver.consume(this.#core.take(this.#layer.askCustody(peer, token, now), now));
    });
  }

  /**
   * Asks a peer to close its connection when what is under way has ended, and where or when to connect again.
   *
   * @see RFC 8323 §5.5
   */
  release(peer: PeerId, advice: Partial<ReleaseAdvice> = {}): void {
    const now = this.#clock.now();
    this.#driver()?.consume(this.#core.take(this.#layer.release(peer, advice, now), now));
  }

  /** Counters and gauges, plain numbers. */
  override stats(): StreamEndpointStats {
    return { ...super.stats(), ...this.#layer.stats() };
  }
}
