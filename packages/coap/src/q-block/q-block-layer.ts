import type { BlockLimits } from '../block/block-size.ts';
import type { Effects, Instant, PeerId, RandomSource } from '../effects.ts';
import type { MessageLayer } from '../message-layer/message-layer.ts';
import type {
  MessageEvent,
  OutcomeEvent,
  OutgoingMessage,
  PiggybackedResponse,
  ServingMessaging,
} from '../messaging.ts';
import { type DerivedTimes, derivedTimes, type TransmissionParameters } from '../parameters.ts';
import { isRequestCode } from '../wire/index.ts';
import { type LowerContext, LowerLayer, Part, type QBlockStep } from './lower-layer.ts';
import { PeerSupport } from './peer-support.ts';
import { newQBlockCounters, type QBlockCounters, type QBlockGauges } from './q-block-counters.ts';
import type { QBlockParameters } from './q-block-parameters.ts';
import { QBlockRequests } from './q-block-requests.ts';
import { QBlockServer } from './q-block-server.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';

/** What a Q-Block layer is made of. */
export interface QBlockLayerInit<Context extends object> {
  /** Carries single messages. */
  readonly messages: MessageLayer<LowerContext<Context>>;
  readonly parameters: QBlockParameters;
  /** Those of the message layer. */
  readonly transmission: TransmissionParameters & { readonly tokenBytes: number; readonly workPerStepMax: number };
  readonly random: RandomSource;
}

/** What a body that is sent as one message may have, for those above. */
const ANY_LENGTH: BlockLimits = { maxMessageBytes: Number.MAX_SAFE_INTEGER, isBlockWise: false };

/**
 * Carries messages with bodies of any length over datagrams: between an endpoint, which asks and answers with whole
 * bodies, and the message layer, which carries their blocks.
 *
 * @see RFC 9177
 */
export class QBlockLayer<Context extends object> implements ServingMessaging<Context> {
  /** What was counted so far. */
  readonly counters: QBlockCounters = newQBlockCounters();
  readonly #messages: MessageLayer<LowerContext<Context>>;
  readonly #workPerStepMax: number;
  readonly #support: PeerSupport;
  readonly #lower: LowerLayer<Context>;
  readonly #requests: QBlockRequests<Context>;
  readonly #server: QBlockServer<Context>;
  #now: Instant = 0;

  constructor(init: QBlockLayerInit<Context>) {
    const { messages, parameters, transmission, random } = init;
    const { maxTransmitSpanMs }: DerivedTimes = derivedTimes(transmission);
    this.#messages = messages;
    this.#workPerStepMax = transmission.workPerStepMax;
    this.#support = new PeerSupport(parameters);
    this.#lower = new LowerLayer(messages, (event, step) => this.#handle(event, step));
    const surroundings: QBlockSurroundings<Context> = {
      parameters,
      random,
      counters: this.counters,
      support: this.#support,
      lower: this.#lower,
      maxTransmitSpanMs,
      tokenBytes: transmission.tokenBytes,
    };
    this.#requests = new QBlockRequests(surroundings);
    this.#server = new QBlockServer(surroundings);
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    const times = [this.#messages.wakeAt, this.#requests.wakeAt, this.#server.wakeAt];
    const due = times.filter((time) => time !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Counters and gauges of the message layer. */
  stats(): Readonly<Record<string, number>> {
    return this.#messages.stats();
  }

  /** Counters and gauges of this layer. */
  gauges(): QBlockGauges {
    return {
      ...this.counters,
      qBlockRequests: this.#requests.count,
      qBlockSilentPeers: this.#requests.silentCount,
      ...this.#server.gauges(),
    };
  }

  /** How many messages are under way, with requests whose bodies are. */
  get transmissionCount(): number {
    return this.#messages.transmissionCount;
  }

  /** Takes one datagram, whatever it holds. */
  handleDatagram(peer: PeerId, bytes: Uint8Array, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#lower.absorb(this.#messages.handleDatagram(peer, bytes, now), step);
    return this.#effects(step);
  }

  /** As `Messaging.send`; a body of any length. */
  send(peer: PeerId, message: OutgoingMessage, context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    const isTaken = isRequestCode(message.code)
      ? this.#requests.send(peer, message, context, step)
      : this.#server.send(peer, message, context, step);
    if (!isTaken) this.#lower.send(peer, message, context, step);
    return this.#effects(step);
  }

  /** As `Messaging.ping`. */
  ping(peer: PeerId, context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#lower.absorb(this.#messages.ping(peer, context, now), step);
    return this.#effects(step);
  }

  /** As `Messaging.supersede`. */
  supersede(context: Context, message: OutgoingMessage): boolean {
    const outcome = this.#server.supersede(context, message);
    return outcome ?? this.#messages.supersede(context, message);
  }

  /** As `Messaging.stop`; with it ends the body that goes or comes for the context. */
  stop(context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#requests.stop(context, step);
    this.#server.stop(context, step);
    this.#lower.stop(context, step);
    return this.#effects(step);
  }

  /** As `Messaging.respond`; a body of any length. */
  respond(
    peer: PeerId,
    messageId: number,
    response: PiggybackedResponse,
    now: Instant,
  ): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    if (!this.#server.respond(peer, messageId, response, step)) {
      this.#lower.respond(peer, messageId, response, step);
    }
    return this.#effects(step);
  }

  /** As `Messaging.acknowledge`. */
  acknowledge(peer: PeerId, messageId: number, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#lower.acknowledge(peer, messageId, step);
    return this.#effects(step);
  }

  /** As `Messaging.reject`. */
  reject(peer: PeerId, messageId: number, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#lower.reject(peer, messageId, step);
    return this.#effects(step);
  }

  /** As `Messaging.handleUnreachable`. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#requests.handleUnreachable(peer, step);
    this.#lower.absorb(this.#messages.handleUnreachable(peer, now), step);
    return this.#effects(step);
  }

  /** As `Messaging.forgetToken`. */
  forgetToken(peer: PeerId, token: Uint8Array): void {
    this.#requests.forgetToken(peer, token);
    this.#server.forgetToken(peer, token);
  }

  /** What a client cuts for a peer: nothing, unless the peer refused Q-Block. */
  blockLimits(peer: PeerId): BlockLimits | undefined {
    return this.#support.of(peer, this.#now) === false ? undefined : ANY_LENGTH;
  }

  /** What a server cuts for a peer: nothing, if the peer knows Q-Block. */
  servedBlockLimits(peer: PeerId): BlockLimits | undefined {
    return this.#server.knows(peer) ? ANY_LENGTH : undefined;
  }

  /** Does what is due. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<MessageEvent<Context>> {
    const step = this.#step(now);
    this.#lower.absorb(this.#messages.handleTimeout(now), step);
    this.#requests.handleTimeout(this.#workPerStepMax, step);
    this.#server.handleTimeout(this.#workPerStepMax, step);
    return this.#effects(step);
  }

  #handle(event: MessageEvent<LowerContext<Context>>, step: QBlockStep<Context>): void {
    switch (event.kind) {
      case 'request':
        this.#requests.heard(event.peer, step);
        this.#server.handleRequest(event.peer, event.message, step);
        return;
      case 'response':
        this.#requests.heard(event.peer, step);
        if (!this.#requests.handleResponse(event, step)) this.#passResponse(event, step);
        return;
      case 'sent':
      case 'acknowledged':
      case 'reset':
      case 'gave-up':
      case 'refused':
      case 'garbled':
        this.#handleOutcome(event, step);
        return;
      case 'malformed':
      // Those of connections do not come over datagrams.
      case 'connected':
      case 'connection-lost':
      case 'released':
      case 'custody':
      case 'connect':
      case 'disconnect':
        step.events.push(event);
    }
  }

  #passResponse(
    event: Extract<MessageEvent<LowerContext<Context>>, { readonly kind: 'response' }>,
    step: QBlockStep<Context>,
  ): void {
    const { context } = event;
    // The Acknowledgement of a block of a response carries nothing that counts (RFC 7252 §5.2.2).
    if (context instanceof Part) context.handle({ kind: 'acknowledged', context }, step);
    else step.events.push({ ...event, context });
  }

  #handleOutcome(event: OutcomeEvent<LowerContext<Context>>, step: QBlockStep<Context>): void {
    const { context } = event;
    if (context instanceof Part) {
      context.handle(event, step);
      return;
    }
    const outcome = { ...event, context } as OutcomeEvent<Context>;
    if (!this.#requests.handleOutcome(outcome, step)) step.events.push(outcome);
  }

  #step(now: Instant): QBlockStep<Context> {
    this.#now = now;
    return { now, transmits: [], events: [] };
  }

  #effects({ transmits, events }: QBlockStep<Context>): Effects<MessageEvent<Context>> {
    return { transmits, events, wakeAt: this.wakeAt };
  }
}
