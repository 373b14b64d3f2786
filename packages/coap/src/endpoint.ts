import type { Effects, Instant, PeerId, RandomSource } from './effects.ts';
import { EndpointClient } from './endpoint-client.ts';
import { type ExchangeCounters, newExchangeCounters } from './endpoint-counters.ts';
import type { EndpointEvent, EndpointStep, MessageContext } from './endpoint-event.ts';
import type { EndpointParameters } from './endpoint-parameters.ts';
import { type AcceptedObserver, type AnswerContent, EndpointServer } from './endpoint-server.ts';
import { ClientExchanges, type ExchangePurpose } from './exchange/client-exchanges.ts';
import { ServerExchanges } from './exchange/server-exchanges.ts';
import type { MessageCounters } from './message-layer/message-counters.ts';
import type { MessageEvent, OutcomeEvent } from './message-layer/message-event.ts';
import { MessageLayer, type MessageLayerGauges } from './message-layer/message-layer.ts';
import { Observations } from './observe/observations.ts';
import { type NotificationContent, Relations } from './observe/relations.ts';
import { type DecodedMessage, encodeUintOption, ObserveRequest, type Option, OptionNumber } from './wire/index.ts';

/** A request, or a ping, that is to be sent. */
export interface RequestCommand {
  /** Given by the asker; comes back in the events, and is also that of the observation. Never used twice. */
  readonly id: number;
  /** Who is asked. */
  readonly peer: PeerId;
  /** `observe` and `cancel` add Observe 0 and 1; `ping` sends an empty message, whatever the other fields say. */
  readonly purpose: ExchangePurpose;
  /** The exchange fails when so much time has passed. */
  readonly timeoutMs: number;
  /** For `cancel`: the token of the observation (RFC 7641 §3.6). */
  readonly token?: Uint8Array;
  /** Whether it is sent until it is acknowledged. */
  readonly isConfirmable: boolean;
  /** The method's code. */
  readonly code: number;
  /** In any order, without Observe. */
  readonly options: readonly Option[];
  /** Empty where there is none. */
  readonly payload: Uint8Array;
}

/** What an endpoint counts and holds: plain numbers. Those that only grow are counted since the endpoint was made. */
export interface EndpointStats extends Readonly<MessageCounters>, Readonly<ExchangeCounters>, MessageLayerGauges {
  /** Requests of ours that wait for an answer. */
  readonly clientExchanges: number;
  /** Requests that are with the handler. */
  readonly serverExchanges: number;
  /** What we observe. */
  readonly observations: number;
  /** What is observed here. */
  readonly observers: number;
}

/**
 * One CoAP endpoint in both roles, without socket and clock: message layer, exchanges and observations joined.
 *
 * Every method is a step: it takes the time, and returns all that is to be done. A step that throws has done nothing.
 */
export class Endpoint {
  readonly #parameters: EndpointParameters;
  readonly #messages: MessageLayer<MessageContext>;
  readonly #clientExchanges: ClientExchanges;
  readonly #serverExchanges: ServerExchanges;
  readonly #observations = new Observations();
  readonly #relations: Relations;
  readonly #counters: ExchangeCounters = newExchangeCounters();
  readonly #client: EndpointClient;
  readonly #server: EndpointServer;

  constructor(parameters: EndpointParameters, random: RandomSource) {
    this.#parameters = parameters;
    this.#messages = new MessageLayer(parameters, random);
    this.#clientExchanges = new ClientExchanges(parameters, random);
    this.#serverExchanges = new ServerExchanges(parameters);
    this.#relations = new Relations(parameters);
    const shared = {
      messages: this.#messages,
      counters: this.#counters,
      absorb: (step: EndpointStep, effects: Effects<MessageEvent<MessageContext>>) => this.#absorb(step, effects),
    };
    this.#client = new EndpointClient({
      ...shared,
      exchanges: this.#clientExchanges,
      observations: this.#observations,
    });
    const { criticalOptions, confirmableAtLeastEveryMs } = parameters;
    this.#server = new EndpointServer({
      ...shared,
      exchanges: this.#serverExchanges,
      relations: this.#relations,
      criticalOptions,
      confirmableAtLeastEveryMs,
    });
  }

  /** Counters and gauges. */
  stats(): EndpointStats {
    return {
      ...this.#messages.counters,
      ...this.#counters,
      ...this.#messages.gauges(),
      clientExchanges: this.#clientExchanges.count,
      serverExchanges: this.#serverExchanges.count,
      observations: this.#observations.count,
      observers: this.#relations.count,
    };
  }

  /**
   * Takes one datagram, whatever it holds.
   *
   * @param bytes must not change while messages in the events are in use, and until a request in it is answered
   */
  handleDatagram(peer: PeerId, bytes: Uint8Array, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#absorb(step, this.#messages.handleDatagram(peer, bytes, now));
    return this.#effects(step);
  }

  /** Does what is due, as much as `workPerStepMax` allows. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    const { workPerStepMax } = this.#parameters;
    this.#absorb(step, this.#messages.handleTimeout(now));
    this.#client.handleTimeout(workPerStepMax, step);
    this.#server.handleTimeout(workPerStepMax, step);
    return this.#effects(step);
  }

  /** The network says that a peer cannot be reached: what waits for it ends. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#absorb(step, this.#messages.handleUnreachable(peer, now));
    this.#client.handleUnreachable(peer, step);
    return this.#effects(step);
  }

  /**
   * Sends a request or a ping.
   *
   * @throws {RangeError} a request that does not fit the format or a datagram
   */
  request(command: RequestCommand, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    const { id, peer, purpose, token, isConfirmable, code, payload } = command;
    const init = { id, peer, purpose, deadline: now + command.timeoutMs, ...(token === undefined ? {} : { token }) };
    if (purpose === 'cancel' && token !== undefined) this.#client.forgetToken(peer, token, step);
    const options = withObserve(command.options, purpose);
    this.#client.start(init, { isConfirmable, code, options, payload }, step);
    return this.#effects(step);
  }

  /** Forgets a request: nothing is told about it any more. */
  abandon(id: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#client.abandon(id, step);
    return this.#effects(step);
  }

  /** Forgets an observation of ours: the next notification gets a Reset (RFC 7641 §3.6). */
  forget(id: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#client.forget(id, step);
    return this.#effects(step);
  }

  /**
   * Answers a request; to one that was answered already, for want of an answer, nothing.
   *
   * @throws {RangeError} an answer that does not fit a datagram; the request is still to be answered
   */
  respond(exchangeId: number, answer: AnswerContent, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server.respond(exchangeId, answer, step);
    return this.#effects(step);
  }

  /**
   * Makes a request with Observe 0, which is not answered yet, an observation; its number is that of the exchange.
   *
   * @returns the effects, whom it is about, and the name of the limit that forbids it, if one does
   * @throws {TypeError} any other request
   */
  acceptObserver(exchangeId: number, now: Instant): Effects<EndpointEvent> & AcceptedObserver {
    const step = newStep(now);
    const accepted = this.#server.acceptObserver(exchangeId, step);
    return { ...this.#effects(step), ...accepted };
  }

  /**
   * Notifies an observer; one that is none any more, not.
   *
   * @throws {RangeError} a notification that does not fit a datagram
   */
  notify(relationId: number, content: NotificationContent, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server.notify(relationId, content, step);
    return this.#effects(step);
  }

  /** Forgets an observer without a word; there is no event about it. */
  endRelation(relationId: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server.endRelation(relationId, step);
    return this.#effects(step);
  }

  #absorb(step: EndpointStep, effects: Effects<MessageEvent<MessageContext>>): void {
    for (const transmit of effects.transmits) step.transmits.push(transmit);
    for (const event of effects.events) this.#handle(event, step);
  }

  #handle(event: MessageEvent<MessageContext>, step: EndpointStep): void {
    switch (event.kind) {
      case 'request':
        this.#server.handleRequest(event.peer, event.message, step);
        return;
      case 'response':
        this.#handleResponse(event.peer, event.message, event.context, step);
        return;
      case 'malformed':
        step.events.push(event);
        return;
      case 'sent':
      case 'acknowledged':
      case 'reset':
      case 'gave-up':
      case 'refused':
        this.#handleOutcome(event, step);
        return;
      default:
        assertNever(event);
    }
  }

  #handleResponse(
    peer: PeerId,
    message: DecodedMessage,
    context: MessageContext | undefined,
    step: EndpointStep,
  ): void {
    if (context === undefined || context.role === 'client') {
      this.#client.handleResponse(peer, message, context, step);
      return;
    }
    // The Acknowledgement of a response or notification is empty; what it carries nevertheless is silently ignored
    // (RFC 7252 §5.2.2).
    this.#handleOutcome({ kind: 'acknowledged', context }, step);
  }

  #handleOutcome(event: OutcomeEvent<MessageContext>, step: EndpointStep): void {
    const { context } = event;
    if (context.role === 'client') this.#client.handleOutcome(event, context, step);
    else if (context.role !== 'nobody') this.#server.handleOutcome(event, context, step);
  }

  #effects({ transmits, events }: EndpointStep): Effects<EndpointEvent> {
    return { transmits, events, wakeAt: this.#wakeAt() };
  }

  #wakeAt(): Instant | undefined {
    const times = Math.min(
      this.#messages.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#client.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#server.wakeAt ?? Number.POSITIVE_INFINITY,
    );
    return times === Number.POSITIVE_INFINITY ? undefined : times;
  }
}

function newStep(now: Instant): EndpointStep {
  return { now, transmits: [], events: [] };
}

function withObserve(options: readonly Option[], purpose: ExchangePurpose): readonly Option[] {
  if (purpose === 'observe') return [...options, encodeUintOption(OptionNumber.Observe, ObserveRequest.Register)];
  if (purpose === 'cancel') return [...options, encodeUintOption(OptionNumber.Observe, ObserveRequest.Deregister)];
  return options;
}

function assertNever(value: never): never {
  throw new Error(`no such event: ${JSON.stringify(value)}`);
}
