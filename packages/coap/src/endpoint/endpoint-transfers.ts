import type { BlockCounters } from '../block/block-counters.ts';
import { firstValue, namesBlock } from '../block/block-option.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import {
  ClientTransfer,
  type TransferMessage,
  type TransferOutcome,
  type WholeRequest,
} from '../block/client-transfer.ts';
import { operationKey } from '../block/operation-key.ts';
import { DeadlineHeap, type Instant, type PeerId } from '../effects.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import {
  blockUnitBytes,
  codeClass,
  encodeUint,
  encodeUintOption,
  type Message,
  ObserveRequest,
  type Option,
  OptionNumber,
} from '../wire/index.ts';
import type { EndpointClient } from './endpoint-client.ts';
import type { EndpointEvent, EndpointStep, Failure } from './endpoint-event.ts';

/** A request as it is asked for, or a ping. */
export interface TransferCommand extends WholeRequest {
  /** Comes back in the events; also that of every message of the transfer, since they follow each other. */
  readonly id: number;
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  /** The time of each message. */
  readonly timeoutMs: number;
  /** The time of the whole. */
  readonly bodyTimeoutMs?: number | undefined;
  /** For `cancel`: that of the observation. */
  readonly token?: Uint8Array | undefined;
}

/** What the client's transfers work with. */
export interface TransferSurroundings {
  readonly client: EndpointClient;
  readonly parameters: BlockParameters;
  /** EXCHANGE_LIFETIME. */
  readonly exchangeLifetimeMs: number;
  readonly counters: BlockCounters;
}

type ClientEvent = Extract<
  EndpointEvent,
  { readonly kind: 'response' | 'failed' | 'notification' | 'observation-ended' }
>;
type EndEvent = Extract<EndpointEvent, { readonly kind: 'observation-ended' }>;

/** One transfer of ours. */
class Running extends ClientTransfer {
  readonly command: TransferCommand;
  /** What is told at its end: the response of a request, or a notification. */
  readonly tells: 'response' | 'notification';
  /** Whether the peer took the observation that is asked for. */
  isEstablished = false;
  /** The observation ended meanwhile; that is told afterwards. */
  end: EndEvent | undefined;
  /** Which operation the blocks that it sends belong to. */
  uploadKey: string | undefined;

  constructor(
    command: TransferCommand,
    tells: 'response' | 'notification',
    parameters: BlockParameters,
    requestTag: (running: Running) => Option | undefined,
  ) {
    super(command, parameters, () => requestTag(this));
    this.command = command;
    this.tells = tells;
  }
}

/**
 * The client's half of block-wise transfer: makes exchanges of single messages requests and responses with bodies of any
 * length.
 *
 * @see RFC 7959 §2
 */
export class EndpointTransfers {
  readonly #client: EndpointClient;
  readonly #parameters: BlockParameters;
  readonly #exchangeLifetimeMs: number;
  readonly #counters: BlockCounters;
  readonly #running = new Map<number, Running>();
  /** What is observed, by number: how the rest of a notification is asked for. */
  readonly #observed = new Map<number, TransferCommand>();
  readonly #timers = new DeadlineHeap<Running>();
  readonly #uploadKeys = new Map<string, number>();
  /** Until then a block of a body that nobody waits for any more may arrive, and must not meet another body. */
  #strayBlocksUntil: Instant = 0;
  #nextTag = 0;

  constructor(surroundings: TransferSurroundings) {
    this.#client = surroundings.client;
    this.#parameters = surroundings.parameters;
    this.#exchangeLifetimeMs = surroundings.exchangeLifetimeMs;
    this.#counters = surroundings.counters;
  }

  /** How many bodies of several blocks are under way. */
  get count(): number {
    return this.#timers.size;
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /**
   * Sends a request or a ping.
   *
   * @throws {RangeError} a request that does not fit the format or a datagram
   */
  start(command: TransferCommand, step: EndpointStep): void {
    if (command.purpose === 'ping' || command.purpose === 'tell') {
      // The blocks of a body are sent one after the other, each upon the response to the one before.
      if (command.payload.length > blockUnitBytes(this.#parameters.blockSzx)) {
        throw new RangeError('a request that wants no response has a payload of one block at most');
      }
      this.#send(command, { ...command, isRequest: true }, step);
      return;
    }
    const running = new Running(command, 'response', this.#parameters, (of) => this.#requestTag(of, step.now));
    this.#running.set(command.id, running);
    try {
      this.#perform(running, running.start(), step);
    } catch (error) {
      this.#remove(running, step.now);
      throw error;
    }
  }

  /** The caller does not want the answer any more. */
  abandon(id: number, step: EndpointStep): void {
    const running = this.#running.get(id);
    if (running !== undefined && running.tells === 'response') {
      this.#remove(running, step.now);
      if (running.isEstablished) this.#forgetQuietly(id, step);
    }
    this.#client.abandon(id, step);
  }

  /** The caller does not want notifications any more; a rest that is being fetched is not waited for. */
  dropFetch(id: number, step: EndpointStep): void {
    const running = this.#running.get(id);
    if (running?.tells !== 'notification') return;
    this.#remove(running, step.now);
    this.#client.abandon(id, step);
  }

  /** As `dropFetch`, for the observation with this token. */
  dropFetchOf(peer: PeerId, token: Uint8Array, step: EndpointStep): void {
    const id = this.#client.observationWith(peer, token);
    if (id !== undefined) this.dropFetch(id, step);
  }

  /** Takes an event of the client's half of the endpoint; `told` takes what the asker is told. */
  handle(event: ClientEvent, step: EndpointStep, told: EndpointEvent[]): void {
    switch (event.kind) {
      case 'response':
        this.#handleResponse(event, step, told);
        return;
      case 'failed': {
        const running = this.#running.get(event.id);
        if (running === undefined) told.push(event);
        else this.#fail(running, event.failure, step, told);
        return;
      }
      case 'notification':
        this.#handleNotification(event, step, told);
        return;
      case 'observation-ended': {
        if (!this.#observed.delete(event.id)) return;
        const running = this.#running.get(event.id);
        if (running === undefined) told.push(event);
        else running.end = event;
      }
    }
  }

  /** Gives up what takes too long as a whole, at most `workMax` transfers. */
  handleTimeout(workMax: number, step: EndpointStep, told: EndpointEvent[]): void {
    for (let work = 0; work < workMax; work++) {
      const running = this.#timers.takeDue(step.now);
      if (running === undefined) return;
      this.#counters.bodyTimeouts++;
      this.#client.abandon(running.command.id, step);
      const failure: Failure = { reason: 'timeout', detail: 'the bodies were not transferred within bodyTimeoutMs' };
      this.#fail(running, failure, step, told);
    }
  }

  #handleResponse(
    event: Extract<EndpointEvent, { readonly kind: 'response' }>,
    step: EndpointStep,
    told: EndpointEvent[],
  ): void {
    const running = this.#running.get(event.id);
    if (running === undefined) {
      told.push(event);
      return;
    }
    if (event.isEstablished) {
      running.isEstablished = true;
      this.#observed.set(event.id, running.command);
    }
    this.#countIn(running, event.message);
    if (running.tells === 'notification' && codeClass(event.message.code) !== 2) {
      // The rest of the notification cannot be had: that is no notification.
      const detail = 'the rest of a notification was refused';
      this.#fail(running, { reason: 'protocol', detail, section: 'RFC 7959 §2.6' }, step, told);
      return;
    }
    this.#follow(running, running.take(event.message), step, told);
  }

  #handleNotification(
    event: Extract<EndpointEvent, { readonly kind: 'notification' }>,
    step: EndpointStep,
    told: EndpointEvent[],
  ): void {
    const command = this.#observed.get(event.id);
    if (command === undefined) return;
    let running = this.#running.get(event.id);
    if (running !== undefined) {
      // The newer one takes the place of what is being fetched, be that the first response or a notification.
      this.#counters.notificationsIncomplete++;
      this.#client.abandon(event.id, step);
    } else if (!namesBlock(event.message.options) || namesBlock(command.options)) {
      told.push(event);
      return;
    } else {
      // The rest is asked for by its own requests, so that a body of the request would be sent again for a restart.
      running = new Running(command, 'notification', this.#parameters, (of) => this.#requestTag(of, step.now));
      this.#running.set(event.id, running);
    }
    this.#countIn(running, event.message);
    this.#follow(running, running.takeFirst(event.message), step, told);
  }

  #follow(running: Running, outcome: TransferOutcome, step: EndpointStep, told: EndpointEvent[]): void {
    switch (outcome.kind) {
      case 'restart':
        this.#counters.bodyRestarts++;
        this.#continue(running, outcome.message, step, told);
        return;
      case 'send':
        this.#continue(running, outcome.message, step, told);
        return;
      case 'done':
        this.#finish(running, outcome.response, step, told);
        return;
      case 'too-large':
        this.#counters.bodiesTooLarge++;
        this.#fail(running, { reason: 'body-too-large', detail: 'bodyBytesMax' }, step, told);
        return;
      case 'wrong': {
        const { detail, section } = outcome;
        this.#fail(running, { reason: 'protocol', detail, section }, step, told);
      }
    }
  }

  #continue(running: Running, message: TransferMessage, step: EndpointStep, told: EndpointEvent[]): void {
    try {
      this.#perform(running, message, step);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // A higher block number takes a byte more than a lower one.
      this.#fail(running, { reason: 'protocol', detail: error.message, section: 'RFC 7252 §4.6' }, step, told);
    }
  }

  #perform(running: Running, message: TransferMessage, step: EndpointStep): void {
    const { command } = running;
    if (running.isBlockwise) {
      this.#counters.blocksOut += running.isUploading ? 1 : 0;
      if (running.heapIndex < 0) {
        running.deadline = step.now + (command.bodyTimeoutMs ?? this.#parameters.bodyTimeoutMs);
        this.#timers.arm(running);
      }
    }
    const isFetch = running.tells === 'notification' || running.isEstablished;
    const isRequest = message.isRequest && !isFetch;
    this.#send(command, { ...message, isRequest }, step);
  }

  /** `isRequest`: with Observe and the token that the request is to have, as opposed to one for a later block. */
  #send(command: TransferCommand, message: TransferMessage, step: EndpointStep): void {
    const { id, peer } = command;
    const purpose = message.isRequest ? command.purpose : 'request';
    const deadline = step.now + command.timeoutMs;
    const token = message.isRequest && command.token !== undefined ? { token: command.token } : {};
    const { isConfirmable, code, payload } = message;
    const options = withObserve(message.options, purpose);
    this.#client.start({ id, peer, purpose, deadline, ...token }, { isConfirmable, code, options, payload }, step);
  }

  #finish(running: Running, response: Message, step: EndpointStep, told: EndpointEvent[]): void {
    this.#remove(running, undefined);
    const { id } = running.command;
    const { end, tells } = running;
    // A first response that ends with an error has made no observation.
    const isEstablished = running.isEstablished && codeClass(response.code) === 2;
    if (running.isEstablished && !isEstablished) this.#forgetQuietly(id, step);
    if (tells === 'notification') told.push({ kind: 'notification', id, message: response });
    else told.push({ kind: 'response', id, message: response, isEstablished });
    if (end !== undefined) told.push(end);
  }

  #fail(running: Running, failure: Failure, step: EndpointStep, told: EndpointEvent[]): void {
    this.#remove(running, step.now);
    const { id } = running.command;
    if (running.tells === 'response') {
      if (running.isEstablished) this.#forgetQuietly(id, step);
      told.push({ kind: 'failed', id, failure });
      return;
    }
    // The next notification has the whole state again.
    this.#counters.notificationsIncomplete++;
    if (running.end !== undefined) told.push(running.end);
  }

  /** An observation of which the asker has not heard yet. */
  #forgetQuietly(id: number, step: EndpointStep): void {
    this.#observed.delete(id);
    this.#client.forget(id, step);
  }

  /** @param now where it ended before its end: blocks of it may still be on their way */
  #remove(running: Running, now: Instant | undefined): void {
    this.#running.delete(running.command.id);
    this.#timers.remove(running);
    const { uploadKey } = running;
    if (uploadKey === undefined) return;
    const others = (this.#uploadKeys.get(uploadKey) ?? 1) - 1;
    if (others > 0) this.#uploadKeys.set(uploadKey, others);
    else this.#uploadKeys.delete(uploadKey);
    if (now !== undefined) this.#strayBlocksUntil = now + this.#exchangeLifetimeMs;
  }

  /**
   * A Request-Tag where without one the peer could mix this body up with another: "sending messages without Request-Tag
   * options whenever possible" (RFC 9175 §3.4, §3.5).
   */
  #requestTag(running: Running, now: Instant): Option | undefined {
    const { peer, code, options } = running.command;
    const key = operationKey(peer, code, options);
    const others = this.#uploadKeys.get(key) ?? 0;
    this.#uploadKeys.set(key, others + 1);
    running.uploadKey = key;
    if (firstValue(options, OptionNumber.RequestTag) !== undefined) return undefined;
    if (others === 0 && now >= this.#strayBlocksUntil) return undefined;
    this.#nextTag = (this.#nextTag + 1) >>> 0;
    return { number: OptionNumber.RequestTag, value: encodeUint(this.#nextTag) };
  }

  #countIn(running: Running, message: Message): void {
    if (firstValue(message.options, OptionNumber.Block2) !== undefined && !running.isUploading)
      this.#counters.blocksIn++;
  }
}

function withObserve(options: readonly Option[], purpose: ExchangePurpose): readonly Option[] {
  if (purpose === 'observe') return [...options, encodeUintOption(OptionNumber.Observe, ObserveRequest.Register)];
  if (purpose === 'cancel') return [...options, encodeUintOption(OptionNumber.Observe, ObserveRequest.Deregister)];
  return options;
}
