import { type BlockCounters, newBlockCounters } from '../block/block-counters.ts';
import type { Effects, Instant, PeerId, RandomSource } from '../effects.ts';
import { ClientExchanges, type ExchangePurpose } from '../exchange/client-exchanges.ts';
import { ServerExchanges } from '../exchange/server-exchanges.ts';
import type { MessageCounters } from '../message-layer/message-counters.ts';
import type { MessageEvent, OutcomeEvent } from '../message-layer/message-event.ts';
import { MessageLayer, type MessageLayerGauges } from '../message-layer/message-layer.ts';
import { Observations } from '../observe/observations.ts';
import { type NotificationContent, Relations } from '../observe/relations.ts';
import { derivedTimes } from '../parameters.ts';
import type { DecodedMessage, Option } from '../wire/index.ts';
import { EndpointBodies } from './endpoint-bodies.ts';
import { EndpointClient } from './endpoint-client.ts';
import { type ExchangeCounters, newExchangeCounters } from './endpoint-counters.ts';
import type { EndpointEvent, EndpointStep, MessageContext } from './endpoint-event.ts';
import type { EndpointParameters } from './endpoint-parameters.ts';
import { type AcceptedObserver, type AnswerContent, EndpointServer } from './endpoint-server.ts';
import { EndpointTransfers } from './endpoint-transfers.ts';

/** A request, or a ping, that is to be sent. */
export interface RequestCommand {
  /** Given by the asker; comes back in the events, and is also that of the observation. Never used twice. */
  readonly id: number;
  /** Who is asked. */
  readonly peer: PeerId;
  /** `observe` and `cancel` add Observe 0 and 1; `ping` sends an empty message, whatever the other fields say. */
  readonly purpose: ExchangePurpose;
  /** The exchange fails when so much time has passed; where bodies go in several blocks, so much for each. */
  readonly timeoutMs: number;
  /** What goes in several blocks fails when so much time has passed. Default: the parameter of this name. */
  readonly bodyTimeoutMs?: number;
  /** For `cancel`: the token of the observation (RFC 7641 §3.6). */
  readonly token?: Uint8Array;
  /** Whether it is sent until it is acknowledged. */
  readonly isConfirmable: boolean;
  /** The method's code. */
  readonly code: number;
  /** In any order, without Observe. With a block option among them nothing is cut or joined. */
  readonly options: readonly Option[];
  /** Of any length, empty where there is none. */
  readonly payload: Uint8Array;
}

/** What an endpoint counts and holds: plain numbers. Those that only grow are counted since the endpoint was made. */
export interface EndpointStats
  extends Readonly<MessageCounters>,
    Readonly<ExchangeCounters>,
    Readonly<BlockCounters>,
    MessageLayerGauges {
  /** Requests of ours that wait for an answer. */
  readonly clientExchanges: number;
  /** Requests that are with the handler. */
  readonly serverExchanges: number;
  /** What we observe. */
  readonly observations: number;
  /** What is observed here. */
  readonly observers: number;
  /** Requests of ours with bodies of several blocks that are under way. */
  readonly transfers: number;
  /** Request bodies that are assembled. */
  readonly assemblies: number;
  /** The memory that they hold, in bytes. */
  readonly assemblyBytes: number;
  /** Response bodies that are kept for their later blocks. */
  readonly responseBodies: number;
  /** The memory that they hold, in bytes. */
  readonly responseBodyBytes: number;
}

/**
 * One CoAP endpoint in both roles, without socket and clock: message layer, exchanges, observations and block-wise
 * transfer joined.
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
  readonly #blockCounters: BlockCounters = newBlockCounters();
  readonly #client: EndpointClient;
  readonly #server: EndpointServer;
  readonly #transfers: EndpointTransfers;
  readonly #bodies: EndpointBodies;

  constructor(parameters: EndpointParameters, random: RandomSource) {
    this.#parameters = parameters;
    this.#messages = new MessageLayer(parameters, random);
    this.#clientExchanges = new ClientExchanges(parameters, random, (key) => this.#observations.hasToken(key));
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
    const { exchangeLifetimeMs } = derivedTimes(parameters);
    const blocks = { parameters, exchangeLifetimeMs, counters: this.#blockCounters };
    this.#transfers = new EndpointTransfers({ ...blocks, client: this.#client });
    this.#bodies = new EndpointBodies({ ...blocks, server: this.#server });
  }

  /** Counters and gauges. */
  stats(): EndpointStats {
    return {
      ...this.#messages.counters,
      ...this.#counters,
      ...this.#blockCounters,
      ...this.#messages.gauges(),
      clientExchanges: this.#clientExchanges.count,
      serverExchanges: this.#serverExchanges.count,
      observations: this.#observations.count,
      observers: this.#relations.count,
      transfers: this.#transfers.count,
      ...this.#bodies.gauges(),
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
    this.#transfers.handleTimeout(workPerStepMax, step, step.told);
    this.#bodies.handleTimeout(workPerStepMax, now);
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
    const { peer, purpose, token } = command;
    if (purpose === 'cancel' && token !== undefined) {
      this.#transfers.dropFetchOf(peer, token, step);
      this.#client.forgetToken(peer, token, step);
    }
    this.#transfers.start(command, step);
    return this.#effects(step);
  }

  /** Forgets a request: nothing is told about it any more. */
  abandon(id: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#transfers.abandon(id, step);
    return this.#effects(step);
  }

  /** Forgets an observation of ours: the next notification gets a Reset (RFC 7641 §3.6). */
  forget(id: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#transfers.dropFetch(id, step);
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
    this.#server.respond(exchangeId, this.#bodies.answer(exchangeId, answer, now), step);
    this.#bodies.forgetRequest(exchangeId);
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
    if (accepted.limit === undefined) this.#bodies.noteObserver(exchangeId);
    return { ...this.#effects(step), ...accepted };
  }

  /**
   * Notifies an observer; one that is none any more, not.
   *
   * @throws {RangeError} a notification that does not fit a datagram
   */
  notify(relationId: number, content: NotificationContent, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server.notify(relationId, this.#bodies.notification(relationId, content, now), step);
    return this.#effects(step);
  }

  /** Forgets an observer without a word; there is no event about it. */
  endRelation(relationId: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server.endRelation(relationId, step);
    this.#bodies.forgetObserver(relationId);
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
      case 'garbled':
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

  #effects(step: EndpointStep): Effects<EndpointEvent> {
    // What a block leads to may bring more events.
    for (let index = 0; index < step.events.length; index++) this.#route(step.events[index] as EndpointEvent, step);
    return { transmits: step.transmits, events: step.told, wakeAt: this.#wakeAt() };
  }

  /** Makes of what single messages come to what bodies come to. */
  #route(event: EndpointEvent, step: EndpointStep): void {
    switch (event.kind) {
      case 'request': {
        const whole = this.#bodies.handleRequest(event, step);
        if (whole === undefined) return;
        this.#counters.requestsIn++;
        step.told.push(whole);
        return;
      }
      case 'response':
      case 'failed':
      case 'notification':
      case 'observation-ended':
        this.#transfers.handle(event, step, step.told);
        return;
      case 'abandoned':
        this.#bodies.forgetRequest(event.exchangeId);
        break;
      case 'relation-ended':
        this.#bodies.forgetObserver(event.relationId);
        break;
      case 'answered':
      case 'unsent':
      case 'pong':
      case 'malformed':
        break;
      default:
        assertNever(event);
    }
    step.told.push(event);
  }

  #wakeAt(): Instant | undefined {
    const times = Math.min(
      this.#messages.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#client.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#server.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#transfers.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#bodies.wakeAt ?? Number.POSITIVE_INFINITY,
    );
    return times === Number.POSITIVE_INFINITY ? undefined : times;
  }
}

function newStep(now: Instant): EndpointStep {
  return { now, transmits: [], events: [], told: [] };
}

function assertNever(value: never): never {
  throw new Error(`no such event: ${JSON.stringify(value)}`);
}
