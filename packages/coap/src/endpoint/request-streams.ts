import { blockOption } from '../block/block-option.ts';
import type { StreamEnd } from '../block/request-assemblies.ts';
import type { PeerId } from '../effects.ts';
import { type Block, codeClass, OptionNumber, ResponseCode } from '../wire/index.ts';
import type { EndpointStep, Failure } from './endpoint-event.ts';
import type { AnswerContent, EndpointServer } from './endpoint-server.ts';

/** A block that is with the asker. */
interface PendingBlock {
  /** The request that has it; more than one where the peer asked again. */
  readonly exchangeIds: number[];
  readonly block: Block;
}

/** A request whose body is passed on, block by block. */
class RequestStream {
  /** The number by which the handler knows the request: that of its first block. */
  readonly id: number;
  readonly peer: PeerId;
  /** In the order in which they came. */
  readonly pending: PendingBlock[] = [];
  /** Whether the last block came: its request is the one that is answered. */
  isWhole = false;
  /** What the handler answered before the body was whole: the rest of the body is not passed on any more. */
  answer: AnswerContent | undefined;

  constructor(id: number, peer: PeerId) {
    this.id = id;
    this.peer = peer;
  }
}

const NOTHING = new Uint8Array(0);

/** What streamed requests work with. */
export interface RequestStreamsSurroundings {
  readonly server: EndpointServer;
  /** The largest SZX that a 2.31 asks for. */
  readonly szxOf: (peer: PeerId) => number;
  /** Forgets what is known of a body: its rest is not wanted. */
  readonly dropAssembly: (streamId: number) => void;
  /** Answers a request of a peer with what the handler said. */
  readonly send: (exchangeId: number, streamId: number, answer: AnswerContent, step: EndpointStep) => void;
}

/**
 * The requests whose bodies are passed on block by block: which block waits for its 2.31, and which request for the
 * answer.
 *
 * @see RFC 7959 §2.3, §2.5
 */
export class RequestStreams {
  readonly #surroundings: RequestStreamsSurroundings;
  readonly #byId = new Map<number, RequestStream>();
  /** The stream of a request that has one of its blocks. */
  readonly #streamOf = new Map<number, RequestStream>();

  constructor(surroundings: RequestStreamsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** How many bodies are passed on. */
  get count(): number {
    return this.#byId.size;
  }

  /** Takes the block of a request, to be passed on. */
  take(
    streamId: number,
    part: { readonly exchangeId: number; readonly peer: PeerId; readonly block: Block; readonly payload: Uint8Array },
    step: EndpointStep,
  ): void {
    const { exchangeId, peer, block, payload } = part;
    let stream = this.#byId.get(streamId);
    if (stream === undefined) {
      stream = new RequestStream(streamId, peer);
      this.#byId.set(streamId, stream);
    }
    stream.pending.push({ exchangeIds: [exchangeId], block });
    this.#streamOf.set(exchangeId, stream);
    stream.isWhole = !block.more;
    if (stream.answer === undefined) {
      // Behind the request itself, where this is its first block.
      step.events.push({ kind: 'body-chunk', exchangeId: streamId, payload, isLast: !block.more });
    } else if (stream.isWhole || codeClass(stream.answer.code) !== 2) this.#settle(stream, stream.answer, step);
    else this.consume(streamId, step);
  }

  /** Takes a request that has again the block which came last. */
  takeAgain(streamId: number, exchangeId: number, block: Block, step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    const latest = stream?.pending.at(-1);
    if (stream === undefined || latest === undefined) {
      this.#continue(exchangeId, block, step);
      return;
    }
    latest.exchangeIds.push(exchangeId);
    this.#streamOf.set(exchangeId, stream);
  }

  /** The asker took the oldest block: the peer may send the next. That of the last is answered by the handler. */
  consume(streamId: number, step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    const [oldest] = stream?.pending ?? [];
    if (stream === undefined || oldest === undefined || !oldest.block.more) return;
    stream.pending.shift();
    for (const exchangeId of oldest.exchangeIds) {
      this.#streamOf.delete(exchangeId);
      this.#continue(exchangeId, oldest.block, step);
    }
  }

  /**
   * Takes the answer of the handler.
   *
   * @returns `false`: it is not about a body that is passed on
   */
  respond(streamId: number, answer: AnswerContent, step: EndpointStep): boolean {
    const stream = this.#byId.get(streamId);
    if (stream === undefined) return false;
    const mayWait = codeClass(answer.code) === 2 ? !stream.isWhole : stream.pending.length === 0;
    if (!mayWait) this.#settle(stream, answer, step);
    else {
      // An error is told with the next block, a success with the last one (RFC 7959 §2.3, §2.9).
      stream.answer = answer;
      while (stream.pending.length > 0) this.consume(streamId, step);
    }
    return true;
  }

  /** A request got 5.03 for want of an answer. @returns the stream that it was of, if it was of one */
  abandon(exchangeId: number): number | undefined {
    const stream = this.#streamOf.get(exchangeId);
    if (stream === undefined) return undefined;
    this.#forget(stream);
    this.#surroundings.dropAssembly(stream.id);
    return stream.id;
  }

  /** The rest of a body does not come. */
  end(streamId: number, reason: StreamEnd | 'unreachable', step: EndpointStep): void {
    const stream = this.#byId.get(streamId);
    if (stream === undefined) return;
    this.#forget(stream);
    for (const { exchangeIds } of stream.pending) {
      for (const exchangeId of exchangeIds) this.#reply(exchangeId, ResponseCode.RequestEntityIncomplete, step);
    }
    if (stream.answer === undefined) {
      step.told.push({ kind: 'body-failed', exchangeId: streamId, failure: failureOf(reason) });
      return;
    }
    if (stream.answer.isSendingTold === true) step.told.push({ kind: 'unsent', exchangeId: streamId });
    if (stream.answer.body !== undefined) step.told.push({ kind: 'body-dropped', exchangeId: streamId });
  }

  /** A peer cannot be reached: no body of it will be whole. */
  handleUnreachable(peer: PeerId, step: EndpointStep): void {
    for (const stream of [...this.#byId.values()]) {
      if (stream.peer !== peer || stream.isWhole) continue;
      this.#surroundings.dropAssembly(stream.id);
      this.end(stream.id, 'unreachable', step);
    }
  }

  /** Answers the request that has the newest block; those before it go on. */
  #settle(stream: RequestStream, answer: AnswerContent, step: EndpointStep): void {
    while (stream.pending.length > 1) this.consume(stream.id, step);
    const newest = stream.pending[0]?.exchangeIds.at(-1);
    if (newest === undefined) return;
    this.#surroundings.send(newest, stream.id, answer, step);
    this.#forget(stream);
    if (!stream.isWhole) this.#surroundings.dropAssembly(stream.id);
    for (const exchangeId of stream.pending[0]?.exchangeIds ?? []) {
      // The peer itself has given those up for the newest.
      if (exchangeId !== newest) this.#reply(exchangeId, ResponseCode.ServiceUnavailable, step);
    }
  }

  #forget(stream: RequestStream): void {
    this.#byId.delete(stream.id);
    for (const { exchangeIds } of stream.pending) for (const id of exchangeIds) this.#streamOf.delete(id);
  }

  #continue(exchangeId: number, block: Block, step: EndpointStep): void {
    const peer = this.#surroundings.server.request(exchangeId)?.peer;
    const szx = peer === undefined ? block.szx : Math.min(block.szx, this.#surroundings.szxOf(peer));
    const options = [blockOption(OptionNumber.Block1, { ...block, szx })];
    // Again it would be acknowledged again; number 0 would begin anew.
    const isRepeatable = block.blockNumber > 0;
    const { Continue: code } = ResponseCode;
    this.#surroundings.server.respond(exchangeId, { code, options, payload: NOTHING, isRepeatable }, step);
  }

  #reply(exchangeId: number, code: number, step: EndpointStep): void {
    this.#surroundings.server.respond(exchangeId, { code, options: [], payload: NOTHING }, step);
  }
}

function failureOf(reason: StreamEnd | 'unreachable'): Failure {
  switch (reason) {
    case 'expired':
      return { reason: 'timeout', detail: 'the next block did not come within EXCHANGE_LIFETIME' };
    case 'evicted':
      return { reason: 'queue-full', detail: 'assembliesPerPeerMax' };
    case 'replaced':
      return { reason: 'body-changed', detail: 'the peer began the same request anew', section: 'RFC 7959 §2.5' };
    case 'unreachable':
      return { reason: 'unreachable', detail: 'the network says that nobody is there' };
  }
}
