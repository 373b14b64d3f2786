import { ClientEndpoint } from '../client/client-endpoint.ts';
import type { CoapEndpointOptions } from '../coap-endpoint.ts';
import type { TakeBytes } from '../endpoint/endpoint-driver.ts';
import type { MessageContext } from '../endpoint/endpoint-event.ts';
import { type EndpointParameters, resolveEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { ServerHalf } from '../endpoint/server-half.ts';
import { ServingCore } from '../endpoint/serving-core.ts';
import { DuplicateTable } from '../message-layer/duplicate-table.ts';
import { MessageLayer } from '../message-layer/message-layer.ts';
import { openDatagrams } from '../open-datagrams.ts';
import { derivedTimes } from '../parameters.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import { HandlerCalls, type Serving } from '../server/handler-calls.ts';
import { TOKEN_NUMBER_BYTES } from './asked-request.ts';
import type { LowerContext } from './lower-layer.ts';
import type { QBlockGauges } from './q-block-counters.ts';
import { QBlockLayer } from './q-block-layer.ts';
import { type QBlockParameters, resolveQBlockParameters } from './q-block-parameters.ts';
import { servedMessages } from './served-messages.ts';

/** What a Q-Block endpoint is made of. */
export interface QBlockEndpointOptions
  extends Pick<CoapEndpointOptions, 'transport' | 'clock' | 'random' | 'handler' | 'amplificationLimit' | 'logger'> {
  /** What differs from `defaultEndpointParameters`; `requestTimeoutMs` is NON_PARTIAL_TIMEOUT by default. */
  readonly parameters?: Partial<Omit<EndpointParameters, 'tokenBytes'>> | undefined;
  /** What differs from `defaultQBlockParameters`. */
  readonly qBlock?: Partial<QBlockParameters> | undefined;
}

/** With the number behind it, a token has 8 bytes. */
const TOKEN_BYTES = 8 - TOKEN_NUMBER_BYTES;

/**
 * A CoAP endpoint, client and server on one transport, whose bodies go in Q-Block1 and Q-Block2 where the peer knows
 * them, and in Block1 and Block2 where it does not: with `confirmable: false` in bursts that need no answer for each
 * block, and with recovery of what is lost.
 *
 * Bodies are whole: those that are given as async iterables are gathered first.
 *
 * @see RFC 9177
 * @example
 * const endpoint = new QBlockEndpoint({ transport, clock, random });
 * await endpoint.request(peer, { method: 'PUT', path: ['mitigate'], payload, confirmable: false });
 */
export class QBlockEndpoint extends ClientEndpoint {
  readonly #serving: Serving;
  readonly #layer: QBlockLayer<MessageContext>;

  /** @throws {RangeError} a parameter that the RFCs forbid or that means nothing */
  constructor(options: QBlockEndpointOptions) {
    const { transport, clock, random, logger, amplificationLimit } = options;
    const qBlock = resolveQBlockParameters(options.qBlock);
    const own = { requestTimeoutMs: qBlock.nonPartialTimeoutMs, tokenBytes: TOKEN_BYTES };
    const parameters = resolveEndpointParameters({ ...own, ...options.parameters });
    const { requestTimeoutMs, streamBufferBytes } = parameters;
    const duplicates = new DuplicateTable({ ...parameters, ...derivedTimes(parameters) });
    const messages = new MessageLayer<LowerContext<MessageContext>>(parameters, random, duplicates);
    const layer = new QBlockLayer<MessageContext>({ messages, parameters: qBlock, transmission: parameters, random });
    const core = new ServingCore({
      parameters,
      random,
      messages: layer,
      serve: (shared) =>
        new ServerHalf(parameters, { ...shared, messages: servedMessages(layer) }, { random, amplificationLimit }),
    });
    const take: TakeBytes = (peer, bytes, now) => core.take(layer.handleDatagram(peer, bytes, now), now);
    const serving: Serving = { handler: options.handler, logger, streamBufferBytes };
    super({
      transport,
      clock,
      core,
      logger,
      requestTimeoutMs,
      streamBufferBytes,
      serve: (driver) => new HandlerCalls(core, driver, serving),
      open: openDatagrams(transport, take),
    });
    this.#serving = serving;
    this.#layer = layer;
  }

  /** Answers requests from now on with `handler`. */
  setHandler(handler: RequestHandler): void {
    this.#serving.handler = handler;
  }

  /** What is counted and held of transfers with Q-Block. */
  qBlockStats(): QBlockGauges {
    return this.#layer.gauges();
  }
}
