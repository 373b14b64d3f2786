import type { BlockCounters } from '../block/block-counters.ts';
import { firstValue, namesBlock } from '../block/block-option.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import { type BlockLimits, blocksFor } from '../block/block-size.ts';
import type { TransferInit, TransferMessage, TransferOutcome } from '../block/client-transfer.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import { RequestTags } from '../block/request-tags.ts';
import { DeadlineHeap, type Instant, type PeerId } from '../effects.ts';
import { echoOf } from '../freshness/echo-of.ts';
import { blockUnitBytes, codeClass, type Message, OptionNumber, ResponseCode } from '../wire/index.ts';
import type { BodyTransfers } from './body-transfers.ts';
import type { EndpointClient } from './endpoint-client.ts';
import type { EndpointEvent, EndpointStep, Failure } from './endpoint-event.ts';
import { EndpointTransfer } from './endpoint-transfer.ts';
import type { RequestCommand } from './request-command.ts';
import { isLaterBlock, withObserve } from './transfer-options.ts';

/** What the client's transfers work with. */
export interface TransferSurroundings {
  readonly client: EndpointClient;
  readonly parameters: BlockParameters;
  /** EXCHANGE_LIFETIME. */
  readonly exchangeLifetimeMs: number;
  readonly counters: BlockCounters;
  /** What a peer said of its messages; `undefined` over datagrams. */
  readonly blockLimits: (peer: PeerId) => BlockLimits | undefined;
}

type Told<Kind> = Extract<EndpointEvent, { readonly kind: Kind }>;
/** What leads to a message, now or when bytes are provided. */
type NextOutcome = Extract<TransferOutcome, { readonly kind: 'send' | 'wait' }>;

/**
 * The client's half of block-wise transfer: makes exchanges of single messages requests and responses with bodies of any
 * length.
 *
 * @see RFC 7959 §2
 */
export class EndpointTransfers implements BodyTransfers {
  /** What is counted of bodies. */
  readonly counters: BlockCounters;
  readonly #client: EndpointClient;
  readonly #parameters: BlockParameters;
  readonly #running = new Map<number, EndpointTransfer>();
  /** What is observed, by number: how the rest of a notification is asked for. */
  readonly #observed = new Map<number, RequestCommand>();
  readonly #timers = new DeadlineHeap<EndpointTransfer>();
  readonly #tags: RequestTags;
  readonly #blockLimits: (peer: PeerId) => BlockLimits | undefined;

  constructor(surroundings: TransferSurroundings) {
    this.#client = surroundings.client;
    this.#parameters = surroundings.parameters;
    this.#tags = new RequestTags(surroundings.exchangeLifetimeMs);
    this.counters = surroundings.counters;
    this.#blockLimits = surroundings.blockLimits;
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
  start(command: RequestCommand, step: EndpointStep): void {
    if (command.purpose === 'ping' || command.purpose === 'tell') {
      // The blocks of a body are sent one after the other, each upon the response to the one before.
      if (command.upload !== undefined || command.payload.length > blockUnitBytes(this.#parameters.blockSzx)) {
        throw new RangeError('a request that wants no response has a payload of one block at most');
      }
      this.#send(command, command, command, step);
      return;
    }
    const running = this.#open(command, 'response', step);
    try {
      this.#proceed(running, running.start(), step);
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

  /** Takes the bytes that were asked for with `upload-wanted`; those that nobody waits for, not. */
  provideUpload(id: number, part: BodyPart, step: EndpointStep): void {
    const running = this.#running.get(id);
    if (running?.tells === 'response' && running.isWaiting) this.#follow(running, running.provide(part), step);
  }

  /** The asker took what came with `download-chunk`: the next block is asked for. */
  consumeDownload(id: number, step: EndpointStep): void {
    const running = this.#running.get(id);
    if (running?.isHeld !== true) return;
    running.isHeld = false;
    this.#follow(running, running.resume(), step);
  }

  /**
   * Takes an event of the client's half of the endpoint; `step.told` takes what the asker is told.
   *
   * @returns `false`: it is not about a request of ours
   */
  handle(event: EndpointEvent, step: EndpointStep): boolean {
    if (event.kind === 'response') this.#handleResponse(event, step);
    else if (event.kind === 'failed') this.#handleFailed(event, step);
    else if (event.kind === 'notification') this.#handleNotification(event, step);
    else if (event.kind === 'observation-ended') this.#handleObservationEnd(event, step);
    else return false;
    return true;
  }

  /** Gives up what takes too long as a whole, at most `workMax` transfers. */
  handleTimeout(workMax: number, step: EndpointStep): void {
    for (let work = 0; work < workMax; work++) {
      const running = this.#timers.takeDue(step.now);
      if (running === undefined) return;
      this.counters.bodyTimeouts++;
      this.#client.abandon(running.command.id, step);
      const failure: Failure = { reason: 'timeout', detail: 'the bodies were not transferred within bodyTimeoutMs' };
      this.#fail(running, failure, step);
    }
  }

  #handleFailed(event: Told<'failed'>, step: EndpointStep): void {
    const running = this.#running.get(event.id);
    if (running === undefined) step.told.push(event);
    // Many blocks use up the message IDs (RFC 7252 §4.4): the next one goes on waiting, until `bodyTimeoutMs`.
    else if (event.failure.isUnsent === true && running.isBlockwise) this.#follow(running, running.resume(), step);
    else this.#fail(running, event.failure, step);
  }

  #handleObservationEnd(event: Told<'observation-ended'>, step: EndpointStep): void {
    if (!this.#observed.delete(event.id)) return;
    const running = this.#running.get(event.id);
    if (running === undefined) step.told.push(event);
    else running.end = event;
  }

  #handleResponse(event: Told<'response'>, step: EndpointStep): void {
    const running = this.#running.get(event.id);
    if (running === undefined) {
      step.told.push(event);
      return;
    }
    if (event.isEstablished) {
      running.isEstablished = true;
      const { command, tag } = running;
      // What asks for the rest of a notification is of the same operation: it has the same tag (RFC 9175 §3.4).
      const options = tag === undefined ? command.options : [...command.options, tag];
      this.#observed.set(event.id, { ...command, options });
    }
    if (event.source === undefined && this.#echo(running, event.message, step)) return;
    this.#countIn(running, event.message);
    if (running.tells === 'notification' && codeClass(event.message.code) !== 2) {
      // The rest of the notification cannot be had: that is no notification.
      const detail = 'the rest of a notification was refused';
      this.#fail(running, { reason: 'protocol', detail, section: 'RFC 7959 §2.6' }, step);
      return;
    }
    this.#follow(running, running.take(event.message), step);
  }

  /**
   * "Upon receiving a 4.01 (Unauthorized) response with the Echo option, the client SHOULD resend the original request
   * with the addition of an Echo option with the received Echo option value" (RFC 9175 §2.3): once, and from the first
   * block on, since the peer has thrown away the others.
   */
  #echo(running: EndpointTransfer, response: Message, step: EndpointStep): boolean {
    const { command } = running;
    // What is streamed is not here any more.
    if (command.upload !== undefined) return false;
    const value = response.code === ResponseCode.Unauthorized ? echoOf(response.options) : undefined;
    if (value === undefined || running.tells === 'notification' || echoOf(command.options) !== undefined) return false;
    this.#remove(running, undefined);
    try {
      this.start({ ...command, options: [...command.options, { number: OptionNumber.Echo, value }] }, step);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // With the option it does not fit a datagram: the answer is 4.01.
      this.#running.set(command.id, running);
      return false;
    }
    this.counters.echoesOut++;
    return true;
  }

  #handleNotification(event: Told<'notification'>, step: EndpointStep): void {
    const command = this.#observed.get(event.id);
    if (command === undefined) return;
    let running = this.#running.get(event.id);
    if (running !== undefined) {
      // The newer one takes the place of what is being fetched, be that the first response or a notification.
      this.counters.notificationsIncomplete++;
      this.#client.abandon(event.id, step);
    } else if (!namesBlock(event.message.options) || namesBlock(command.options)) {
      step.told.push(event);
      return;
    } else {
      // The rest is asked for by its own requests, so that a body of the request would be sent again for a restart.
      running = this.#open(command, 'notification', step);
    }
    this.#countIn(running, event.message);
    this.#follow(running, running.takeFirst(event.message), step);
  }

  #follow(running: EndpointTransfer, outcome: TransferOutcome, step: EndpointStep): void {
    const { id } = running.command;
    switch (outcome.kind) {
      case 'send':
      case 'wait':
        this.#continue(running, outcome, step);
        return;
      case 'done':
        this.#finish(running, outcome.response, step);
        return;
      case 'stream':
        step.told.push({ kind: 'response', id, message: outcome.response, isEstablished: false, isStreamed: true });
        this.#pass(running, outcome.payload, false, step);
        return;
      case 'chunk':
        this.#pass(running, outcome.payload, outcome.isLast, step);
        return;
      case 'too-large':
        this.counters.bodiesTooLarge++;
        this.#fail(running, { reason: 'body-too-large', detail: 'bodyBytesMax' }, step);
        return;
      case 'changed': {
        const detail = 'the response changed while its blocks were fetched';
        this.#fail(running, { reason: 'body-changed', detail, section: 'RFC 7959 §2.4' }, step);
        return;
      }
      case 'wrong': {
        const { detail, section } = outcome;
        this.#fail(running, { reason: 'protocol', detail, section }, step);
      }
    }
  }

  /** Passes a block of the response on; the next one is asked for when the asker took it. */
  #pass(running: EndpointTransfer, payload: Uint8Array, isLast: boolean, step: EndpointStep): void {
    running.isHeld = !isLast;
    this.#watch(running, step.now);
    if (isLast) this.#remove(running, undefined);
    step.told.push({ kind: 'download-chunk', id: running.command.id, payload, isLast });
  }

  #continue(running: EndpointTransfer, outcome: NextOutcome, step: EndpointStep): void {
    try {
      this.#proceed(running, outcome, step);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // A higher block number takes a byte more than a lower one.
      this.#fail(running, { reason: 'protocol', detail: error.message, section: 'RFC 7252 §4.6' }, step);
    }
  }

  /** Sends the next message, or asks for the bytes that it lacks. */
  #proceed(running: EndpointTransfer, outcome: TransferOutcome, step: EndpointStep): void {
    if (outcome.kind === 'send') this.#perform(running, outcome.message, step);
    else if (outcome.kind === 'wait') {
      this.#watch(running, step.now);
      step.told.push({ kind: 'upload-wanted', id: running.command.id, ...outcome.wanted });
    }
  }

  /** From now on the whole has its time. */
  #watch(running: EndpointTransfer, now: Instant): void {
    if (running.heapIndex >= 0) return;
    running.deadline = now + (running.command.bodyTimeoutMs ?? this.#parameters.bodyTimeoutMs);
    this.#timers.arm(running);
  }

  #perform(running: EndpointTransfer, message: TransferMessage, step: EndpointStep): void {
    const { command } = running;
    if (running.isBlockwise) {
      this.counters.blocksOut += running.isUploading ? 1 : 0;
      this.#watch(running, step.now);
    }
    const isFetch = running.tells === 'notification' || running.isEstablished;
    const isRequest = message.isRequest && !isFetch;
    // The RFCs leave tokens free (RFC 7959 §3), but go-coap and node-coap know a body by its token. Each block goes out
    // after the answer to the one before, which names its number: none is taken for another's (RFC 9175 §4).
    const { uploadToken } = running;
    const hasUploadToken = uploadToken !== undefined && !isFetch && isLaterBlock(message);
    const own = isRequest ? command.token : undefined;
    const token = hasUploadToken ? uploadToken : own;
    const sent = this.#send(command, message, { token, purpose: isRequest ? command.purpose : 'request' }, step);
    if (running.isUploading) running.uploadToken = sent;
  }

  /** `purpose`: that of the command, with Observe, as opposed to a request for a later block. */
  #send(
    command: RequestCommand,
    message: Omit<TransferMessage, 'isRequest'>,
    { token, purpose }: Pick<RequestCommand, 'token' | 'purpose'>,
    step: EndpointStep,
  ): Uint8Array | undefined {
    const { id, peer, retransmission, isSendingTold } = command;
    const deadline = step.now + command.timeoutMs;
    const { isConfirmable, code, payload } = message;
    const options = withObserve(message.options, purpose);
    const init = { id, peer, purpose, deadline, retransmission, token, isSendingTold };
    return this.#client.start(init, { isConfirmable, code, options, payload }, step);
  }

  #finish(running: EndpointTransfer, response: Message, step: EndpointStep): void {
    this.#remove(running, undefined);
    const { id } = running.command;
    const { end, tells } = running;
    // A first response that ends with an error has made no observation.
    const isEstablished = running.isEstablished && codeClass(response.code) === 2;
    if (running.isEstablished && !isEstablished) this.#forgetQuietly(id, step);
    if (tells === 'notification') step.told.push({ kind: 'notification', id, message: response });
    else step.told.push({ kind: 'response', id, message: response, isEstablished });
    if (end !== undefined) step.told.push(end);
  }

  #fail(running: EndpointTransfer, failure: Failure, step: EndpointStep): void {
    this.#remove(running, step.now);
    const { id } = running.command;
    if (running.tells === 'response') {
      if (running.isEstablished) this.#forgetQuietly(id, step);
      step.told.push({ kind: 'failed', id, failure });
      return;
    }
    // The next notification has the whole state again.
    this.counters.notificationsIncomplete++;
    if (running.end !== undefined) step.told.push(running.end);
  }

  /** An observation of which the asker has not heard yet. */
  #forgetQuietly(id: number, step: EndpointStep): void {
    this.#observed.delete(id);
    this.#client.forget(id, step);
  }

  /** @param now where it ended before its end: blocks of it may still be on their way */
  #remove(running: EndpointTransfer, now: Instant | undefined): void {
    this.#running.delete(running.command.id);
    this.#timers.remove(running);
    if (running.uploadKey !== undefined) this.#tags.end(running.uploadKey, now);
  }

  #open(command: RequestCommand, tells: 'response' | 'notification', step: EndpointStep): EndpointTransfer {
    // One literal, no spread: every request comes by here.
    const init: TransferInit = {
      // The base values before the peer's CSM (RFC 8323 §5.3), to the end: libcoap 4.3.1 takes no BERT behind 1024 bytes.
      blocks: blocksFor(this.#parameters.blockSzx, this.#blockLimits(command.peer)),
      parameters: this.#parameters,
      counters: this.counters,
      requestTag: () => {
        const { key, tag } = this.#tags.begin(command, step.now);
        running.uploadKey = key;
        return tag;
      },
    };
    const running = new EndpointTransfer(command, tells, init);
    this.#running.set(command.id, running);
    return running;
  }

  #countIn(running: EndpointTransfer, message: Message): void {
    if (firstValue(message.options, OptionNumber.Block2) !== undefined && !running.isUploading)
      this.counters.blocksIn++;
  }
}
