import type { BlockCounters } from '../block/block-counters.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import { type Effects, earlier, type Instant, type PeerId, type RandomSource } from '../effects.ts';
import { ClientExchanges } from '../exchange/client-exchanges.ts';
import type { MessageEvent, Messaging, OutcomeEvent } from '../messaging.ts';
import { Observations } from '../observe/observations.ts';
import type { DecodedMessage } from '../wire/index.ts';
import type { BodyTransfers, MakeBodyTransfers } from './body-transfers.ts';
import type { ClientParameters } from './client-parameters.ts';
import { EndpointClient, type IsKept } from './endpoint-client.ts';
import { type ExchangeCounters, newExchangeCounters } from './endpoint-counters.ts';
import type { Absorb, EndpointEvent, EndpointStep, Failure, MessageContext } from './endpoint-event.ts';
import type { EndpointStats } from './endpoint-stats.ts';
import { newStep } from './new-step.ts';
import type { RequestCommand } from './request-command.ts';
import type { ServerHalf } from './server-half.ts';
import { withObserve } from './transfer-options.ts';

/** What both halves of an endpoint work with. */
export interface HalfSurroundings {
  /** What carries messages. */
  readonly messages: Messaging<MessageContext>;
  /** What is counted of exchanges. */
  readonly counters: ExchangeCounters;
  /** What is counted of bodies, where the client's half has such. */
  readonly blockCounters: BlockCounters | undefined;
  /** Takes the effects of the layer below into the step. */
  readonly absorb: Absorb;
}

/** What an endpoint is composed of. */
export interface EndpointParts {
  /** Those of the client's half, and of the parts that it is given. */
  readonly parameters: ClientParameters & Partial<BlockParameters>;
  /** Makes tokens. */
  readonly random: RandomSource;
  /** What carries its messages. */
  readonly messages: Messaging<MessageContext>;
  /** Makes what cuts and joins bodies of several blocks: `blockWise`. Without it, each is one message. */
  readonly bodies?: MakeBodyTransfers | undefined;
  /** Whether an observation is kept by somebody else: its notifications are told as `kept-notification`. */
  readonly isKept?: IsKept | undefined;
  /** Makes the server's half; without one, requests are rejected. */
  readonly serve?: (shared: HalfSurroundings) => ServerHalf;
}

/**
 * One CoAP endpoint without socket and clock: the client's half above whatever carries messages, and the parts that it
 * is given. `ServingCore` has both halves.
 *
 * Every method is a step: it takes the time, and returns all that is to be done. A step that throws has done nothing.
 */
export class EndpointCore {
  /** What cuts and joins bodies of several blocks, where it is there. */
  readonly transfers: BodyTransfers | undefined;
  readonly #workPerStepMax: number;
  readonly #messages: Messaging<MessageContext>;
  readonly #exchanges: ClientExchanges;
  readonly #observations: Observations;
  readonly #counters: ExchangeCounters = newExchangeCounters();
  readonly #client: EndpointClient;
  readonly #server: ServerHalf | undefined;

  /** @hidden */
  constructor({ parameters, random, messages, bodies, isKept, serve }: EndpointParts) {
    this.#workPerStepMax = parameters.workPerStepMax;
    this.#messages = messages;
    this.#observations = new Observations(parameters.responseMatching);
    this.#exchanges = new ClientExchanges(parameters, random, (key) => this.#observations.hasToken(key));
    const absorb: Absorb = (step, effects) => this.#absorb(step, effects);
    const shared = { messages, counters: this.#counters, absorb };
    const own = { exchanges: this.#exchanges, observations: this.#observations, isKept };
    const client = new EndpointClient({ ...shared, ...own });
    this.#client = client;
    this.transfers = bodies?.({ client, parameters, messages });
    this.#server = serve?.({ ...shared, blockCounters: this.transfers?.counters });
  }

  /** Counters and gauges of its parts. */
  stats(): Partial<EndpointStats> {
    return {
      ...this.#messages.stats(),
      ...this.#counters,
      ...this.transfers?.counters,
      clientExchanges: this.#exchanges.count,
      observations: this.#observations.count,
      transfers: this.transfers?.count ?? 0,
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
    return this.finish(step);
  }

  /** Does what is due, as much as `workPerStepMax` allows. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => {
      this.#absorb(step, this.#messages.handleTimeout(now));
      this.#client.handleTimeout(this.#workPerStepMax, step);
      this.transfers?.handleTimeout(this.#workPerStepMax, step);
      this.#server?.handleTimeout(this.#workPerStepMax, step);
    });
  }

  /** The network says that a peer cannot be reached: what waits for it ends. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => {
      this.#absorb(step, this.#messages.handleUnreachable(peer, now));
      this.#client.failPeer(peer, UNREACHABLE, step);
      this.#server?.handleUnreachable(peer, step);
    });
  }

  /**
   * Sends a request or a ping.
   *
   * @throws {RangeError} a request that does not fit the format or a datagram
   */
  request(command: RequestCommand, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => {
      const { peer, purpose, token } = command;
      const isKnown = token !== undefined && this.#client.observationWith(peer, token) !== undefined;
      if (isKnown && purpose === 'cancel') {
        this.transfers?.dropFetchOf(peer, token, step);
        this.#client.forgetToken(peer, token, step);
      }
      // One that has ended meanwhile is observed anew.
      const asked = purpose === 'observe' && !isKnown ? { ...command, token: undefined } : command;
      if (this.transfers === undefined) this.#send(asked, step);
      else this.transfers.start(asked, step);
    });
  }

  /** Forgets a request: nothing is told about it any more. */
  abandon(id: number, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => (this.transfers ?? this.#client).abandon(id, step));
  }

  /** Forgets an observation of ours: the next notification gets a Reset (RFC 7641 §3.6). */
  forget(id: number, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => {
      this.transfers?.dropFetch(id, step);
      this.#client.forget(id, step);
    });
  }

  /** Forgets an observation of ours that somebody else keeps from now on: `isKept` is asked about what comes. */
  release(peer: PeerId, token: Uint8Array, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => this.#client.forgetToken(peer, token, step));
  }

  /**
   * Makes a step of what its parts do.
   *
   * @hidden
   */
  run(now: Instant, act: (step: EndpointStep) => void): Effects<EndpointEvent> {
    const step = newStep(now);
    act(step);
    return this.finish(step);
  }

  /**
   * What a step comes to.
   *
   * @hidden
   */
  finish(step: EndpointStep): Effects<EndpointEvent> {
    // What a block leads to may bring more events.
    for (let index = 0; index < step.events.length; index++) this.#route(step.events[index] as EndpointEvent, step);
    this.#server?.tellEnds(step);
    return { transmits: step.transmits, events: step.told, wakeAt: this.#wakeAt() };
  }

  /** A request that is one message. */
  #send(command: RequestCommand, step: EndpointStep): void {
    const options = withObserve(command.options, command.purpose);
    this.#client.start({ ...command, deadline: step.now + command.timeoutMs }, { ...command, options }, step);
  }

  #absorb(step: EndpointStep, effects: Effects<MessageEvent<MessageContext>>): void {
    const { transmits, events } = effects;
    if (step.transmits.length === 0) step.transmits = transmits.slice();
    else for (const transmit of transmits) step.transmits.push(transmit);
    for (const event of events) this.#handle(event, step);
  }

  #handle(event: MessageEvent<MessageContext>, step: EndpointStep): void {
    if (event.kind === 'request') {
      (this.#server ?? this.#client).handleRequest(event.peer, event.message, step);
    } else if (event.kind === 'response') {
      this.#handleResponse(event.peer, event.message, event.context, step);
    } else if ('context' in event) {
      this.#handleOutcome(event, step);
    } else {
      if (event.kind === 'connection-lost') this.#endPeer(event, step);
      step.events.push(event);
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
    else if (context.role !== 'nobody') this.#server?.handleOutcome(event, context, step);
  }

  /** "When the underlying Transport Connection is closed or reset, … any observation state … [is] removed" (RFC 8323 §3.4). */
  #endPeer({ peer, loss }: LossEvent, step: EndpointStep): void {
    const failure: Failure = { reason: 'connection-lost', detail: loss.detail, loss };
    this.#client.failPeer(peer, failure, step);
    this.#client.endObservations(peer, failure, step);
    this.#server?.handleDisconnected(peer, failure, step);
  }

  /** Makes of what single messages come to what bodies come to. */
  #route(event: EndpointEvent, step: EndpointStep): void {
    const isTaken = this.transfers?.handle(event, step) === true || this.#server?.route(event, step) === true;
    if (!isTaken) step.told.push(event);
  }

  #wakeAt(): Instant | undefined {
    const clientAt = earlier(this.#client.wakeAt, this.transfers?.wakeAt);
    return earlier(earlier(this.#messages.wakeAt, clientAt), this.#server?.wakeAt);
  }
}

type LossEvent = Extract<EndpointEvent, { readonly kind: 'connection-lost' }>;

const UNREACHABLE: Failure = { reason: 'unreachable', detail: 'the network says that nobody is there' };
