import { CoapEndpoint, type CoapEndpointOptions, type EndpointFooting } from './coap-endpoint.ts';
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
  readonly #driver: () => EndpointDriver | undefined;

  /** @throws {RangeError} a parameter that the RFCs forbid or that means nothing */
  constructor(options: CoapStreamEndpointOptions) {
    const { transport, clock, random, handler, logger } = options;
    const { framing, remote } = transport;
    const connectionParameters = resolveConnectionParameters(options.connectionParameters);
    const layer = new ConnectionLayer<MessageContext>({ parameters: connectionParameters, framing, remote });
    const parameters = resolveEndpointParameters(options.parameters);
    const core = new ServingCore({
      parameters,
      random,
      messages: layer,
      serve: (shared) => new ServerHalf(parameters, shared, { random, streamsRequestBody: streamsBodyOf(options) }),
    });
    let openDriver: EndpointDriver | undefined;
    const footing: EndpointFooting = {
      transport,
      core,
      handleConnectionEvent: (event) => obeyConnectionEvent(event, transport, logger),
      open: (driver, ends) => {
        openDriver = driver;
        openConnections({ transport, layer, core, driver }, ends.closed);
      },
    };
    const identityOf: CoapEndpointOptions['identityOf'] = (peer) => transport.identityOf?.(peer);
    super({ clock, random, handler, logger, parameters, identityOf, footing });
    this.#core = core;
    this.#layer = layer;
    this.#clock = clock;
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
