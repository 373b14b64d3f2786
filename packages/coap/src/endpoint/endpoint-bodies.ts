import type { BlockCounters } from '../block/block-counters.ts';
import { blockOf, blockOption, firstValue, namesBlock, sizeOf, withoutOptions } from '../block/block-option.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import { operationKey } from '../block/operation-key.ts';
import { type AssemblyOutcome, RequestAssemblies } from '../block/request-assemblies.ts';
import { cutBlock, tagged } from '../block/response-block.ts';
import { ResponseBodies, type WholeResponse } from '../block/response-bodies.ts';
import type { Instant, PeerId } from '../effects.ts';
import type { NotificationContent } from '../observe/relations.ts';
import {
  BERT_SZX,
  type Block,
  blockUnitBytes,
  encodeUintOption,
  Method,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import type { EndpointEvent, EndpointStep } from './endpoint-event.ts';
import type { AnswerContent, EndpointServer } from './endpoint-server.ts';

/** What the server's bodies work with. */
export interface BodySurroundings {
  readonly server: EndpointServer;
  readonly parameters: BlockParameters;
  /** EXCHANGE_LIFETIME. */
  readonly exchangeLifetimeMs: number;
  readonly counters: BlockCounters;
}

type RequestEvent = Extract<EndpointEvent, { readonly kind: 'request' }>;

/** What a request said about blocks; its answer has to heed it. */
interface RequestBlocks {
  readonly block1: Block | undefined;
  readonly block2: Block | undefined;
}

/** How notifications of an observation are cut, and how the rest of them is asked for. */
interface ObserverBlocks {
  readonly peer: PeerId;
  readonly key: string;
  readonly szx: number;
}

const NOTHING = new Uint8Array(0);

/**
 * The server's half of block-wise transfer: assembles request bodies, so that a handler gets the whole and gets it once,
 * and cuts what it answers into blocks.
 *
 * @see RFC 7959 §2
 */
export class EndpointBodies {
  readonly #server: EndpointServer;
  readonly #parameters: BlockParameters;
  readonly #counters: BlockCounters;
  readonly #assemblies: RequestAssemblies;
  readonly #bodies: ResponseBodies;
  /** Of requests that are with the handler, where they have a block option. */
  readonly #requests = new Map<number, RequestBlocks>();
  readonly #observers = new Map<number, ObserverBlocks>();

  constructor(surroundings: BodySurroundings) {
    const { server, parameters, counters, exchangeLifetimeMs } = surroundings;
    this.#server = server;
    this.#parameters = parameters;
    this.#counters = counters;
    this.#assemblies = new RequestAssemblies(parameters, exchangeLifetimeMs, counters);
    this.#bodies = new ResponseBodies(parameters, exchangeLifetimeMs, counters);
  }

  /** How many bodies are held, and their memory. */
  gauges(): {
    readonly assemblies: number;
    readonly assemblyBytes: number;
    readonly responseBodies: number;
    readonly responseBodyBytes: number;
  } {
    return {
      assemblies: this.#assemblies.count,
      assemblyBytes: this.#assemblies.heldBytes,
      responseBodies: this.#bodies.count,
      responseBodyBytes: this.#bodies.heldBytes,
    };
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    const [assembly, body] = [this.#assemblies.nextAt, this.#bodies.nextAt];
    return assembly === undefined || body === undefined ? (assembly ?? body) : Math.min(assembly, body);
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
    if (block1?.szx === BERT_SZX || block2?.szx === BERT_SZX) {
      this.#reply(exchangeId, ResponseCode.BadRequest, [], step);
      return undefined;
    }
    const isLater = block2 !== undefined && block2.blockNumber > 0;
    if (block1 === undefined && isLater) return this.#handleLaterBlock(event, block2, step);
    const isWhole = block1 === undefined || (block1.blockNumber === 0 && !block1.more);
    if (!isWhole) this.#counters.blocksIn++;
    const whole = block1 === undefined ? event : this.#assemble(event, block1, step);
    if (whole !== undefined) this.#requests.set(exchangeId, { block1, block2 });
    return whole;
  }

  /**
   * Makes what is to be sent of what the handler answers.
   *
   * @throws {RangeError} a body of more blocks than have a number
   */
  answer(exchangeId: number, answer: AnswerContent, now: Instant): AnswerContent {
    const blocks = this.#requests.get(exchangeId);
    const { blockSzx } = this.#parameters;
    if (blocks === undefined && answer.payload.length <= blockUnitBytes(blockSzx)) return answer;
    const request = this.#server.request(exchangeId);
    if (request === undefined) return answer;
    const { peer, message } = request;
    const wanted = blocks?.block2 ?? { blockNumber: 0, more: false, szx: blockSzx };
    const mustCut = blocks?.block2 !== undefined || answer.payload.length > blockUnitBytes(blockSzx);
    let content = answer;
    // A handler that names the block has cut it himself.
    if (mustCut && firstValue(answer.options, OptionNumber.Block2) === undefined && answer.payload.length > 0) {
      const cut = this.#cut(answer, wanted, { peer, key: operationKey(peer, message.code, message.options) }, now);
      content = cut === undefined ? outOfRange() : { ...answer, ...cut };
    }
    const block1 = blocks?.block1;
    if (block1 === undefined) return content;
    // The final answer: M is not set (RFC 7959 §2.3).
    const acknowledged = blockOption(OptionNumber.Block1, { ...block1, more: false });
    return { ...content, options: [...content.options, acknowledged] };
  }

  /** The request is answered, or given up. */
  forgetRequest(exchangeId: number): void {
    this.#requests.delete(exchangeId);
  }

  /** A request is about to become an observation: its notifications are cut as its answer is (RFC 7959 §2.6). */
  noteObserver(relationId: number): void {
    const request = this.#server.request(relationId);
    if (request === undefined) return;
    const { peer, message } = request;
    const asked = this.#requests.get(relationId)?.block2?.szx ?? this.#parameters.blockSzx;
    const szx = Math.min(asked, this.#parameters.blockSzx);
    this.#observers.set(relationId, { peer, szx, key: operationKey(peer, message.code, message.options) });
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
    if (observer === undefined || content.payload.length <= blockUnitBytes(observer.szx)) return content;
    if (firstValue(content.options, OptionNumber.Block2) !== undefined) return content;
    const cut = this.#cut(content, { blockNumber: 0, more: false, szx: observer.szx }, observer, now);
    return { ...content, ...cut };
  }

  /** Forgets what is due, at most `workMax` bodies of each kind. */
  handleTimeout(workMax: number, now: Instant): void {
    this.#assemblies.handleTimeout(workMax, now);
    this.#bodies.handleTimeout(workMax, now);
  }

  /** A block of a response, beyond the first. */
  #handleLaterBlock(event: RequestEvent, block2: Block, step: EndpointStep): RequestEvent | undefined {
    const { peer, message, exchangeId } = event;
    const kept = this.#bodies.find(operationKey(peer, message.code, message.options), step.now);
    if (kept !== undefined) {
      const cut = cutBlock(kept, block2, this.#parameters.blockSzx);
      this.#counters.blocksOut++;
      this.#server.respond(exchangeId, cut ?? outOfRange(), step);
      return undefined;
    }
    const isSelfContained =
      message.code === Method.Get || (message.code === Method.Fetch && message.payload.length > 0);
    if (!isSelfContained) {
      // To ask the handler again would do it twice.
      this.#counters.blocksUnmatched++;
      this.#reply(exchangeId, ResponseCode.RequestEntityIncomplete, [], step);
      return undefined;
    }
    this.#counters.responseBodiesAskedAgain++;
    this.#requests.set(exchangeId, { block1: undefined, block2 });
    // An observation is of the whole: a later block is asked for without (RFC 7959 §2.6).
    return { ...event, options: withoutOptions(event.options, OptionNumber.Observe) };
  }

  #assemble(event: RequestEvent, block1: Block, step: EndpointStep): RequestEvent | undefined {
    const { peer, message, exchangeId, options } = event;
    const { payload } = message;
    const { blockSzx, bodyBytesMax } = this.#parameters;
    // "The block size implied by SZX MUST match the size of the payload in bytes, if the M bit is set" (RFC 7959 §2.3).
    if (block1.more && payload.length !== blockUnitBytes(block1.szx)) {
      this.#reply(exchangeId, ResponseCode.BadRequest, [], step);
      return undefined;
    }
    const key = operationKey(peer, message.code, message.options);
    const part = { key, peer, block: block1, payload, options };
    const outcome = this.#assemblies.take(part, sizeOf(options, OptionNumber.Size1), step.now);
    switch (outcome.kind) {
      case 'whole':
        return whole(event, outcome, block1.blockNumber === 0);
      case 'continue': {
        // The size that is preferred here; the number is that of the block that came (RFC 7959 §2.3).
        const control = blockOption(OptionNumber.Block1, { ...block1, szx: Math.min(block1.szx, blockSzx) });
        this.#reply(exchangeId, ResponseCode.Continue, [control], step);
        return undefined;
      }
      case 'incomplete':
        this.#reply(exchangeId, ResponseCode.RequestEntityIncomplete, [], step);
        return undefined;
      case 'too-large': {
        // A smaller SZX would say that smaller blocks help (RFC 7959 §2.9.3).
        const same = blockOption(OptionNumber.Block1, { ...block1, more: false });
        const size = encodeUintOption(OptionNumber.Size1, bodyBytesMax);
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

  /** Cuts a block, and keeps the whole where it has more. */
  #cut(
    answer: WholeResponse,
    wanted: Block,
    operation: { readonly peer: PeerId; readonly key: string },
    now: Instant,
  ): WholeResponse | undefined {
    const { code, options, payload } = answer;
    const { blockSzx } = this.#parameters;
    const hasMore = payload.length > blockUnitBytes(Math.min(wanted.szx, blockSzx));
    const response = hasMore ? tagged({ code, options, payload }) : { code, options, payload };
    const cut = cutBlock(response, wanted, blockSzx);
    if (!hasMore) return cut;
    this.#counters.blocksOut++;
    this.#bodies.keep(operation.key, operation.peer, response, now);
    return cut;
  }
}

/** What the handler is told of a request whose body is here: as if it had come in one message. */
function whole(
  event: RequestEvent,
  outcome: Extract<AssemblyOutcome, { readonly kind: 'whole' }>,
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

/** A block behind the end of the body. */
function outOfRange(): AnswerContent {
  return { code: ResponseCode.BadRequest, options: [], payload: NOTHING };
}
