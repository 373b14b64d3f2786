import type { BlockCounters } from '../block/block-counters.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import { blockResponse, type ResponseHead, type WantedBlock } from '../block/response-block.ts';
import { ResponseCode } from '../wire/index.ts';
import type { EndpointStep } from './endpoint-event.ts';
import type { AnswerContent, EndpointServer } from './endpoint-server.ts';

/** A request that waits for a block. */
interface WaitingRequest {
  readonly exchangeId: number;
  readonly wanted: WantedBlock;
  /** Whether it said which block: the answer says it then, too. */
  readonly isAsked: boolean;
}

/** An answer whose body is asked for, block by block. */
interface AnswerStream extends ResponseHead {
  /** The number by which the handler knows the request that it answers. */
  readonly id: number;
  /** What tells it from others, as long as it is kept for later blocks. */
  key: string | undefined;
  readonly isSendingTold: boolean;
  /** The first is the one that is asked for. */
  readonly waiting: WaitingRequest[];
}

/** What streamed answers work with. */
export interface AnswerStreamsSurroundings {
  readonly server: EndpointServer;
  readonly counters: BlockCounters;
  /** Answers a request of a peer, with what else its answer needs. */
  readonly send: (exchangeId: number, streamId: number, answer: AnswerContent, step: EndpointStep) => void;
  /** Forgets that later blocks may be asked for. */
  readonly drop: (key: string, streamId: number) => void;
}

const NOTHING = new Uint8Array(0);

/**
 * The answers whose bodies are asked for block by block, and the requests that wait for a block.
 *
 * @see RFC 7959 §2.4
 */
export class AnswerStreams {
  readonly #surroundings: AnswerStreamsSurroundings;
  readonly #byId = new Map<number, AnswerStream>();
  readonly #streamOf = new Map<number, AnswerStream>();

  constructor(surroundings: AnswerStreamsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** How many bodies are asked for. */
  get count(): number {
    return this.#byId.size;
  }

  /** Begins to ask for the body of an answer. */
  begin(stream: Omit<AnswerStream, 'waiting'>, first: WaitingRequest, step: EndpointStep): void {
    const added: AnswerStream = { ...stream, waiting: [] };
    this.#byId.set(stream.id, added);
    this.#want(added, first, step);
  }

  /** Takes the request for a later block of a body that is kept. */
  take(streamId: number, request: WaitingRequest, step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    if (stream !== undefined) this.#want(stream, request, step);
  }

  /** Takes the bytes that begin at `offset`, as many as were asked for or up to the end. */
  provide(streamId: number, offset: number, part: BodyPart, step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    const [first] = stream?.waiting ?? [];
    if (stream === undefined || first?.wanted.offset !== offset) return;
    stream.waiting.shift();
    this.#streamOf.delete(first.exchangeId);
    try {
      this.#answer(stream, first, part, step);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // More blocks than have a number, or too long a message.
      this.#reply(first.exchangeId, stream, ResponseCode.InternalServerError, step);
    }
    this.#goOn(stream, step);
  }

  /** There are no such bytes. @param code what the peer is told */
  fail(streamId: number, code: number, step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    if (stream === undefined) return;
    for (const { exchangeId } of stream.waiting.splice(0)) {
      this.#streamOf.delete(exchangeId);
      this.#reply(exchangeId, stream, code, step);
    }
    this.#forget(stream, step);
  }

  /** A request got 5.03 for want of bytes. @returns the stream that it waited for, if it did for one */
  abandon(exchangeId: number, step: EndpointStep): number | undefined {
    const stream = this.#streamOf.get(exchangeId);
    if (stream === undefined) return undefined;
    // The bytes are late for all that wait.
    this.fail(stream.id, ResponseCode.ServiceUnavailable, step);
    return stream.id;
  }

  /** A body is not kept for later blocks any more. */
  end(streamId: number, step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    if (stream === undefined) return;
    // Who waits still gets the block; with the last of them it goes.
    stream.key = undefined;
    if (stream.waiting.length > 0) return;
    this.#byId.delete(streamId);
    step.told.push({ kind: 'body-dropped', exchangeId: streamId });
  }

  #want(stream: AnswerStream, request: WaitingRequest, step: EndpointStep): void {
    stream.waiting.push(request);
    this.#streamOf.set(request.exchangeId, stream);
    if (stream.waiting.length === 1) this.#ask(stream, request, step);
  }

  #ask({ id }: AnswerStream, { wanted }: WaitingRequest, step: EndpointStep): void {
    const { offset, size } = wanted;
    step.told.push({ kind: 'body-wanted', exchangeId: id, offset, length: size.bytes });
  }

  #goOn(stream: AnswerStream, step: EndpointStep): void {
    const [next] = stream.waiting;
    if (next !== undefined) this.#ask(stream, next, step);
    else if (stream.key === undefined) this.#forget(stream, step);
  }

  #answer(stream: AnswerStream, { exchangeId, wanted, isAsked }: WaitingRequest, part: BodyPart, step: EndpointStep) {
    const { code, options } = stream;
    const isSingle = part.isLast && wanted.offset === 0 && !isAsked;
    const content = isSingle ? { code, options, payload: part.payload } : blockResponse(stream, wanted, part);
    if (!isSingle) this.#surroundings.counters.blocksOut++;
    const { isSendingTold } = stream;
    // A later block can be made again at any time (RFC 7252 §4.5).
    const isRepeatable = wanted.offset > 0;
    this.#surroundings.send(exchangeId, stream.id, { ...content, isSendingTold, isRepeatable }, step);
    if (isSingle) this.#forget(stream, step);
  }

  #reply(exchangeId: number, { id, isSendingTold }: AnswerStream, code: number, step: EndpointStep): void {
    this.#surroundings.send(exchangeId, id, { code, options: [], payload: NOTHING, isSendingTold }, step);
  }

  #forget(stream: AnswerStream, step: EndpointStep): void {
    if (!this.#byId.delete(stream.id)) return;
    if (stream.key !== undefined) this.#surroundings.drop(stream.key, stream.id);
    step.told.push({ kind: 'body-dropped', exchangeId: stream.id });
  }
}
