import type { Effects, Instant, PeerId, RandomSource, Transmit } from '../effects.ts';
import { EndpointClient } from '../endpoint/endpoint-client.ts';
import { newExchangeCounters } from '../endpoint/endpoint-counters.ts';
import type { EndpointEvent, EndpointStep, MessageContext } from '../endpoint/endpoint-event.ts';
import type { EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import type { TransferCommand } from '../endpoint/endpoint-transfer.ts';
import { withObserve } from '../endpoint/transfer-options.ts';
import { ClientExchanges } from '../exchange/client-exchanges.ts';
import { MessageLayer } from '../message-layer/message-layer.ts';
import { RecentMessages } from '../message-layer/recent-messages.ts';
import type { MessageEvent } from '../messaging.ts';
import { Observations } from '../observe/observations.ts';
import { derivedTimes } from '../parameters.ts';
import type { BodyTransfers, MakeBodyTransfers } from './body-transfers.ts';

/** What a `SmallClient` does without socket and clock: a message layer, and requests above it. */
export class SmallCore {
  readonly #messages: MessageLayer<MessageContext>;
  readonly #client: EndpointClient;
  readonly #exchanges: ClientExchanges;
  readonly #observations: Observations;
  readonly #counters = newExchangeCounters();
  readonly #transfers: BodyTransfers | undefined;
  readonly #workMax: number;

  constructor(parameters: EndpointParameters, random: RandomSource, bodies: MakeBodyTransfers | undefined) {
    const times = derivedTimes(parameters);
    const recent = new RecentMessages({ ...times, duplicateBytesMax: parameters.duplicateBytesMax });
    this.#workMax = parameters.workPerStepMax;
    this.#messages = new MessageLayer<MessageContext>(parameters, random, recent);
    this.#observations = new Observations(parameters.responseMatching);
    this.#exchanges = new ClientExchanges(parameters, random, (key) => this.#observations.hasToken(key));
    this.#client = new EndpointClient({
      messages: this.#messages,
      exchanges: this.#exchanges,
      observations: this.#observations,
      counters: this.#counters,
      absorb: (step, effects) => this.#absorb(step, effects),
    });
    this.#transfers = bodies?.(this.#client, parameters, times.exchangeLifetimeMs);
  }

  /** Whether bodies go in blocks. */
  get hasTransfers(): boolean {
    return this.#transfers !== undefined;
  }

  /** Counters and gauges. */
  stats(): Readonly<Record<string, number>> {
    return {
      ...this.#messages.stats(),
      ...this.#counters,
      clientExchanges: this.#exchanges.count,
      observations: this.#observations.count,
      transfers: this.#transfers?.count ?? 0,
    };
  }

  /** Takes one datagram. */
  handleDatagram(peer: PeerId, bytes: Uint8Array, now: Instant): Effects<EndpointEvent> {
    return this.#run(now, (step) => this.#absorb(step, this.#messages.handleDatagram(peer, bytes, now)));
  }

  /** Does what is due. */
  handleTimeout(now: Instant): Effects<EndpointEvent> {
    return this.#run(now, (step) => {
      this.#absorb(step, this.#messages.handleTimeout(now));
      this.#client.handleTimeout(this.#workMax, step);
      this.#transfers?.handleTimeout(this.#workMax, step);
    });
  }

  /** The network says that a peer cannot be reached. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<EndpointEvent> {
    return this.#run(now, (step) => {
      this.#absorb(step, this.#messages.handleUnreachable(peer, now));
      this.#client.failPeer(peer, { reason: 'unreachable', detail: 'the network says so' }, step);
    });
  }

  /**
   * Sends a request or a ping.
   *
   * @throws {RangeError} a request that does not fit the format or a datagram
   */
  request(command: TransferCommand, now: Instant): Effects<EndpointEvent> {
    return this.#run(now, (step) => {
      const { peer, purpose, token } = command;
      if (purpose === 'cancel' && token !== undefined) {
        this.#transfers?.dropFetchOf(peer, token, step);
        this.#client.forgetToken(peer, token, step);
      }
      if (this.#transfers !== undefined) {
        this.#transfers.start(command, step);
        return;
      }
      const { id, retransmission, isSendingTold, isConfirmable, code, payload } = command;
      const options = withObserve(command.options, purpose);
      const deadline = now + command.timeoutMs;
      const init = { id, peer, purpose, retransmission, isSendingTold, deadline, ...(token && { token }) };
      this.#client.start(init, { isConfirmable, code, options, payload }, step);
    });
  }

  /** Forgets a request. */
  abandon(id: number, now: Instant): Effects<EndpointEvent> {
    return this.#run(now, (step) => (this.#transfers ?? this.#client).abandon(id, step));
  }

  /** Forgets an observation: the next notification gets a Reset (RFC 7641 §3.6). */
  forget(id: number, now: Instant): Effects<EndpointEvent> {
    return this.#run(now, (step) => {
      this.#transfers?.dropFetch(id, step);
      this.#client.forget(id, step);
    });
  }

  #run(now: Instant, act: (step: EndpointStep) => void): Effects<EndpointEvent> {
    const [transmits, events, told]: [Transmit[], EndpointEvent[], EndpointEvent[]] = [[], [], []];
    const step: EndpointStep = { now, transmits, events, told };
    act(step);
    // What a block leads to may bring more events.
    for (let index = 0; index < events.length; index++) {
      const event = events[index] as EndpointEvent;
      if (this.#transfers?.handles(event, step) !== true) told.push(event);
    }
    const wakeAts = [this.#messages.wakeAt, this.#client.wakeAt, this.#transfers?.wakeAt];
    const wakeAt = Math.min(...wakeAts.map((at) => at ?? Number.POSITIVE_INFINITY));
    return { transmits, events: told, wakeAt: wakeAt === Number.POSITIVE_INFINITY ? undefined : wakeAt };
  }

  #absorb(step: EndpointStep, { transmits, events }: Effects<MessageEvent<MessageContext>>): void {
    step.transmits.push(...transmits);
    for (const event of events) {
      if (event.kind === 'request') this.#client.reject(event.peer, event.message, step);
      if (!('context' in event) || (event.context !== undefined && event.context.role !== 'client')) continue;
      if (event.kind === 'response') this.#client.handleResponse(event.peer, event.message, event.context, step);
      else this.#client.handleOutcome(event, event.context, step);
    }
  }
}
