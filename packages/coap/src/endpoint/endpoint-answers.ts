import type { BlockCounters } from '../block/block-counters.ts';
import { type BlockOptionNumber, blockOf, blockOption, firstValue, withoutOptions } from '../block/block-option.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import { type BlockLimits, type BlockSize, blocksFor } from '../block/block-size.ts';
import { operationKey } from '../block/operation-key.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import { cutBlock, tagged, type WantedBlock, wantedBlock } from '../block/response-block.ts';
import { ResponseBodies, type WholeResponse } from '../block/response-bodies.ts';
import type { Instant, PeerId, RandomSource } from '../effects.ts';
import type { NotificationContent } from '../observe/relations.ts';
import { type Block, Method, type Option, OptionNumber, ResponseCode } from '../wire/index.ts';
import { AnswerStreams } from './answer-streams.ts';
import type { EndpointEvent, EndpointStep } from './endpoint-event.ts';
import type { AnswerContent, EndpointServer } from './endpoint-server.ts';

/** What the bodies of answers work with. */
export interface AnswerSurroundings {
  readonly server: EndpointServer;
  readonly parameters: BlockParameters;
  /** EXCHANGE_LIFETIME. */
  readonly exchangeLifetimeMs: number;
  readonly counters: BlockCounters;
  /** What a peer said of its messages; `undefined` over datagrams. */
  readonly blockLimits: (peer: PeerId) => BlockLimits | undefined;
  /** Makes the ETags of bodies that are asked for. */
  readonly random: RandomSource;
}

type RequestEvent = Extract<EndpointEvent, { readonly kind: 'request' }>;

type AnsweredRequest = NonNullable<ReturnType<EndpointServer['request']>>;

/** How notifications of an observation are cut, and how the rest of them is asked for. */
interface ObserverBlocks {
  readonly peer: PeerId;
  readonly key: string;
  readonly blocks: BlockSize;
}

const ETAG_BYTES = 8;
const NOTHING = new Uint8Array(0);

/**
 * What handlers answer, and what is told to observers, cut into the blocks that the peers ask for.
 *
 * @see RFC 7959 §2.4, §2.6
 */
export class EndpointAnswers {
  readonly #surroundings: AnswerSurroundings;
  readonly #server: EndpointServer;
  readonly #counters: BlockCounters;
  readonly #bodies: ResponseBodies;
  readonly #streams: AnswerStreams;
  /** How bodies are cut for all whose transport says nothing of it. */
  readonly #plain: BlockSize;
  readonly #observers = new Map<number, ObserverBlocks>();
  /** By which number the handler knows a request whose answer is on its way, where that is another. */
  readonly #names = new Map<number, number>();

  constructor(surroundings: AnswerSurroundings) {
    const { server, parameters, counters, exchangeLifetimeMs } = surroundings;
    this.#surroundings = surroundings;
    this.#server = server;
    this.#counters = counters;
    this.#plain = blocksFor(parameters.blockSzx, undefined);
    this.#bodies = new ResponseBodies(parameters, exchangeLifetimeMs, counters);
    this.#streams = new AnswerStreams({
      server,
      counters,
      send: (exchangeId, streamId, answer, step) => this.#send(exchangeId, streamId, answer, step),
      drop: (key, streamId) => this.#bodies.dropStream(key, streamId),
    });
  }

  /** How many bodies are held, and their memory. */
  gauges(): { readonly responseBodies: number; readonly responseBodyBytes: number; readonly answerStreams: number } {
    const { count: responseBodies, heldBytes: responseBodyBytes } = this.#bodies;
    return { responseBodies, responseBodyBytes, answerStreams: this.#streams.count };
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#bodies.nextAt;
  }

  /** How bodies are cut for a peer. */
  blocksOf(peer: PeerId): BlockSize {
    const limits = this.#surroundings.blockLimits(peer);
    return limits === undefined ? this.#plain : blocksFor(this.#surroundings.parameters.blockSzx, limits);
  }

  /** Takes the bytes that were asked for with `body-wanted`. */
  provide(streamId: number, offset: number, part: BodyPart, step: EndpointStep): void {
    this.#streams.provide(streamId, offset, part, step);
  }

  /** The bytes that were asked for with `body-wanted` cannot be had. */
  fail(streamId: number, code: number, step: EndpointStep): void {
    this.#streams.fail(streamId, code, step);
  }

  /** The number by which the handler knows a request whose answer was sent, or never will be. */
  takeName(exchangeId: number): number {
    const name = this.#names.get(exchangeId);
    this.#names.delete(exchangeId);
    return name ?? exchangeId;
  }

  /** A request got 5.03 for want of an answer. @returns the answer whose bytes it waited for, if it did */
  abandon(exchangeId: number, step: EndpointStep): number | undefined {
    return this.#streams.abandon(exchangeId, step);
  }

  /** Tells which bodies are not asked for any more; at the end of every step. */
  tellEnds(step: EndpointStep): void {
    for (const streamId of this.#bodies.takeEnded()) this.#streams.end(streamId, step);
  }

  /** A request is about to become an observation: its notifications are cut as its answer is (RFC 7959 §2.6). */
  noteObserver(relationId: number): void {
    const request = this.#server.request(relationId);
    if (request === undefined) return;
    const { peer, message } = request;
    const { size: blocks } = wantedBlock(blockOf(message.options, OptionNumber.Block2), this.blocksOf(peer));
    this.#observers.set(relationId, { peer, blocks, key: operationKey(peer, message.code, message.options) });
  }

  /** The observation ended. */
  forgetObserver(relationId: number): void {
    this.#observers.delete(relationId);
  }

  /**
   * Makes a notification of what is to be told: "the server only sends the first block" (RFC 7959 §2.6).
   *
   * @throws {RangeError} a body of more blocks than have a number
   */
  notification(relationId: number, content: NotificationContent, now: Instant): NotificationContent {
    const observer = this.#observers.get(relationId);
    if (observer === undefined || content.payload.length <= observer.blocks.wholeBytesMax) return content;
    if (firstValue(content.options, OptionNumber.Block2) !== undefined) return content;
    const cut = this.#cut(content, { offset: 0, size: observer.blocks }, observer, now);
    return { ...content, ...cut };
  }

  /** Forgets what is due, at most `workMax` bodies. */
  handleTimeout(workMax: number, now: Instant): void {
    this.#bodies.handleTimeout(workMax, now);
  }

  /** Takes a request for a block of a response, beyond the first; what it returns is for the handler. */
  handleLaterBlock(event: RequestEvent, block2: Block, step: EndpointStep): RequestEvent | undefined {
    const { peer, message, exchangeId } = event;
    const kept = this.#bodies.find(operationKey(peer, message.code, message.options), step.now);
    if (kept !== undefined) {
      const wanted = wantedBlock(block2, this.blocksOf(peer));
      if (kept.streamId !== undefined) {
        this.#streams.take(kept.streamId, { exchangeId, wanted, isAsked: true }, step);
        return undefined;
      }
      const cut = cutBlock(kept, wanted);
      this.#counters.blocksOut++;
      this.#server.respond(exchangeId, { ...(cut ?? failed(ResponseCode.BadRequest)), isRepeatable: true }, step);
      return undefined;
    }
    const isSelfContained =
      message.code === Method.Get || (message.code === Method.Fetch && message.payload.length > 0);
    if (!isSelfContained) {
      // To ask the handler again would do it twice.
      this.#counters.blocksUnmatched++;
      this.#server.respond(exchangeId, failed(ResponseCode.RequestEntityIncomplete), step);
      return undefined;
    }
    this.#counters.responseBodiesAskedAgain++;
    // An observation is of the whole: a later block is asked for without (RFC 7959 §2.6).
    return { ...event, options: withoutOptions(event.options, OptionNumber.Observe) };
  }

  /** Answers a request: at once, or as its bytes are provided. */
  answer(exchangeId: number, streamId: number, answer: AnswerContent, step: EndpointStep): void {
    const request = this.#server.request(exchangeId);
    if (request === undefined || answer.body === undefined) {
      if (answer.body !== undefined) step.told.push({ kind: 'body-dropped', exchangeId: streamId });
      const content = request === undefined ? answer : this.#whole(request, answer, step.now);
      this.#send(exchangeId, streamId, content, step);
      return;
    }
    const { peer, message } = request;
    const asked = blockOf(message.options, OptionNumber.Block2);
    const wanted = wantedBlock(asked, this.blocksOf(peer));
    const { code, body, isSendingTold = false } = answer;
    // Whoever can be asked for any part is asked again for the later ones, and nothing is kept meanwhile.
    const isKept = !(body.isRandomAccess && message.code === Method.Get);
    const isTagged = body.isRandomAccess || firstValue(answer.options, OptionNumber.ETag) !== undefined;
    // In their order once, not for each block.
    const ascending = (left: Option, right: Option): number => left.number - right.number;
    const options = isTagged ? answer.options : [...answer.options, this.#newETag()].toSorted(ascending);
    const key = isKept ? operationKey(peer, message.code, message.options) : undefined;
    if (key !== undefined) this.#bodies.keep(key, peer, { code, options, payload: NOTHING, streamId }, step.now);
    const request1 = { exchangeId, wanted, isAsked: asked !== undefined };
    this.#streams.begin({ id: streamId, code, options, size: body.size, key, isSendingTold }, request1, step);
  }

  /** What the request itself said: of a body in several blocks, the last of them. */
  #blockOf(request: AnsweredRequest | undefined, optionNumber: BlockOptionNumber): Block | undefined {
    if (request?.message.mayHave(optionNumber) !== true) return undefined;
    return blockOf(request.message.options, optionNumber);
  }

  #newETag(): Option {
    const value = new Uint8Array(ETAG_BYTES);
    this.#surroundings.random.fill(value);
    return { number: OptionNumber.ETag, value };
  }

  /** Sends an answer, with what the request's Block1 asks of it. */
  #send(exchangeId: number, streamId: number, answer: AnswerContent, step: EndpointStep): void {
    const block1 = this.#blockOf(this.#server.request(exchangeId), OptionNumber.Block1);
    if (block1 === undefined) this.#server.respond(exchangeId, answer, step);
    else {
      // The final answer: M is not set (RFC 7959 §2.3).
      const acknowledged = blockOption(OptionNumber.Block1, { ...block1, more: false });
      this.#server.respond(exchangeId, { ...answer, options: [...answer.options, acknowledged] }, step);
    }
    if (answer.isSendingTold === true && exchangeId !== streamId) this.#names.set(exchangeId, streamId);
  }

  /** Cuts what the handler answers as a whole. */
  #whole(request: AnsweredRequest, answer: AnswerContent, now: Instant): AnswerContent {
    if (answer.payload.length === 0) return answer;
    const { peer, message } = request;
    const asked = this.#blockOf(request, OptionNumber.Block2);
    const own = this.blocksOf(peer);
    const mustCut = asked !== undefined || answer.payload.length > own.wholeBytesMax;
    // A handler that names the block has cut it himself.
    if (!mustCut || firstValue(answer.options, OptionNumber.Block2) !== undefined) return answer;
    const operation = { peer, key: operationKey(peer, message.code, message.options) };
    const cut = this.#cut(answer, wantedBlock(asked, own), operation, now);
    return cut === undefined ? failed(ResponseCode.BadRequest) : { ...answer, ...cut };
  }

  /** Cuts a block, and keeps the whole where it has more. */
  #cut(
    answer: WholeResponse,
    wanted: WantedBlock,
    operation: { readonly peer: PeerId; readonly key: string },
    now: Instant,
  ): WholeResponse | undefined {
    const { code, options, payload } = answer;
    const hasMore = payload.length > wanted.size.bytes;
    const response = hasMore ? tagged({ code, options, payload }) : { code, options, payload };
    const cut = cutBlock(response, wanted);
    if (!hasMore) return cut;
    this.#counters.blocksOut++;
    this.#bodies.keep(operation.key, operation.peer, response, now);
    return cut;
  }
}

/** `BadRequest`: of a block behind the end of the body. */
function failed(code: number): AnswerContent {
  return { code, options: [], payload: NOTHING };
}
