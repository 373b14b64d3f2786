import { type BlockCounters, newBlockCounters } from '../block/block-counters.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import type { Effects, Instant, PeerId, RandomSource } from '../effects.ts';
import { ClientExchanges } from '../exchange/client-exchanges.ts';
import { newMessageCounters } from '../message-layer/message-counters.ts';
import type { MessageEvent, Messaging, OutcomeEvent } from '../messaging.ts';
import { Observations } from '../observe/observations.ts';
import type { NotificationContent } from '../observe/relations.ts';
import { derivedTimes } from '../parameters.ts';
import type { DecodedMessage } from '../wire/index.ts';
import { EndpointClient } from './endpoint-client.ts';
import { type ExchangeCounters, newExchangeCounters } from './endpoint-counters.ts';
import type { Absorb, EndpointEvent, EndpointStep, Failure, MessageContext } from './endpoint-event.ts';
import type { EndpointParameters } from './endpoint-parameters.ts';
import type { AcceptedObserver, AnswerContent } from './endpoint-server.ts';
import { type EndpointStats, NO_STATS } from './endpoint-stats.ts';
import { EndpointTransfers } from './endpoint-transfers.ts';
import type { RequestCommand } from './request-command.ts';
import type { ServerHalf } from './server-half.ts';

/** What both halves of an endpoint work with. */
export interface HalfSurroundings {
  /** What carries messages. */
  readonly messages: Messaging<MessageContext>;
  /** What is counted of exchanges. */
  readonly counters: ExchangeCounters;
  /** What is counted of bodies. */
  readonly blockCounters: BlockCounters;
  /** Takes the effects of the layer below into the step. */
  readonly absorb: Absorb;
}

/** What an endpoint is composed of. */
export interface EndpointParts {
  /** All of them, as `resolveEndpointParameters` gives them. */
  readonly parameters: EndpointParameters;
  /** Makes tokens. */
  readonly random: RandomSource;
  /** What carries its messages. */
  readonly messages: Messaging<MessageContext>;
  /** Makes the server's half; without one, requests are rejected. */
  readonly serve?: (shared: HalfSurroundings) => ServerHalf;
}

/**
 * One CoAP endpoint without socket and clock: the client's half and, where there is one, the server's, above whatever
 * carries messages.
 *
 * Every method is a step: it takes the time, and returns all that is to be done. A step that throws has done nothing.
 */
export class EndpointCore {
  readonly #workPerStepMax: number;
  readonly #messages: Messaging<MessageContext>;
  readonly #exchanges: ClientExchanges;
  readonly #observations: Observations;
  readonly #counters: ExchangeCounters = newExchangeCounters();
  readonly #blockCounters: BlockCounters = newBlockCounters();
  readonly #client: EndpointClient;
  readonly #transfers: EndpointTransfers;
  readonly #server: ServerHalf | undefined;

  /** @hidden */
  constructor(parts: EndpointParts) {
    const { parameters, random, messages } = parts;
    this.#workPerStepMax = parameters.workPerStepMax;
    this.#messages = messages;
    this.#observations = new Observations(parameters.responseMatching);
    this.#exchanges = new ClientExchanges(parameters, random, (key) => this.#observations.hasToken(key));
    const shared: HalfSurroundings = {
      messages,
      counters: this.#counters,
      blockCounters: this.#blockCounters,
      absorb: (step, effects) => this.#absorb(step, effects),
    };
    const client = new EndpointClient({ ...shared, exchanges: this.#exchanges, observations: this.#observations });
    this.#client = client;
    const { exchangeLifetimeMs } = derivedTimes(parameters);
    this.#transfers = new EndpointTransfers({
      parameters,
      exchangeLifetimeMs,
      counters: this.#blockCounters,
      client,
      blockLimits: (peer) => messages.blockLimits?.(peer),
    });
    this.#server = parts.serve?.(shared);
  }

  /** Counters and gauges. */
  stats(): EndpointStats {
    return {
      ...NO_STATS,
      ...newMessageCounters(),
      ...this.#messages.stats(),
      ...this.#counters,
      ...this.#blockCounters,
      clientExchanges: this.#exchanges.count,
      observations: this.#observations.count,
      transfers: this.#transfers.count,
      ...this.#server?.gauges(),
    };
  }

  /** Whether what is sent arrives in order, or its connection ends (RFC 8323 §7.1). */
  get isReliable(): boolean {
    return this.#messages.isReliable === true;
  }

  /** Whether nothing is asked, answered or under way. */
  get isIdle(): boolean {
    return this.#exchanges.count === 0 && this.#messages.transmissionCount === 0 && this.#server?.isIdle !== false;
  }

  /**
   * Takes what the layer below came to by itself: by a datagram, or by a connection.
   *
   * @hidden
   */
  take(effects: Effects<MessageEvent<MessageContext>>, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#absorb(step, effects);
    return this.#effects(step);
  }

  /** Does what is due, as much as `workPerStepMax` allows. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#absorb(step, this.#messages.handleTimeout(now));
    this.#client.handleTimeout(this.#workPerStepMax, step);
    this.#transfers.handleTimeout(this.#workPerStepMax, step);
    this.#server?.handleTimeout(this.#workPerStepMax, step);
    return this.#effects(step);
  }

  /** The network says that a peer cannot be reached: what waits for it ends. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#absorb(step, this.#messages.handleUnreachable(peer, now));
    this.#client.failPeer(peer, UNREACHABLE, step);
    this.#server?.handleUnreachable(peer, step);
    return this.#effects(step);
  }

  /**
   * The association with a peer is over: requests fail, observations and relations end, answers are not wanted any more.
   *
   * @param failure what those who wait are told
   * @see RFC 8323 §5.6, §6
   */
  handleDisconnected(peer: PeerId, failure: Failure, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#absorb(step, this.#messages.handleUnreachable(peer, now));
    this.#endPeer(peer, failure, step);
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
    const isStale =
      purpose === 'observe' && token !== undefined && this.#client.observationWith(peer, token) === undefined;
    this.#transfers.start(isStale ? { ...command, token: undefined } : command, step);
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
    this.#server?.respond(exchangeId, answer, step);
    return this.#effects(step);
  }

  /** Gives bytes of the body of a request of ours, which `upload-wanted` asked for. */
  provideUpload(id: number, part: BodyPart, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#transfers.provideUpload(id, part, step);
    return this.#effects(step);
  }

  /** What came with `download-chunk` was taken: the next bytes of the response are asked for. */
  consumeDownload(id: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#transfers.consumeDownload(id, step);
    return this.#effects(step);
  }

  /** What came with `body-chunk` was taken: the peer may send the next bytes of its request. */
  consumeBody(exchangeId: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server?.consumeBody(exchangeId, step);
    return this.#effects(step);
  }

  /** Gives bytes of the body of an answer, which `body-wanted` asked for: those from `offset` on. */
  provideBody(exchangeId: number, offset: number, part: BodyPart, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server?.provideBody(exchangeId, offset, part, step);
    return this.#effects(step);
  }

  /** There are no such bytes: the peer is told `code`, and nothing is wanted of this body any more. */
  failBody(exchangeId: number, code: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server?.failBody(exchangeId, code, step);
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
    if (this.#server === undefined) throw new TypeError('this endpoint serves nothing');
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
    this.#server?.notify(relationId, content, step);
    return this.#effects(step);
  }

  /** Forgets an observer without a word; there is no event about it. */
  endRelation(relationId: number, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server?.endRelation(relationId, step);
    return this.#effects(step);
  }

  #absorb(step: EndpointStep, effects: Effects<MessageEvent<MessageContext>>): void {
    for (const transmit of effects.transmits) step.transmits.push(transmit);
    for (const event of effects.events) this.#handle(event, step);
  }

  #handle(event: MessageEvent<MessageContext>, step: EndpointStep): void {
    switch (event.kind) {
      case 'request':
        if (this.#server === undefined) this.#client.reject(event.peer, event.message, step);
        else this.#server.handleRequest(event.peer, event.message, step);
        return;
      case 'response':
        this.#handleResponse(event.peer, event.message, event.context, step);
        return;
      case 'connection-lost': {
        const { peer, loss } = event;
        this.#endPeer(peer, { reason: 'connection-lost', detail: loss.detail, loss }, step);
        step.events.push(event);
        return;
      }
      case 'malformed':
      case 'connected':
      case 'released':
      case 'connect':
      case 'disconnect':
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

  /** "When the underlying Transport Connection is closed or reset, … any observation state … [is] removed" (RFC 8323 §3.4). */
  #endPeer(peer: PeerId, failure: Failure, step: EndpointStep): void {
    this.#client.failPeer(peer, failure, step);
    this.#client.endObservations(peer, failure, step);
    this.#server?.handleDisconnected(peer, step);
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
    else if (context.role !== 'nobody') this.#server?.handleOutcome(event, context, step);
  }

  #effects(step: EndpointStep): Effects<EndpointEvent> {
    // What a block leads to may bring more events.
    for (let index = 0; index < step.events.length; index++) this.#route(step.events[index] as EndpointEvent, step);
    this.#server?.tellEnds(step);
    return { transmits: step.transmits, events: step.told, wakeAt: this.#wakeAt() };
  }

  /** Makes of what single messages come to what bodies come to. */
  #route(event: EndpointEvent, step: EndpointStep): void {
    switch (event.kind) {
      case 'response':
      case 'failed':
      case 'notification':
      case 'observation-ended':
        this.#transfers.handle(event, step);
        return;
      case 'request':
      case 'answered':
      case 'unsent':
      case 'abandoned':
      case 'relation-ended':
        this.#server?.route(event, step);
        return;
      case 'sent':
      case 'pong':
      case 'told':
      case 'malformed':
      case 'upload-wanted':
      case 'download-chunk':
      case 'body-chunk':
      case 'body-failed':
      case 'body-wanted':
      case 'body-dropped':
      case 'connected':
      case 'connection-lost':
      case 'released':
      case 'connect':
      case 'disconnect':
        step.told.push(event);
        return;
      default:
        assertNever(event);
    }
  }

  #wakeAt(): Instant | undefined {
    const times = Math.min(
      this.#messages.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#client.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#transfers.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#server?.wakeAt ?? Number.POSITIVE_INFINITY,
    );
    return times === Number.POSITIVE_INFINITY ? undefined : times;
  }
}

const UNREACHABLE: Failure = { reason: 'unreachable', detail: 'the network says that nobody is there' };

function newStep(now: Instant): EndpointStep {
  return { now, transmits: [], events: [], told: [] };
}

function assertNever(value: never): never {
  throw new Error(`no such event: ${JSON.stringify(value)}`);
}
