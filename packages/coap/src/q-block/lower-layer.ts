import type { Effects, Instant, PeerId, Transmit } from '../effects.ts';
import type {
  MessageEvent,
  OutcomeEvent,
  OutgoingMessage,
  PiggybackedResponse,
  ServingMessaging,
} from '../messaging.ts';

/** Where the effects of one step are gathered. */
export interface QBlockStep<Context> {
  readonly now: Instant;
  readonly transmits: Transmit[];
  readonly events: MessageEvent<Context>[];
}

/** A message that is a part of a body: what becomes of it is for whoever sends the body. */
export class Part<Context> {
  /** Takes what became of it. */
  readonly handle: (event: OutcomeEvent<unknown>, step: QBlockStep<Context>) => void;

  constructor(handle: (event: OutcomeEvent<unknown>, step: QBlockStep<Context>) => void) {
    this.handle = handle;
  }
}

/** What the layer below is sent with. */
export type LowerContext<Context> = Context | Part<Context>;

/** The layer that carries single messages, seen from where bodies are cut: what it does goes into the step. */
export class LowerLayer<Context extends object> {
  readonly #messages: ServingMessaging<LowerContext<Context>>;
  readonly #handle: (event: MessageEvent<LowerContext<Context>>, step: QBlockStep<Context>) => void;

  /** @param handle takes what the layer tells */
  constructor(
    messages: ServingMessaging<LowerContext<Context>>,
    handle: (event: MessageEvent<LowerContext<Context>>, step: QBlockStep<Context>) => void,
  ) {
    this.#messages = messages;
    this.#handle = handle;
  }

  /** As `Messaging.send`. */
  send(peer: PeerId, message: OutgoingMessage, context: LowerContext<Context>, step: QBlockStep<Context>): void {
    this.absorb(this.#messages.send(peer, message, context, step.now), step);
  }

  /** As `Messaging.respond`. */
  respond(peer: PeerId, messageId: number, response: PiggybackedResponse, step: QBlockStep<Context>): void {
    this.absorb(this.#messages.respond(peer, messageId, response, step.now), step);
  }

  /** As `Messaging.acknowledge`. */
  acknowledge(peer: PeerId, messageId: number, step: QBlockStep<Context>): void {
    this.absorb(this.#messages.acknowledge(peer, messageId, step.now), step);
  }

  /** As `Messaging.reject`. */
  reject(peer: PeerId, messageId: number, step: QBlockStep<Context>): void {
    this.absorb(this.#messages.reject(peer, messageId, step.now), step);
  }

  /** As `Messaging.stop`. */
  stop(context: LowerContext<Context>, step: QBlockStep<Context>): void {
    this.absorb(this.#messages.stop(context, step.now), step);
  }

  /** Takes effects of the layer into the step. */
  absorb(effects: Effects<MessageEvent<LowerContext<Context>>>, step: QBlockStep<Context>): void {
    for (const transmit of effects.transmits) step.transmits.push(transmit);
    for (const event of effects.events) this.#handle(event, step);
  }
}
