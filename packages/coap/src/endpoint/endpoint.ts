import type { Effects, Instant, PeerId, RandomSource } from '../effects.ts';
import { DuplicateTable } from '../message-layer/duplicate-table.ts';
import { MessageLayer } from '../message-layer/message-layer.ts';
import { derivedTimes } from '../parameters.ts';
import type { EndpointParts } from './endpoint-core.ts';
import type { EndpointEvent, MessageContext } from './endpoint-event.ts';
import type { EndpointParameters } from './endpoint-parameters.ts';
import { ServerHalf, type ServerHalfInit } from './server-half.ts';
import { ServingCore } from './serving-core.ts';

/** What the halves of an endpoint are told besides the parameters. */
export interface ServingInit extends Omit<ServerHalfInit, 'random'>, Pick<EndpointParts, 'isKept'> {}

/** One CoAP endpoint in both roles over datagrams, without socket and clock. */
export class Endpoint extends ServingCore {
  readonly #layer: MessageLayer<MessageContext>;

  /** @param serving what its halves are told besides the parameters */
  constructor(parameters: EndpointParameters, random: RandomSource, serving: ServingInit = {}) {
    const { isKept, ...others } = serving;
    const init: ServerHalfInit = { random, ...others };
    const duplicates = new DuplicateTable({ ...parameters, ...derivedTimes(parameters) });
    const messages = new MessageLayer<MessageContext>(parameters, random, duplicates);
    super({ parameters, random, messages, isKept, serve: (shared) => new ServerHalf(parameters, shared, init) });
    this.#layer = messages;
  }

  /**
   * Takes one datagram, whatever it holds.
   *
   * @param bytes must not change while messages in the events are in use, and until a request in it is answered
   */
  handleDatagram(peer: PeerId, bytes: Uint8Array, now: Instant): Effects<EndpointEvent> {
    return this.take(this.#layer.handleDatagram(peer, bytes, now), now);
  }
}
