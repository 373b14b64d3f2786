import type { Instant, PeerId } from '../effects.ts';
import type { ClientExchange, ClientExchangeInit, ClientExchanges } from '../exchange/client-exchanges.ts';
import { ALL_UNWANTED, unwantedClasses } from '../exchange/no-response.ts';
import { rejectedOption } from '../exchange/rejected-option.ts';
import type { Messaging, OutcomeEvent, OutgoingMessage } from '../messaging.ts';
import type { Observation, Observations } from '../observe/observations.ts';
import {
  codeClass,
  type DecodedMessage,
  hasOption,
  isNewerNotification,
  MessageType,
  OptionNumber,
} from '../wire/index.ts';
import { tokenKey } from '../wire/token-key.ts';
import type { ExchangeCounters } from './endpoint-counters.ts';
import type { Absorb, EndpointStep, Failure, MessageContext } from './endpoint-event.ts';

/** Whether an observation at a peer, by its token as a key, is kept by somebody else than the endpoint. */
export type IsKept = (peer: PeerId, key: string) => boolean;

/** What the client's half of an endpoint works with. */
export interface ClientSurroundings {
  readonly messages: Messaging<MessageContext>;
  readonly exchanges: ClientExchanges;
  readonly observations: Observations;
  /** Whether a token, as a key, is that of an observation that somebody else keeps for this peer. */
  readonly isKept?: IsKept | undefined;
  readonly counters: ExchangeCounters;
  /** Takes the effects of the message layer into the step. */
  readonly absorb: Absorb;
}

/** A response, and how it came. */
interface Answer {
  /** From whom: not always from who was asked, see `ResponseMatching`. */
  readonly peer: PeerId;
  readonly message: DecodedMessage;
  readonly isPiggybacked: boolean;
}

/**
 * The client's half of an endpoint: requests and what comes back for them.
 *
 * @see RFC 7252 §5.2, §5.3; RFC 7641 §3
 */
export class EndpointClient {
  readonly #messages: Messaging<MessageContext>;
  readonly #exchanges: ClientExchanges;
  readonly #observations: Observations;
  readonly #isKept: IsKept | undefined;
  readonly #counters: ExchangeCounters;
  readonly #absorb: Absorb;

  constructor(surroundings: ClientSurroundings) {
    this.#messages = surroundings.messages;
    this.#exchanges = surroundings.exchanges;
    this.#observations = surroundings.observations;
    this.#isKept = surroundings.isKept;
    this.#counters = surroundings.counters;
    this.#absorb = surroundings.absorb;
  }

  /**
   * Sends a request, or for a `ping` an empty message.
   *
   * @returns its token; `undefined` where a limit forbids it, which is told
   */
  start(init: ClientExchangeInit, message: Omit<OutgoingMessage, 'token'>, step: EndpointStep): Uint8Array | undefined {
    const exchange = this.#exchanges.open(init);
    if (typeof exchange === 'string') {
      this.#counters.clientExchangesFull++;
      const failure: Failure = { reason: 'queue-full', detail: exchange };
      step.events.push({ kind: 'failed', id: init.id, failure });
      return undefined;
    }
    const { peer, token } = exchange;
    try {
      const { isConfirmable, code, options, payload } = message;
      const { retransmission, isSendingTold } = init;
      exchange.isSendingTold = isSendingTold === true;
      const isPing = exchange.purpose === 'ping';
      if (exchange.purpose === 'tell') exchange.unwanted = unwantedClasses(options);
      const effects = isPing
        ? this.#messages.ping(peer, exchange, step.now)
        : this.#messages.send(
            peer,
            { isConfirmable, code, token, options, payload, retransmission, isSendingTold },
            exchange,
            step.now,
          );
      this.#counters.requestsOut++;
      if (exchange.purpose === 'tell' && !isConfirmable) this.#noteArrival(exchange, step);
      this.#absorb(step, effects);
      return token;
    } catch (error) {
      this.#exchanges.close(exchange);
      throw error;
    }
  }

  /** The caller does not want the answer any more. */
  abandon(id: number, step: EndpointStep): void {
    const exchange = this.#exchanges.withId(id);
    if (exchange === undefined) return;
    this.#exchanges.close(exchange);
    this.#absorb(step, this.#messages.stop(exchange, step.now));
  }

  /** Forgets an observation: its next notification gets a Reset (RFC 7641 §3.6). */
  forget(id: number, step: EndpointStep): void {
    const observation = this.#observations.withId(id);
    if (observation !== undefined) this.#endObservation(observation, undefined, step);
  }

  /** The number of the observation with this token. */
  observationWith(peer: PeerId, token: Uint8Array): number | undefined {
    return this.#observations.find(peer, tokenKey(token))?.id;
  }

  /** As `forget`, by token: the observation is about to be cancelled. */
  forgetToken(peer: PeerId, token: Uint8Array, step: EndpointStep): void {
    const observation = this.#observations.find(peer, tokenKey(token));
    if (observation !== undefined) this.#endObservation(observation, undefined, step);
  }

  /** Takes a response; `context` is the exchange on whose Acknowledgement it came. */
  handleResponse(peer: PeerId, message: DecodedMessage, context: ClientExchange | undefined, step: EndpointStep): void {
    const exchange = context ?? this.#exchanges.find(peer, message.token);
    if (exchange !== undefined) {
      this.#handleAnswer(exchange, { peer, message, isPiggybacked: context !== undefined }, step);
      return;
    }
    const key = tokenKey(message.token);
    const observation = this.#observations.find(peer, key);
    if (observation !== undefined) {
      this.#handleNotification(observation, peer, message, step);
      return;
    }
    if (this.#isKept?.(peer, key) === true) {
      this.#acknowledge(peer, message, step);
      this.#counters.notificationsIn++;
      step.events.push({ kind: 'kept-notification', peer, message });
      return;
    }
    this.#counters.unexpectedResponses++;
    // To reject a Non-confirmable one is optional; it ends an observation that was forgotten here (RFC 7641 §3.5).
    if (message.type === MessageType.Confirmable || hasOption(message, OptionNumber.Observe)) {
      this.#absorb(step, this.#messages.reject(peer, message.messageId, step.now));
    }
  }

  /** Takes what became of the message of an exchange. */
  handleOutcome(event: OutcomeEvent<MessageContext>, exchange: ClientExchange, step: EndpointStep): void {
    if (event.kind === 'sent') {
      if (exchange.isSendingTold) step.events.push({ kind: 'sent', id: exchange.id });
      return;
    }
    const isPing = exchange.purpose === 'ping';
    if (event.kind === 'acknowledged' && exchange.purpose === 'tell') {
      this.#noteArrival(exchange, step);
      return;
    }
    // After an empty Acknowledgement, the response comes in a message of its own (RFC 7252 §5.2.2).
    if (event.kind === 'acknowledged' && !isPing) return;
    if (!this.#exchanges.close(exchange)) return;
    if (isPing && (event.kind === 'reset' || event.kind === 'acknowledged')) {
      step.events.push({ kind: 'pong', id: exchange.id });
    } else if (event.kind !== 'acknowledged') {
      step.events.push({ kind: 'failed', id: exchange.id, failure: failureOf(event) });
    }
  }

  /** Gives up what is due, at most `workMax` exchanges. */
  handleTimeout(workMax: number, step: EndpointStep): void {
    for (let work = 0; work < workMax; work++) {
      const exchange = this.#exchanges.takeDue(step.now);
      if (exchange === undefined) return;
      // Nobody can tell a response that was suppressed from one that was lost (RFC 7967 §2.1).
      if (exchange.hasArrived) this.#endTold(exchange, step);
      else this.#fail(exchange, { reason: 'timeout', detail: 'no response in time' }, step);
    }
  }

  /** The peer cannot be reached: its exchanges fail. */
  failPeer(peer: PeerId, failure: Failure, step: EndpointStep): void {
    for (const exchange of this.#exchanges.ofPeer(peer)) this.#fail(exchange, failure, step);
  }

  /** The association with a peer is over: what is observed there ends. */
  endObservations(peer: PeerId, failure: Failure, step: EndpointStep): void {
    for (const observation of this.#observations.ofPeer(peer)) this.#endObservation(observation, failure, step);
  }

  /** Rejects a request, since nothing is served here. */
  handleRequest(peer: PeerId, message: DecodedMessage, step: EndpointStep): void {
    this.#reject(peer, message, step);
  }

  /** Rejects a Confirmable message; any other is ignored (RFC 7252 §4.2, §4.3). */
  #reject(peer: PeerId, message: DecodedMessage, step: EndpointStep): void {
    if (message.type !== MessageType.Confirmable) return;
    this.#absorb(step, this.#messages.reject(peer, message.messageId, step.now));
  }

  /** A request that wants no response has arrived; where it wants some it goes on waiting for them. */
  #noteArrival(exchange: ClientExchange, step: EndpointStep): void {
    exchange.hasArrived = true;
    // "the client endpoint SHOULD cease listening to response(s) to the particular request" (RFC 7967 §2.1).
    if (exchange.unwanted === ALL_UNWANTED) this.#endTold(exchange, step);
  }

  #endTold(exchange: ClientExchange, step: EndpointStep): void {
    if (this.#exchanges.close(exchange)) step.events.push({ kind: 'told', id: exchange.id });
  }

  #fail(exchange: ClientExchange, failure: Failure, step: EndpointStep): void {
    this.#exchanges.close(exchange);
    this.#absorb(step, this.#messages.stop(exchange, step.now));
    step.events.push({ kind: 'failed', id: exchange.id, failure });
  }

  #handleAnswer(exchange: ClientExchange, answer: Answer, step: EndpointStep): void {
    const { peer: source, message, isPiggybacked } = answer;
    const sequence = sequenceOf(message);
    if (exchange.purpose === 'cancel' && !isPiggybacked && sequence !== undefined) {
      // A notification that was on its way when the observation was cancelled: the answer to that has no Observe.
      this.#acknowledge(source, message, step);
      return;
    }
    const rejected = rejectedOption(message, this.#messages.blockLimits?.(source) !== undefined);
    this.#exchanges.close(exchange);
    if (!isPiggybacked) {
      if (rejected === undefined) this.#acknowledge(source, message, step);
      else this.#reject(source, message, step);
      // A separate response shows that the request arrived, with or without its Acknowledgement (RFC 7252 §5.2.2).
      this.#absorb(step, this.#messages.stop(exchange, step.now));
    }
    if (rejected !== undefined) {
      step.events.push({ kind: 'failed', id: exchange.id, failure: notUnderstood(rejected) });
      return;
    }
    const isEstablished = exchange.purpose === 'observe' && sequence !== undefined && codeClass(message.code) === 2;
    if (exchange.purpose === 'observe') {
      // "replaces or updates the existing" entry (RFC 7641 §4.1), or the server has taken us off its list (§3.1).
      const former = this.#observations.find(exchange.peer, exchange.key);
      if (former !== undefined) this.#endObservation(former, undefined, step);
    }
    if (isEstablished) {
      const { id, peer, token, key } = exchange;
      this.#observations.add({ id, peer, token, key, newest: { sequence, receivedAt: step.now } });
    }
    const isElsewhere = source !== exchange.peer;
    step.events.push({ kind: 'response', id: exchange.id, message, isEstablished, ...(isElsewhere && { source }) });
  }

  #handleNotification(observation: Observation, source: PeerId, message: DecodedMessage, step: EndpointStep): void {
    const rejected = rejectedOption(message, this.#messages.blockLimits?.(source) !== undefined);
    if (rejected !== undefined) {
      this.#reject(source, message, step);
      this.#endObservation(observation, notUnderstood(rejected), step);
      return;
    }
    this.#acknowledge(source, message, step);
    const sequence = sequenceOf(message);
    const { id } = observation;
    if (sequence === undefined || codeClass(message.code) !== 2) {
      // Without Observe it is the last: the peer took us off its list (RFC 7641 §3.2).
      this.#counters.notificationsIn++;
      step.events.push({ kind: 'notification', id, message });
      this.#endObservation(observation, undefined, step);
      return;
    }
    const incoming = { sequence, receivedAt: step.now };
    // "MUST be ignored on reception" over reliable transports (RFC 8323 §7.1).
    if (this.#messages.isReliable !== true && !isNewerNotification(observation.newest, incoming)) {
      this.#counters.notificationsReordered++;
      return;
    }
    observation.newest = incoming;
    this.#counters.notificationsIn++;
    step.events.push({ kind: 'notification', id, message });
  }

  #endObservation(observation: Observation, failure: Failure | undefined, step: EndpointStep): void {
    this.#observations.remove(observation);
    this.#messages.forgetToken?.(observation.peer, observation.token, step.now);
    step.events.push({ kind: 'observation-ended', id: observation.id, failure });
  }

  #acknowledge(peer: PeerId, message: DecodedMessage, step: EndpointStep): void {
    if (message.type !== MessageType.Confirmable) return;
    this.#absorb(step, this.#messages.acknowledge(peer, message.messageId, step.now));
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#exchanges.nextAt;
  }
}

/** The value of the Observe option; one that is too long counts as absent, as an elective option does (RFC 7252 §5.4.3). */
function sequenceOf(message: DecodedMessage): number | undefined {
  for (const { number, value } of message.options) {
    if (number !== OptionNumber.Observe) continue;
    if (value.length > 3) return undefined;
    return value.reduce((sum, byte) => (sum << 8) | byte, 0);
  }
  return undefined;
}

function failureOf(event: OutcomeEvent<unknown>): Failure {
  if (event.kind === 'garbled') return { reason: 'protocol', detail: event.detail, section: event.section };
  if (event.kind === 'refused') return { reason: 'queue-full', detail: event.limit };
  if (event.kind !== 'gave-up') return { reason: 'reset', detail: 'the peer refused the message' };
  if (event.reason === 'unreachable') return { reason: 'unreachable', detail: 'the network says that nobody is there' };
  if (event.reason === 'timeout') return { reason: 'timeout', detail: 'nobody acknowledged the request' };
  return { reason: 'timeout', detail: 'it waited too long for its turn (NSTART, PROBING_RATE)', isUnsent: true };
}

function notUnderstood(optionNumber: number): Failure {
  const name = Object.entries(OptionNumber).find(([, number]) => number === optionNumber)?.[0] ?? 'option';
  const detail = `the response has the critical ${name} (${optionNumber}), which is not understood`;
  return { reason: 'protocol', detail };
}
