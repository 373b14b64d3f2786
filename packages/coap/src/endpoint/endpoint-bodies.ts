import type { BlockCounters } from '../block/block-counters.ts';
import { blockOf, blockOption, firstValue, namesBlock, sizeOf, withoutOptions } from '../block/block-option.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import { isWholeBlock } from '../block/block-size.ts';
import { operationKey } from '../block/operation-key.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import { type AssemblyOutcome, RequestAssemblies } from '../block/request-assemblies.ts';
import { earlier, type Instant, type PeerId } from '../effects.ts';
import type { NotificationContent } from '../observe/relations.ts';
import { BERT_SZX, type Block, encodeUintOption, type Option, OptionNumber, ResponseCode } from '../wire/index.ts';
import { type AnswerSurroundings, EndpointAnswers } from './endpoint-answers.ts';
import type { EndpointEvent, EndpointStep } from './endpoint-event.ts';
import type { AnswerContent, EndpointServer } from './endpoint-server.ts';
import { RequestStreams } from './request-streams.ts';

/** What the server's bodies work with. */
export interface BodySurroundings extends AnswerSurroundings {
  /** Whether the body of a request, of which the first block came, is to be passed on block by block. */
  readonly streamsRequestBody: ((event: RequestEvent) => boolean) | undefined;
}

type RequestEvent = Extract<EndpointEvent, { readonly kind: 'request' }>;

const NOTHING = new Uint8Array(0);

/**
 * The server's half of block-wise transfer: assembles request bodies, so that a handler gets the whole and gets it once,
 * and cuts what it answers into blocks.
 *
 * @see RFC 7959 §2
 */
export class EndpointBodies {
  readonly #surroundings: BodySurroundings;
  readonly #server: EndpointServer;
  readonly #parameters: BlockParameters;
  readonly #counters: BlockCounters;
  readonly #assemblies: RequestAssemblies;
  readonly #requestStreams: RequestStreams;
  readonly #answers: EndpointAnswers;

  constructor(surroundings: BodySurroundings) {
    const { server, parameters, counters, exchangeLifetimeMs } = surroundings;
    this.#surroundings = surroundings;
    this.#server = server;
    this.#parameters = parameters;
    this.#counters = counters;
    this.#assemblies = new RequestAssemblies(parameters, exchangeLifetimeMs, counters);
    this.#answers = new EndpointAnswers(surroundings);
    this.#requestStreams = new RequestStreams({
      server,
      szxOf: (peer) => this.#answers.blocksOf(peer).szx,
      dropAssembly: (streamId) => this.#assemblies.dropStream(streamId),
      send: (exchangeId, streamId, answer, step) => this.#answers.answer(exchangeId, streamId, answer, step),
    });
  }

  /** How many bodies are held, and their memory. */
  gauges(): {
    readonly assemblies: number;
    readonly assemblyBytes: number;
    readonly responseBodies: number;
    readonly responseBodyBytes: number;
    readonly requestStreams: number;
    readonly answerStreams: number;
  } {
    return {
      requestStreams: this.#requestStreams.count,
      assemblies: this.#assemblies.count,
      assemblyBytes: this.#assemblies.heldBytes,
      ...this.#answers.gauges(),
    };
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return earlier(this.#assemblies.nextAt, this.#answers.wakeAt);
  }

  /**
   * Takes a request.
   *
   * @returns what the handler is told; `undefined`: nothing, the request is answered here
   */
  handleRequest(event: RequestEvent, step: EndpointStep): RequestEvent | undefined {
    const { options, exchangeId } = event;
    if (!namesBlock(options)) return event;
    const block1 = blockOf(options, OptionNumber.Block1);
    const block2 = blockOf(options, OptionNumber.Block2);
    // "MUST lead to a 4.00 Bad Request response code upon reception in a request" (RFC 7959 §2.2).
    const isBert = block1?.szx === BERT_SZX || block2?.szx === BERT_SZX;
    if (isBert && this.#surroundings.blockLimits(event.peer) === undefined) {
      this.#reply(exchangeId, ResponseCode.BadRequest, [], step);
      return undefined;
    }
    const isLater = block2 !== undefined && block2.blockNumber > 0;
    if (block1 === undefined && isLater) return this.#answers.handleLaterBlock(event, block2, step);
    const isWhole = block1 === undefined || (block1.blockNumber === 0 && !block1.more);
    if (!isWhole) this.#counters.blocksIn++;
    return block1 === undefined ? event : this.#assemble(event, block1, step);
  }

  /**
   * Answers a request with what the handler says.
   *
   * @throws {RangeError} an answer that does not fit a datagram, or a body of more blocks than have a number
   */
  respond(exchangeId: number, answer: AnswerContent, step: EndpointStep): void {
    if (!this.#requestStreams.respond(exchangeId, answer, step))
      this.#answers.answer(exchangeId, exchangeId, answer, step);
  }

  /** The handler took what came with `body-chunk`. */
  consumeBody(exchangeId: number, step: EndpointStep): void {
    this.#requestStreams.consume(exchangeId, step);
  }

  /** Takes the bytes that were asked for with `body-wanted`. */
  provideBody(exchangeId: number, offset: number, part: BodyPart, step: EndpointStep): void {
    this.#answers.provide(exchangeId, offset, part, step);
  }

  /** The bytes that were asked for with `body-wanted` cannot be had. */
  failBody(exchangeId: number, code: number, step: EndpointStep): void {
    this.#answers.fail(exchangeId, code, step);
  }

  /**
   * Takes what the server's half tells of a request, and puts in the number by which the handler knows it.
   */
  rename(
    event: Extract<EndpointEvent, { readonly kind: 'answered' | 'unsent' | 'abandoned' }>,
    step: EndpointStep,
  ): EndpointEvent {
    const { exchangeId } = event;
    if (event.kind !== 'abandoned') return { kind: event.kind, exchangeId: this.#answers.takeName(exchangeId) };
    const name = this.#requestStreams.abandon(exchangeId) ?? this.#answers.abandon(exchangeId, step);
    return { ...event, exchangeId: name ?? exchangeId };
  }

  /** Tells which bodies ended before their end; at the end of every step. */
  tellEnds(step: EndpointStep): void {
    for (const { streamId, reason } of this.#assemblies.takeEnded()) this.#requestStreams.end(streamId, reason, step);
    this.#answers.tellEnds(step);
  }

  /** A peer cannot be reached. */
  handleUnreachable(peer: PeerId, step: EndpointStep): void {
    this.#requestStreams.handleUnreachable(peer, step);
  }

  /** A request is about to become an observation. */
  noteObserver(relationId: number): void {
    this.#answers.noteObserver(relationId);
  }

  /** The observation ended. */
  forgetObserver(relationId: number): void {
    this.#answers.forgetObserver(relationId);
  }

  /**
   * Makes a notification of what is to be told.
   *
   * @throws {RangeError} a body of more blocks than have a number
   */
  notification(relationId: number, content: NotificationContent, now: Instant): NotificationContent {
    return this.#answers.notification(relationId, content, now);
  }

  /** Forgets what is due, at most `workMax` bodies of each kind. */
  handleTimeout(workMax: number, now: Instant): void {
    this.#assemblies.handleTimeout(workMax, now);
    this.#answers.handleTimeout(workMax, now);
  }

  #assemble(event: RequestEvent, block1: Block, step: EndpointStep): RequestEvent | undefined {
    const { peer, message, exchangeId, options } = event;
    const { payload } = message;
    // "The block size implied by SZX MUST match the size of the payload in bytes, if the M bit is set" (RFC 7959 §2.3).
    if (block1.more && !isWholeBlock(block1.szx, payload.length)) {
      this.#reply(exchangeId, ResponseCode.BadRequest, [], step);
      return undefined;
    }
    const key = operationKey(peer, message.code, message.options);
    const isStream = block1.blockNumber === 0 && block1.more && this.#isStreamed(event);
    const streamId = isStream ? exchangeId : undefined;
    const part = { key, peer, block: block1, payload, options, streamId };
    const outcome = this.#assemblies.take(part, sizeOf(options, OptionNumber.Size1), step.now);
    switch (outcome.kind) {
      case 'whole':
        return whole(event, outcome, block1.blockNumber === 0);
      case 'continue': {
        // The size that is preferred here; the number is that of the block that came (RFC 7959 §2.3).
        const szx = Math.min(block1.szx, this.#answers.blocksOf(peer).szx);
        this.#reply(exchangeId, ResponseCode.Continue, [blockOption(OptionNumber.Block1, { ...block1, szx })], step);
        return undefined;
      }
      case 'chunk':
        this.#requestStreams.take(outcome.streamId, { exchangeId, peer, block: block1, payload }, step);
        if (streamId === undefined) return undefined;
        this.#counters.bodiesStreamed++;
        return { ...whole(event, { payload: NOTHING, firstOptions: options }, true), isStreamed: true };
      case 'again':
        this.#requestStreams.takeAgain(outcome.streamId, exchangeId, block1, step);
        return undefined;
      case 'incomplete':
        this.#reply(exchangeId, ResponseCode.RequestEntityIncomplete, [], step);
        return undefined;
      case 'too-large': {
        // A smaller SZX would say that smaller blocks help (RFC 7959 §2.9.3).
        const same = blockOption(OptionNumber.Block1, { ...block1, more: false });
        const size = encodeUintOption(OptionNumber.Size1, this.#parameters.bodyBytesMax);
        this.#reply(exchangeId, ResponseCode.RequestEntityTooLarge, [same, size], step);
        return undefined;
      }
      case 'full':
        this.#reply(exchangeId, ResponseCode.ServiceUnavailable, [], step);
        return undefined;
    }
  }

  #reply(exchangeId: number, code: number, options: readonly Option[], step: EndpointStep): void {
    this.#server.respond(exchangeId, { code, options, payload: NOTHING }, step);
  }

  /** An observation is about one body, which is needed as a whole for its notifications. */
  #isStreamed(event: RequestEvent): boolean {
    const { streamsRequestBody } = this.#surroundings;
    if (streamsRequestBody === undefined) return false;
    return firstValue(event.options, OptionNumber.Observe) === undefined && streamsRequestBody(event);
  }
}

/** What the handler is told of a request whose body is here: as if it had come in one message. */
function whole(
  event: RequestEvent,
  outcome: Pick<Extract<AssemblyOutcome, { readonly kind: 'whole' }>, 'payload' | 'firstOptions'>,
  isSingle: boolean,
): RequestEvent {
  const { type, code, messageId, token } = event.message;
  const { Block1, Size1, IfNoneMatch } = OptionNumber;
  // Only the first block has it (RFC 7959 §2.10).
  const first = isSingle ? [] : outcome.firstOptions.filter(({ number }) => number === IfNoneMatch);
  const own = withoutOptions(event.options, Block1, Size1, ...(isSingle ? [] : [IfNoneMatch]));
  const options = first.length === 0 ? own : [...own, ...first].toSorted((left, right) => left.number - right.number);
  return { ...event, options, message: { type, code, messageId, token, options, payload: outcome.payload } };
}
