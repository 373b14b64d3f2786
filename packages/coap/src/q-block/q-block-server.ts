import { blockOption, namesBlock, withoutOptions } from '../block/block-option.ts';
import { operationKey } from '../block/operation-key.ts';
import type { Instant, PeerId } from '../effects.ts';
import type { OutgoingMessage, PiggybackedResponse } from '../messaging.ts';
import {
  type Block,
  blockUnitBytes,
  type DecodedMessage,
  hasOption,
  MessageType,
  Method,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import { askedKey } from './asked-request.ts';
import { Part, type QBlockStep } from './lower-layer.ts';
import { QBlockAnswers } from './q-block-answers.ts';
import type { QBlockCounters, QBlockGauges } from './q-block-counters.ts';
import { asksForAll, isContinue, type QBlocks, qBlocksOf } from './q-block-option.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';
import { type IncomingUpload, QBlockUploads, type UploadAnswer } from './q-block-uploads.ts';
import { rewritten } from './rewritten.ts';

/** A request that is with the handler, whose answer may go in Q-Block2. */
interface ServedRequest<Context> {
  readonly key: string;
  readonly szx: number;
  /** Which blocks of the answer are wanted. */
  readonly asked: readonly Block[];
  readonly upload: IncomingUpload<Context> | undefined;
  /** When it is forgotten, if the handler's answer is not wanted. */
  readonly expiresAt: Instant;
}

/** Who observes, and how its notifications are cut. */
type Observer = Pick<ServedRequest<unknown>, 'key' | 'szx'>;

const ALL = (szx: number): readonly Block[] => [{ blockNumber: 0, more: true, szx }];
const NOTHING = new Uint8Array(0);
const { Block2, Observe, QBlock1, QBlock2 } = OptionNumber;

/**
 * The server's half: joins the Q-Block1 of requests, and cuts answers and notifications into Q-Block2.
 *
 * @see RFC 9177 §4.3, §4.4
 */
export class QBlockServer<Context extends object> {
  readonly #surroundings: QBlockSurroundings<Context>;
  readonly #uploads: QBlockUploads<Context>;
  readonly #answers: QBlockAnswers<Context>;
  /** By peer and token, in the order of their expiry. */
  readonly #served = new Map<string, ServedRequest<Context>>();
  readonly #observers = new Map<string, Observer>();
  #now: Instant = 0;

  constructor(surroundings: QBlockSurroundings<Context>) {
    this.#surroundings = surroundings;
    this.#answers = new QBlockAnswers(surroundings, (peer, message, context, step) => {
      if (!this.send(peer, message, context, step)) surroundings.lower.send(peer, message, context, step);
    });
    this.#uploads = new QBlockUploads({
      ...surroundings,
      refuse: (peer, message, code, options, step) => this.#refuse(peer, message, code, options, step),
      pass: (request, original, upload, step) => this.#passUpload(request, original, upload, step),
      answerAgain: (message, upload, answer, step) => this.#answerAgain(message, upload, answer, step),
    });
  }

  /** What it holds. */
  gauges(): Omit<QBlockGauges, keyof QBlockCounters | 'qBlockRequests' | 'qBlockSilentPeers'> {
    return {
      qBlockUploads: this.#uploads.count,
      qBlockUploadBytes: this.#uploads.heldBytes,
      qBlockResponses: this.#answers.count,
      qBlockResponseBytes: this.#answers.heldBytes,
      qBlockServed: this.#served.size,
      qBlockObservers: this.#observers.size,
    };
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    const [served] = this.#served.values();
    const times = [this.#uploads.wakeAt, this.#answers.wakeAt, served?.expiresAt].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Whether a peer knows Q-Block: it gets answers whole. */
  knows(peer: PeerId): boolean {
    return this.#surroundings.support.of(peer, this.#now) === true;
  }

  /** Takes a request. */
  handleRequest(peer: PeerId, message: DecodedMessage, step: QBlockStep<Context>): void {
    this.#now = step.now;
    const qBlocks = qBlocksOf(message.options);
    if (qBlocks === undefined) {
      this.#pass(peer, this.knows(peer) ? withBlock2(message, this.#surroundings.parameters.blockSzx) : message, step);
      return;
    }
    if (qBlocks === 'wrong') {
      this.#surroundings.counters.qBlocksWrong++;
      // "MUST be rejected with a 4.02 (Bad Option)" (RFC 9177 §4.1).
      this.#refuse(peer, message, ResponseCode.BadOption, [], step);
      return;
    }
    this.#surroundings.support.note(peer, true, step.now);
    if (qBlocks.block1 !== undefined) this.#uploads.handleBlock(peer, message, qBlocks.block1, step);
    else this.#handleAsked(peer, message, qBlocks, step);
  }

  /**
   * Sends a separate response or a notification.
   *
   * @returns `false`: Q-Block has nothing to do with it
   */
  send(peer: PeerId, message: OutgoingMessage, context: Context, step: QBlockStep<Context>): boolean {
    const id = askedKey(peer, message.token);
    const served = this.#served.get(id);
    const observer = served ?? this.#observers.get(id);
    this.#served.delete(id);
    if (observer === undefined) return false;
    const isObserved = hasOption(message, Observe);
    if (!isObserved) this.#observers.delete(id);
    else this.#observers.set(id, { key: observer.key, szx: observer.szx });
    const isAll = served === undefined || asksForAll(served.asked);
    const isSingle = message.payload.length <= blockUnitBytes(observer.szx);
    const { code, options, payload, isConfirmable } = message;
    if (served?.upload !== undefined) {
      const bodyKey = isSingle ? undefined : observer.key;
      this.#uploads.noteAnswer(
        served.upload,
        { code, options, payload: isSingle ? payload : NOTHING, bodyKey },
        step.now,
      );
    }
    // What is under way with the context is out of date.
    if (isObserved) this.#surroundings.lower.stop(context, step);
    if (isSingle && isAll) return false;
    const { key, szx } = observer;
    const asked = served === undefined || isAll ? ALL(szx) : served.asked;
    const init = { key, peer, token: message.token, code, options, payload, isConfirmable, szx, asked, context };
    if (!this.#answers.send({ ...init, piggyback: undefined }, step)) {
      const refusal = { ...message, code: ResponseCode.BadRequest, options: [], payload: NOTHING };
      this.#surroundings.lower.send(peer, refusal, context, step);
    }
    return true;
  }

  /** Answers a Confirmable request at once. @returns `false`: Q-Block has nothing to do with it */
  respond(peer: PeerId, messageId: number, response: PiggybackedResponse, step: QBlockStep<Context>): boolean {
    const { lower } = this.#surroundings;
    const id = askedKey(peer, response.token);
    const served = this.#served.get(id);
    if (served === undefined) return false;
    this.#served.delete(id);
    const { code, options, payload, token } = response;
    const { key, szx, asked, upload } = served;
    if (hasOption(response, Observe)) this.#observers.set(id, { key, szx });
    else this.#observers.delete(id);
    const isSingle = payload.length <= blockUnitBytes(szx);
    if (upload !== undefined) {
      const bodyKey = isSingle ? undefined : key;
      this.#uploads.noteAnswer(upload, { code, options, payload: isSingle ? payload : NOTHING, bodyKey }, step.now);
    }
    if (isSingle && asksForAll(asked)) return false;
    const context = new Part<Context>(() => undefined);
    const piggyback = (all: readonly Option[], block: Uint8Array): void =>
      lower.respond(peer, messageId, { ...response, options: all, payload: block }, step);
    const isAll = asksForAll(asked);
    const init = { key, peer, token, code, options, payload, isConfirmable: true, szx, piggyback };
    if (!this.#answers.send({ ...init, asked: isAll ? ALL(szx) : asked, context }, step)) {
      lower.respond(peer, messageId, { code: ResponseCode.BadRequest, token, options: [], payload: NOTHING }, step);
    }
    return true;
  }

  /** As `Messaging.supersede`. @returns `undefined`: it is for the message layer */
  supersede(context: Context, message: OutgoingMessage): boolean | undefined {
    if (this.#answers.supersede(context, message)) return true;
    return message.payload.length > blockUnitBytes(0) ? false : undefined;
  }

  /** Nobody wants what is sent with a context. */
  stop(context: Context, step: QBlockStep<Context>): void {
    this.#answers.stop(context, step);
  }

  /** An observation ended. */
  forgetToken(peer: PeerId, token: Uint8Array): void {
    this.#observers.delete(askedKey(peer, token));
  }

  /** Does what is due. */
  handleTimeout(workMax: number, step: QBlockStep<Context>): void {
    this.#now = step.now;
    this.#uploads.handleTimeout(workMax, step);
    this.#answers.handleTimeout(workMax, step);
    for (const [id, { expiresAt }] of this.#served) {
      if (expiresAt > step.now) return;
      this.#served.delete(id);
    }
  }

  #handleAsked(peer: PeerId, message: DecodedMessage, { blocks2 }: QBlocks, step: QBlockStep<Context>): void {
    const { parameters } = this.#surroundings;
    const [first] = blocks2;
    const isSorted = blocks2.every(({ blockNumber, szx }, index) => {
      const previous = blocks2[index - 1];
      return previous === undefined || (previous.blockNumber < blockNumber && previous.szx === szx);
    });
    if (first === undefined || !isSorted) {
      // "The server SHOULD respond with a 4.00 (Bad Request)" (RFC 9177 §4.4).
      this.#refuse(peer, message, ResponseCode.BadRequest, [], step);
      return;
    }
    const szx = Math.min(first.szx, parameters.blockSzx);
    const key = operationKey(peer, message.code, withoutOptions(message.options, QBlock2));
    if (!asksForAll(blocks2) && this.#answers.has(key, first.szx)) {
      this.#acknowledge(peer, message, step);
      if (isContinue(blocks2, parameters.maxPayloads)) this.#answers.continueFrom(key, first.blockNumber, step);
      else this.#answers.sendMissing(key, blocks2, message.token, step);
      return;
    }
    if (first.blockNumber > 0 && message.code !== Method.Get) {
      // The body is not kept any more, and what made it must not run again.
      this.#refuse(peer, message, ResponseCode.RequestEntityIncomplete, [], step);
      return;
    }
    this.#serve(peer, message.token, { key, szx, asked: blocks2, upload: undefined }, step);
    this.#pass(peer, rewritten(message, { options: withoutOptions(message.options, QBlock2) }), step);
  }

  #passUpload(
    request: DecodedMessage,
    original: DecodedMessage,
    upload: IncomingUpload<Context>,
    step: QBlockStep<Context>,
  ): void {
    const { peer } = upload;
    const { parameters } = this.#surroundings;
    const qBlocks = qBlocksOf(original.options);
    const isRead = qBlocks !== undefined && qBlocks !== 'wrong';
    const asked = isRead ? (qBlocks.blocks2[0] ?? qBlocks.block1)?.szx : undefined;
    const szx = Math.min(asked ?? parameters.blockSzx, parameters.blockSzx);
    const key = operationKey(peer, original.code, withoutOptions(original.options, QBlock1, QBlock2));
    this.#serve(peer, request.token, { key, szx, asked: ALL(szx), upload }, step);
    this.#pass(peer, request, step);
  }

  #answerAgain(
    message: DecodedMessage,
    { peer }: IncomingUpload<Context>,
    answer: UploadAnswer,
    step: QBlockStep<Context>,
  ): void {
    const { lower } = this.#surroundings;
    const { code, options, payload, bodyKey } = answer;
    const { token, messageId } = message;
    if (bodyKey !== undefined) {
      this.#acknowledge(peer, message, step);
      this.#answers.sendMissing(bodyKey, ALL(0), token, step);
    } else if (message.type === MessageType.Confirmable) {
      lower.respond(peer, messageId, { code, options, payload, token }, step);
    } else {
      lower.send(
        peer,
        { isConfirmable: false, code, options, payload, token },
        new Part<Context>(() => undefined),
        step,
      );
    }
  }

  #serve(
    peer: PeerId,
    token: Uint8Array,
    served: Omit<ServedRequest<Context>, 'expiresAt'>,
    { now }: QBlockStep<Context>,
  ): void {
    const { nonPartialTimeoutMs, servedMax } = this.#surroundings.parameters;
    const id = askedKey(peer, token);
    this.#served.delete(id);
    // Some are never answered: those that are rejected in silence, or whose answer the peer does not want.
    for (const oldest of this.#served.keys()) {
      if (this.#served.size < servedMax) break;
      this.#served.delete(oldest);
    }
    this.#served.set(id, { ...served, expiresAt: now + nonPartialTimeoutMs });
  }

  #pass(peer: PeerId, message: DecodedMessage, step: QBlockStep<Context>): void {
    step.events.push({ kind: 'request', peer, message });
  }

  #refuse(
    peer: PeerId,
    message: DecodedMessage,
    code: number,
    options: readonly Option[],
    step: QBlockStep<Context>,
  ): void {
    const { lower } = this.#surroundings;
    const { token, messageId } = message;
    if (message.type === MessageType.Confirmable) {
      lower.respond(peer, messageId, { code, token, options, payload: NOTHING }, step);
      return;
    }
    const refusal = { isConfirmable: false, code, token, options, payload: NOTHING };
    lower.send(peer, refusal, new Part<Context>(() => undefined), step);
  }

  #acknowledge(peer: PeerId, message: DecodedMessage, step: QBlockStep<Context>): void {
    if (message.type === MessageType.Confirmable) this.#surroundings.lower.acknowledge(peer, message.messageId, step);
  }
}

/**
 * A request without Q-Block of a peer that knows it: its answer is cut as RFC 7959 says, which asks for early negotiation
 * here, since answers for this peer are not cut by themselves.
 */
function withBlock2(message: DecodedMessage, szx: number): DecodedMessage {
  if (namesBlock(message.options)) return message;
  const own = blockOption(Block2, { blockNumber: 0, more: false, szx });
  return rewritten(message, { options: [...message.options, own] });
}
