import type { Instant, PeerId } from '../effects.ts';
import { isUnwanted, unwantedClasses } from '../exchange/no-response.ts';
import type { ServerExchange, ServerExchanges } from '../exchange/server-exchanges.ts';
import type { AmplificationLimit } from '../freshness/amplification-limit.ts';
import type { OutcomeEvent, ServingMessaging } from '../messaging.ts';
import type { NotificationContent, Relation, Relations } from '../observe/relations.ts';
import {
  codeClass,
  type DecodedMessage,
  encodeUintOption,
  ObserveRequest,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import type { ExchangeCounters } from './endpoint-counters.ts';
import type { Absorb, EndpointStep, Failure, MessageContext, RelationEndReason } from './endpoint-event.ts';
import { withAdded } from './new-step.ts';
import { observeOf } from './observe-of.ts';
import { RequestAdmission } from './request-admission.ts';

/** The body of an answer that is asked for with `body-wanted`. */
export interface AnswerBody {
  /** How long the whole is, where that is known. */
  readonly size: number | undefined;
  /** Whether any part can be asked for: then the handler is asked again for the later blocks of a GET. */
  readonly isRandomAccess: boolean;
}

/** What an answer carries, without the Observe option. */
export interface AnswerContent {
  /** Class and detail. */
  readonly code: number;
  /** In any order. */
  readonly options: readonly Option[];
  /** Empty where there is none. */
  readonly payload: Uint8Array;
  /** Whether the event `answered` or `unsent` is wanted. */
  readonly isSendingTold?: boolean;
  /** That the body is asked for, block by block; `payload` is empty. */
  readonly body?: AnswerBody | undefined;
  /** Whether a duplicate of the request may be answered anew: then nothing is kept for it (RFC 7252 §4.5). */
  readonly isRepeatable?: boolean;
}

/** Who was put on the list of observers, or was not. */
export interface AcceptedObserver {
  /** Who observes, and the token of the request. */
  readonly observer: { readonly peer: PeerId; readonly token: Uint8Array };
  /** The name of the limit that is reached; `undefined`: the observer was accepted. */
  readonly limit: string | undefined;
}

/** What the server's half of an endpoint works with. */
export interface ServerSurroundings {
  readonly messages: ServingMessaging<MessageContext>;
  readonly exchanges: ServerExchanges;
  readonly relations: Relations;
  readonly counters: ExchangeCounters;
  /** Critical options that are understood in requests. */
  readonly criticalOptions: readonly number[];
  /** RFC 7641 §4.5: after so long the next notification is Confirmable. */
  readonly confirmableAtLeastEveryMs: number;
  /** The longest token of a request, where nothing below bounds it. */
  readonly tokenBytesMax: number;
  /** Verifies addresses, if they are to be verified. */
  readonly amplificationLimit: AmplificationLimit | undefined;
  /** Takes the effects of the message layer into the step. */
  readonly absorb: Absorb;
}

const NOTHING = new Uint8Array(0);

/**
 * The server's half of an endpoint: requests of peers, their answers, and who observes here.
 *
 * @see RFC 7252 §5.2, §5.4; RFC 7641 §4
 */
export class EndpointServer {
  readonly #messages: ServingMessaging<MessageContext>;
  readonly #exchanges: ServerExchanges;
  readonly #relations: Relations;
  readonly #counters: ExchangeCounters;
  readonly #confirmableAtLeastEveryMs: number;
  readonly #absorb: Absorb;
  readonly #admission: RequestAdmission;

  constructor(surroundings: ServerSurroundings) {
    this.#messages = surroundings.messages;
    this.#exchanges = surroundings.exchanges;
    this.#relations = surroundings.relations;
    this.#counters = surroundings.counters;
    this.#confirmableAtLeastEveryMs = surroundings.confirmableAtLeastEveryMs;
    this.#absorb = surroundings.absorb;
    this.#admission = new RequestAdmission(surroundings);
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#exchanges.nextAt;
  }

  /** A request that is not answered yet. */
  request(exchangeId: number): Pick<ServerExchange, 'peer' | 'message'> | undefined {
    return this.#exchanges.withId(exchangeId);
  }

  /** Takes a new request. */
  handleRequest(peer: PeerId, message: DecodedMessage, step: EndpointStep): void {
    const options = this.#admission.admit(peer, message, step);
    if (options === undefined) return;
    const observe = message.mayHave(OptionNumber.Observe) ? observeOf(options) : undefined;
    if (observe === ObserveRequest.Deregister) this.#endAnyOf(peer, message.token, 'cancelled', step);
    const exchange = this.#exchanges.open(peer, message, observe, step.now);
    exchange.unwanted = unwantedClasses(options);
    step.events = withAdded(step.events, { kind: 'request', exchangeId: exchange.id, peer, message, options });
  }

  /**
   * Answers a request.
   *
   * @throws {RangeError} an answer that does not fit a datagram; the request is still to be answered
   */
  respond(exchangeId: number, answer: AnswerContent, step: EndpointStep): void {
    const exchange = this.#exchanges.withId(exchangeId);
    if (exchange === undefined) {
      this.#counters.lateAnswers++;
      if (answer.isSendingTold === true) step.events.push({ kind: 'unsent', exchangeId });
      return;
    }
    const relation = this.#relations.withId(exchangeId);
    const isSuccess = codeClass(answer.code) === 2;
    const { code, payload, isRepeatable } = answer;
    const options = relation !== undefined && isSuccess ? withSequence(answer.options, relation) : answer.options;
    const { peer, token, isConfirmable } = exchange;
    exchange.isSendingTold = answer.isSendingTold === true;
    const isPiggybacked = exchange.phase === 'piggyback';
    const isSuppressed = exchange.unwanted !== 0 && isUnwanted(exchange.unwanted, code);
    if (isSuppressed) this.#suppress(exchange, step);
    else {
      const effects = isPiggybacked
        ? this.#messages.respond(peer, exchange.messageId, { code, token, options, payload, isRepeatable }, step.now)
        : this.#messages.send(peer, { isConfirmable, code, token, options, payload }, exchange, step.now);
      this.#exchanges.close(exchange);
      this.#absorb(step, effects);
    }
    // A Confirmable separate response may have to wait: the message layer tells when it is sent.
    const isSentNow = isPiggybacked || !isConfirmable || isSuppressed;
    if (isSentNow) this.#tellSent(exchange, 'answered', step);
    if (relation !== undefined) this.#settle(relation, isSuccess, step);
    // Answered without Observe: whoever observed with this token does not any more (RFC 7641 §4.1).
    else if (exchange.observe === ObserveRequest.Register) this.#endAnyOf(peer, token, 'replaced', step);
  }

  /**
   * Puts the peer of a request on the list of observers, before the request is answered.
   *
   * @throws {TypeError} a request without Observe 0, or one that is answered already
   */
  acceptObserver(exchangeId: number, step: EndpointStep): AcceptedObserver {
    const exchange = this.#exchanges.withId(exchangeId);
    if (exchange?.observe !== ObserveRequest.Register) {
      throw new TypeError('only an unanswered request with Observe 0 makes an observation');
    }
    const { peer, token } = exchange;
    const known = this.#relations.withId(exchangeId);
    if (known !== undefined) return { observer: known, limit: undefined };
    const limit = this.#relations.limitReached(peer, token);
    if (limit !== undefined) {
      this.#counters.observersFull++;
      return { observer: { peer, token }, limit };
    }
    const { relation, replaced } = this.#relations.add({ id: exchangeId, peer, token }, step.now);
    if (replaced !== undefined) {
      this.#absorb(step, this.#messages.stop(replaced, step.now));
      step.events.push({ kind: 'relation-ended', relationId: replaced.id, reason: 'replaced' });
    }
    return { observer: relation, limit: undefined };
  }

  /**
   * Sends a notification, or lets it wait for the answer or for the one in flight.
   *
   * @throws {RangeError} a notification that does not fit a datagram
   */
  notify(relationId: number, content: NotificationContent, step: EndpointStep): void {
    const relation = this.#relations.withId(relationId);
    if (relation === undefined) return;
    this.#counters.notificationsOut++;
    if (relation.phase === 'pending') relation.waiting = content;
    else this.#sendNotification(relation, content, step);
  }

  /** Forgets an observer without a word. */
  endRelation(relationId: number, step: EndpointStep): void {
    const relation = this.#relations.withId(relationId);
    if (relation === undefined) return;
    this.#relations.remove(relation);
    this.#forget(relation, step);
  }

  /** Takes what became of a separate response or a notification. */
  handleOutcome(event: OutcomeEvent<MessageContext>, context: ServerExchange | Relation, step: EndpointStep): void {
    // What the Acknowledgement of a response or notification carries is silently ignored (RFC 7252 §5.2.2).
    if (event.kind === 'acknowledged' || event.kind === 'garbled') return;
    if (event.kind === 'sent') {
      if (context.role === 'server') this.#tellSent(context, 'answered', step);
      return;
    }
    const relation = context.role === 'relation' ? context : this.#relations.withId(context.id);
    if (event.kind === 'refused' && context.role === 'relation') {
      this.#counters.notificationsDropped++;
      return;
    }
    if (context.role === 'server') {
      this.#counters.answersLost++;
      this.#tellSent(context, 'unsent', step);
    }
    if (relation === undefined) return;
    // "the server MUST remove the associated entry from the list of observers" (RFC 7641 §4.5).
    this.#end(relation, endReasonOf(event), step);
  }

  /** Acknowledges or gives up what is due, at most `workMax` requests. */
  handleTimeout(workMax: number, step: EndpointStep): void {
    for (let work = 0; work < workMax; work++) {
      const exchange = this.#exchanges.takeDue(step.now);
      if (exchange === undefined) return;
      if (step.now < exchange.giveUpAt) {
        exchange.phase = 'separate';
        exchange.deadline = exchange.giveUpAt;
        this.#exchanges.arm(exchange);
        this.#absorb(step, this.#messages.acknowledge(exchange.peer, exchange.messageId, step.now));
        continue;
      }
      this.#counters.handlerTimeouts++;
      this.respond(exchange.id, { code: ResponseCode.ServiceUnavailable, options: [], payload: NOTHING }, step);
      step.events.push({ kind: 'abandoned', exchangeId: exchange.id });
    }
  }

  /** The association with a peer is over: its observations end, and its requests need no answer any more. */
  handleDisconnected(peer: PeerId, failure: Failure, step: EndpointStep): void {
    for (const relation of this.#relations.ofPeer(peer)) this.#end(relation, 'unreachable', step);
    for (const exchange of this.#exchanges.ofPeer(peer)) {
      this.#exchanges.close(exchange);
      step.events.push({ kind: 'abandoned', exchangeId: exchange.id, failure });
    }
  }

  /** The peer does not want this response: it gets no more than the Acknowledgement of a Confirmable request. */
  #suppress(exchange: ServerExchange, step: EndpointStep): void {
    this.#counters.answersSuppressed++;
    this.#exchanges.close(exchange);
    if (exchange.phase !== 'piggyback') return;
    this.#absorb(step, this.#messages.acknowledge(exchange.peer, exchange.messageId, step.now));
  }

  #tellSent(exchange: ServerExchange, kind: 'answered' | 'unsent', step: EndpointStep): void {
    if (!exchange.isSendingTold) return;
    exchange.isSendingTold = false;
    step.events.push({ kind, exchangeId: exchange.id });
  }

  #settle(relation: Relation, isSuccess: boolean, step: EndpointStep): void {
    if (!isSuccess) {
      this.#end(relation, 'error-answer', step);
      return;
    }
    if (relation.phase !== 'pending') return;
    relation.phase = 'active';
    const { waiting } = relation;
    relation.waiting = undefined;
    if (waiting === undefined) return;
    try {
      this.#sendNotification(relation, waiting, step);
    } catch (error) {
      // Nobody is there to be told that it fits no message; the answer goes out all the same.
      if (!(error instanceof RangeError)) throw error;
      this.#counters.notificationsDropped++;
      this.#end(relation, 'error-answer', step);
    }
  }

  #sendNotification(relation: Relation, content: NotificationContent, step: EndpointStep): void {
    const { peer, token } = relation;
    const isSuccess = codeClass(content.code) === 2;
    // "at least every 24 hours" one is Confirmable (RFC 7641 §4.5).
    const isOverdue = step.now - relation.confirmableAt >= this.#confirmableAtLeastEveryMs;
    const isConfirmable = content.isConfirmable || isOverdue;
    const options = isSuccess ? withSequence(content.options, relation) : content.options;
    const { code, payload } = content;
    const message = { isConfirmable, code, token, options, payload, isNotification: true };
    if (!this.#messages.supersede(relation, message)) {
      this.#absorb(step, this.#messages.send(peer, message, relation, step.now));
    }
    if (isConfirmable) relation.confirmableAt = step.now;
    // "a non-2.xx notification MUST NOT include an Observe Option", and is the last (RFC 7641 §4.2).
    if (!isSuccess && this.#relations.remove(relation)) {
      step.events.push({ kind: 'relation-ended', relationId: relation.id, reason: 'error-answer' });
    }
  }

  #endAnyOf(peer: PeerId, token: Uint8Array, reason: RelationEndReason, step: EndpointStep): void {
    const relation = this.#relations.find(peer, token);
    if (relation !== undefined) this.#end(relation, reason, step);
  }

  #end(relation: Relation, reason: RelationEndReason, step: EndpointStep): void {
    if (!this.#relations.remove(relation)) return;
    this.#forget(relation, step);
    step.events.push({ kind: 'relation-ended', relationId: relation.id, reason });
  }

  #forget(relation: Relation, step: EndpointStep): void {
    this.#absorb(step, this.#messages.stop(relation, step.now));
    this.#messages.forgetToken?.(relation.peer, relation.token, step.now);
  }
}

function endReasonOf(event: OutcomeEvent<unknown>): RelationEndReason {
  if (event.kind === 'reset') return 'reset';
  return event.kind === 'gave-up' && event.reason === 'unreachable' ? 'unreachable' : 'timeout';
}

function withSequence(options: readonly Option[], relation: Relation): Option[] {
  return [...options, encodeUintOption(OptionNumber.Observe, relation.nextSequence())];
}
