import { ClientEndpoint, type ClientEndpointParts } from './client/client-endpoint.ts';
import type { PeerId, RandomSource } from './effects.ts';
import { Endpoint } from './endpoint/endpoint.ts';
import type { TakeBytes } from './endpoint/endpoint-driver.ts';
import { type EndpointParameters, resolveEndpointParameters } from './endpoint/endpoint-parameters.ts';
import type { ServingCore } from './endpoint/serving-core.ts';
import type { AmplificationLimit } from './freshness/amplification-limit.ts';
import { openDatagrams } from './open-datagrams.ts';
import type { Clock } from './platform/clock.ts';
import type { Logger } from './platform/logger.ts';
import type { PeerIdentity } from './platform/peer-identity.ts';
import type { DatagramTransport } from './platform/transport.ts';
import type { RequestHandler, RequestHead } from './server/coap-request.ts';
import { HandlerCalls, type Serving } from './server/handler-calls.ts';
import { streamsBodyOf } from './server/streams-body-of.ts';

/** What an endpoint in both roles stands on: a core over its layer, and the transport beneath. */
export interface EndpointFooting extends Pick<ClientEndpointParts, 'transport' | 'open' | 'handleConnectionEvent'> {
  /** Decides, in both roles. */
  readonly core: ServingCore;
  /** Knows by which name a peer asked for this server. */
  readonly hostOf?: Serving['hostOf'];
}

/** What an endpoint over another transport than datagrams is made of. */
export interface CoapEndpointOnFooting extends Omit<CoapEndpointOptions, 'transport'> {
  /** What it stands on. */
  readonly footing: EndpointFooting;
}

/** What an endpoint is made of. */
export interface CoapEndpointOptions {
  /** Carries the datagrams; closed with the endpoint. */
  readonly transport: DatagramTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes tokens and message IDs. */
  readonly random: RandomSource;
  /** Answers requests; without one they get 4.04. */
  readonly handler?: RequestHandler | undefined;
  /**
   * Whether the body of a request of several blocks is streamed to the handler (`request.body`), asked with its first
   * block. Not where it asks for an observation. Default: the handler gets it whole.
   */
  readonly streamRequestBody?: ((head: RequestHead) => boolean) | undefined;
  /** Verifies the addresses of clients before their requests are handled (RFC 9175 §2.6). Default: none is verified. */
  readonly amplificationLimit?: AmplificationLimit | undefined;
  /** Says who a peer is, for `request.identity`. Default: what the transport knows. */
  readonly identityOf?: ((peer: PeerId) => PeerIdentity | undefined) | undefined;
  /** What differs from `defaultEndpointParameters`. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/**
 * A CoAP endpoint: client and server on one transport.
 *
 * @example
 * const endpoint = new CoapEndpoint({ transport, clock, random });
 * const response = await endpoint.request('127.0.0.1:5683', { method: 'GET', path: ['temperature'] });
 */
export class CoapEndpoint extends ClientEndpoint {
  readonly #serving: Serving;

  /** @throws {RangeError} a parameter that the RFCs forbid or that means nothing */
  constructor(options: CoapEndpointOptions | CoapEndpointOnFooting) {
    const { clock, logger, handler } = options;
    const parameters = resolveEndpointParameters(options.parameters);
    const footing = 'footing' in options ? options.footing : overDatagrams(options, parameters);
    const { requestTimeoutMs, streamBufferBytes } = parameters;
    const { hostOf } = footing;
    const serving: Serving = { handler, logger, streamBufferBytes, identityOf: identityOf(options), hostOf };
    super({
      ...footing,
      clock,
      logger,
      requestTimeoutMs,
      streamBufferBytes,
      serve: (driver) => new HandlerCalls(footing.core, driver, serving),
    });
    this.#serving = serving;
  }

  /** Answers requests from now on with `handler`. */
  setHandler(handler: RequestHandler): void {
    this.#serving.handler = handler;
  }
}

function identityOf(options: CoapEndpointOptions | CoapEndpointOnFooting): Serving['identityOf'] {
  if (options.identityOf !== undefined || !('transport' in options)) return options.identityOf;
  const { transport } = options;
  return (peer) => transport.identityOf?.(peer);
}

function overDatagrams(options: CoapEndpointOptions, parameters: EndpointParameters): EndpointFooting {
  const { transport, random, amplificationLimit } = options;
  const core = new Endpoint(parameters, random, { streamsRequestBody: streamsBodyOf(options), amplificationLimit });
  const take: TakeBytes = (peer, bytes, now) => core.handleDatagram(peer, bytes, now);
  return { transport, core, open: openDatagrams(transport, take) };
}
