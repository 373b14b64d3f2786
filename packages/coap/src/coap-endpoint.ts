import { ClientEndpoint, type ClientEndpointParts } from './client/client-endpoint.ts';
import type { CoapObservation } from './client/coap-observation.ts';
import type { CoapRequestInit, RequestOptions } from './client/coap-request-init.ts';
import { type CoapResponse, readResponse } from './client/coap-response.ts';
import type { ObservationKeeper } from './client/observation-keeper.ts';
import type { PeerId, RandomSource } from './effects.ts';
import { Endpoint } from './endpoint/endpoint.ts';
import type { IsKept } from './endpoint/endpoint-client.ts';
import type { EndpointDriver, TakeBytes } from './endpoint/endpoint-driver.ts';
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
import { tokenKey } from './wire/token-key.ts';

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
  /** Keeps observations that are handed over to it. Default: there are none. */
  readonly keeper?: ObservationKeeper | undefined;
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
  readonly #core: ServingCore;
  readonly #clock: Clock;
  readonly #driver: EndpointDriver | undefined;

  /** @throws {RangeError} a parameter that the RFCs forbid or that means nothing */
  constructor(options: CoapEndpointOptions | CoapEndpointOnFooting) {
    const { clock, logger, handler, keeper } = options;
    const parameters = resolveEndpointParameters(options.parameters);
    const footing = 'footing' in options ? options.footing : overDatagrams(options, parameters);
    const { requestTimeoutMs, streamBufferBytes } = parameters;
    let opened: EndpointDriver | undefined;
    const { hostOf } = footing;
    const serving: Serving = { handler, logger, streamBufferBytes, identityOf: identityOf(options), hostOf };
    super({
      ...footing,
      clock,
      logger,
      requestTimeoutMs,
      streamBufferBytes,
      serve: (driver) => {
        opened = driver;
        return new HandlerCalls(footing.core, driver, serving);
      },
      handleKept: (peer, message) =>
        keeper?.handleNotification(tokenKey(message.token), readResponse(peer, message, clock.now())),
    });
    this.#serving = serving;
    this.#core = footing.core;
    this.#clock = clock;
    this.#driver = opened;
  }

  /**
   * Forgets an observation that the `keeper` keeps from now on; its `onEnd` is called without an error.
   *
   * @returns the token, one character for each byte, by which the keeper knows it
   */
  handOver(observation: Pick<CoapObservation, 'token' | 'response'>): string {
    const { token, response } = observation;
    this.#driver?.consume(this.#core.release(response.peer, token, this.#clock.now()));
    return tokenKey(token);
  }

  /**
   * Ends an observation that was handed over: the request with Observe 1 and its token.
   *
   * @param token as `handOver` gave it
   * @param init the request that made the observation
   * @throws as `request` does
   * @see RFC 7641 §3.6
   */
  async cancelKept(
    peer: PeerId,
    token: string,
    init: CoapRequestInit,
    options: RequestOptions = {},
  ): Promise<CoapResponse | undefined> {
    const bytes = Uint8Array.from(token, (character) => character.charCodeAt(0));
    return await this.ask({ peer, purpose: 'cancel', init, options, site: new Error(), token: bytes });
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
  const { transport, random, amplificationLimit, keeper } = options;
  const isKept = isKeptBy(keeper);
  const serving = { streamsRequestBody: streamsBodyOf(options), amplificationLimit, isKept };
  const core = new Endpoint(parameters, random, serving);
  const take: TakeBytes = (peer, bytes, now) => core.handleDatagram(peer, bytes, now);
  return { transport, core, open: openDatagrams(transport, take) };
}

/** What a core asks a keeper; nothing where there is none. */
export function isKeptBy(keeper: ObservationKeeper | undefined): IsKept | undefined {
  return keeper && ((peer, key) => keeper.has(peer, key));
}
