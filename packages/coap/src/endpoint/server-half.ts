import { newBlockCounters } from '../block/block-counters.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import { earlier, type Instant, type PeerId, type RandomSource } from '../effects.ts';
import { type ServerExchange, ServerExchanges } from '../exchange/server-exchanges.ts';
import type { AmplificationLimit } from '../freshness/amplification-limit.ts';
import type { OutcomeEvent, ServingMessaging } from '../messaging.ts';
import { type NotificationContent, type Relation, Relations } from '../observe/relations.ts';
import { derivedTimes } from '../parameters.ts';
import type { DecodedMessage } from '../wire/index.ts';
import { EndpointBodies } from './endpoint-bodies.ts';
import type { HalfSurroundings } from './endpoint-core.ts';
import type { ExchangeCounters } from './endpoint-counters.ts';
import type { EndpointEvent, EndpointStep, Failure, MessageContext } from './endpoint-event.ts';
import type { EndpointParameters } from './endpoint-parameters.ts';
import { type AcceptedObserver, type AnswerContent, EndpointServer } from './endpoint-server.ts';
import { withAdded } from './new-step.ts';

/** What the server's half of an endpoint tells. */
export type ServerEvent = Extract<
  EndpointEvent,
  { readonly kind: 'request' | 'answered' | 'unsent' | 'abandoned' | 'relation-ended' | BodyEventKind }
>;

/** What is told of bodies that are read or written piece by piece. */
export type BodyEventKind = 'body-chunk' | 'body-failed' | 'body-wanted' | 'body-dropped';

/** What the server's half of an endpoint works with. */
export interface ServingSurroundings extends HalfSurroundings {
  readonly messages: ServingMessaging<MessageContext>;
}

/** What a server's half is told besides its parameters. */
export interface ServerHalfInit {
  /** Makes the ETags of answers that are streamed. */
  readonly random: RandomSource;
  /** Verifies addresses, if they are to be verified (RFC 9175 §2.6). */
  readonly amplificationLimit?: AmplificationLimit | undefined;
  /** Whether the body of a request is to be passed on block by block; asked with its first. */
  readonly streamsRequestBody?: ((event: Extract<ServerEvent, { readonly kind: 'request' }>) => boolean) | undefined;
}

/** The server's half of an endpoint: requests of peers, who observes here, and their bodies. */
export class ServerHalf {
  readonly #exchanges: ServerExchanges;
  readonly #relations: Relations;
  readonly #counters: ExchangeCounters;
  readonly #server: EndpointServer;
  readonly #bodies: EndpointBodies;
  readonly #amplificationLimit: AmplificationLimit | undefined;

  constructor(parameters: EndpointParameters, shared: ServingSurroundings, init: ServerHalfInit) {
    const { messages, counters, absorb, blockCounters = newBlockCounters() } = shared;
    const { criticalOptions, confirmableAtLeastEveryMs, tokenBytesMax } = parameters;
    this.#exchanges = new ServerExchanges(parameters);
    this.#relations = new Relations(parameters);
    this.#counters = counters;
    this.#server = new EndpointServer({
      messages,
      counters,
      absorb,
      exchanges: this.#exchanges,
      relations: this.#relations,
      criticalOptions,
      confirmableAtLeastEveryMs,
      tokenBytesMax,
      amplificationLimit: init.amplificationLimit,
    });
    this.#amplificationLimit = init.amplificationLimit;
    const { exchangeLifetimeMs } = derivedTimes(parameters);
    this.#bodies = new EndpointBodies({
      parameters,
      exchangeLifetimeMs,
      counters: blockCounters,
      server: this.#server,
      blockLimits: (peer) => messages.blockLimits?.(peer),
      random: init.random,
      streamsRequestBody: init.streamsRequestBody,
    });
  }

  /** What it holds, for `EndpointStats`. */
  gauges(): { readonly serverExchanges: number; readonly observers: number } & ReturnType<EndpointBodies['gauges']> {
    return {
      serverExchanges: this.#exchanges.count,
      observers: this.#relations.count,
      ...this.#bodies.gauges(),
    };
  }

  /** Whether no request is with the handler. */
  get isIdle(): boolean {
    return this.#exchanges.count === 0;
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    const earliest = earlier(this.#server.wakeAt, this.#bodies.wakeAt);
    return this.#amplificationLimit === undefined ? earliest : earlier(earliest, this.#amplificationLimit.nextAt);
  }

  /** Takes a new request. */
  handleRequest(peer: PeerId, message: DecodedMessage, step: EndpointStep): void {
    this.#server.handleRequest(peer, message, step);
  }

  /** Takes what became of a separate response or a notification. */
  handleOutcome(event: OutcomeEvent<MessageContext>, context: ServerExchange | Relation, step: EndpointStep): void {
    this.#server.handleOutcome(event, context, step);
  }

  /** Does what is due, at most `workMax` of each kind. */
  handleTimeout(workMax: number, step: EndpointStep): void {
    this.#server.handleTimeout(workMax, step);
    this.#bodies.handleTimeout(workMax, step.now);
    this.#amplificationLimit?.forget(step.now);
  }

  /** The association with a peer is over: its answers are not wanted any more, and its observations end. */
  handleDisconnected(peer: PeerId, failure: Failure, step: EndpointStep): void {
    this.#server.handleDisconnected(peer, failure, step);
    this.#bodies.handleUnreachable(peer, step);
  }

  /**
   * Makes of what single messages come to what bodies come to, and tells it.
   *
   * @returns `false`: the event is not of this half
   */
  route(event: EndpointEvent, step: EndpointStep): boolean {
    if (event.kind === 'request') {
      const whole = this.#bodies.handleRequest(event, step);
      if (whole === undefined) return true;
      this.#counters.requestsIn++;
      step.told = withAdded(step.told, whole);
    } else if (event.kind === 'relation-ended') {
      this.#bodies.forgetObserver(event.relationId);
      step.told.push(event);
    } else if (event.kind === 'answered' || event.kind === 'unsent' || event.kind === 'abandoned') {
      step.told.push(this.#bodies.rename(event, step));
    } else return false;
    return true;
  }

  /** A peer cannot be reached: what it was sending does not come. */
  handleUnreachable(peer: PeerId, step: EndpointStep): void {
    this.#bodies.handleUnreachable(peer, step);
  }

  /** Tells which bodies ended before their end; at the end of every step. */
  tellEnds(step: EndpointStep): void {
    this.#bodies.tellEnds(step);
  }

  /** As `ServingCore.respond`. */
  respond(exchangeId: number, answer: AnswerContent, step: EndpointStep): void {
    this.#bodies.respond(exchangeId, answer, step);
  }

  /** As `ServingCore.consumeBody`. */
  consumeBody(exchangeId: number, step: EndpointStep): void {
    this.#bodies.consumeBody(exchangeId, step);
  }

  /** As `ServingCore.provideBody`. */
  provideBody(exchangeId: number, offset: number, part: BodyPart, step: EndpointStep): void {
    this.#bodies.provideBody(exchangeId, offset, part, step);
  }

  /** As `ServingCore.failBody`. */
  failBody(exchangeId: number, code: number, step: EndpointStep): void {
    this.#bodies.failBody(exchangeId, code, step);
  }

  /** As `ServingCore.acceptObserver`. */
  acceptObserver(exchangeId: number, step: EndpointStep): AcceptedObserver {
    const accepted = this.#server.acceptObserver(exchangeId, step);
    if (accepted.limit === undefined) this.#bodies.noteObserver(exchangeId);
    return accepted;
  }

  /** As `ServingCore.notify`. */
  notify(relationId: number, content: NotificationContent, step: EndpointStep): void {
    this.#server.notify(relationId, this.#bodies.notification(relationId, content, step.now), step);
  }

  /** As `ServingCore.endRelation`. */
  endRelation(relationId: number, step: EndpointStep): void {
    this.#server.endRelation(relationId, step);
    this.#bodies.forgetObserver(relationId);
  }
}
