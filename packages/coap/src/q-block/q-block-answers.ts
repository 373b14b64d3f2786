import { withoutOptions } from '../block/block-option.ts';
import { tagged } from '../block/response-block.ts';
import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import type { OutgoingMessage } from '../messaging.ts';
import {
  BLOCK_NUMBER_MAX,
  type Block,
  blockUnitBytes,
  encodeUintOption,
  type Option,
  OptionNumber,
} from '../wire/index.ts';
import { Burst } from './burst.ts';
import { type LowerContext, Part, type QBlockStep } from './lower-layer.ts';
import { qBlockOption, wantedBlocks } from './q-block-option.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';
import { randomFraction } from './random-fraction.ts';

/** A response with a body of several blocks, as it is to be sent. */
export interface AnswerInit<Context> {
  /** What tells the operation that it answers from others. */
  readonly key: string;
  readonly peer: PeerId;
  readonly token: Uint8Array;
  readonly code: number;
  readonly options: readonly Option[];
  readonly payload: Uint8Array;
  readonly isConfirmable: boolean;
  readonly szx: number;
  /** Which blocks are wanted. */
  readonly asked: readonly Block[];
  /** Of the response or notification; the blocks that go at once have it. */
  readonly context: LowerContext<Context>;
  /** Sends the first of the wanted blocks another way: in an Acknowledgement. */
  readonly piggyback: ((options: readonly Option[], payload: Uint8Array) => void) | undefined;
}

/** A body that was sent, and is kept for what the peer misses. */
interface KeptBody<Context> extends Timer {
  readonly key: string;
  readonly peer: PeerId;
  readonly code: number;
  /** Without Observe. */
  readonly options: readonly Option[];
  readonly observe: Option | undefined;
  readonly payload: Uint8Array;
  readonly szx: number;
  readonly blockCount: number;
  /** Of the request that it answers. */
  readonly token: Uint8Array;
  readonly context: LowerContext<Context>;
  readonly part: Part<Context>;
  readonly isConfirmable: boolean;
  readonly burst: Burst;
  /** Confirmable: blocks that are still to go, and with which token. */
  queue: { readonly blockNumber: number; readonly token: Uint8Array }[];
  /** Confirmable: whether a block behind the first is under way. */
  isSending: boolean;
  /** A newer notification, which goes when this one has arrived. */
  successor: OutgoingMessage | undefined;
  expiresAt: Instant;
}

/** Sends a notification. */
type GoOn<Context> = (peer: PeerId, message: OutgoingMessage, context: Context, step: QBlockStep<Context>) => void;

const { Observe, QBlock2, Size2 } = OptionNumber;

/**
 * The bodies of responses and notifications, cut into Q-Block2.
 *
 * @see RFC 9177 §4.4
 */
export class QBlockAnswers<Context extends object> {
  readonly #surroundings: QBlockSurroundings<Context>;
  readonly #goOn: GoOn<Context>;
  /** Oldest first. */
  readonly #bodies = new Map<string, KeptBody<Context>>();
  readonly #timers = new DeadlineHeap<KeptBody<Context>>();
  #heldBytes = 0;

  /** @param goOn sends a notification that waited */
  constructor(surroundings: QBlockSurroundings<Context>, goOn: GoOn<Context>) {
    this.#surroundings = surroundings;
    this.#goOn = goOn;
  }

  /** How many bodies are kept. */
  get count(): number {
    return this.#bodies.size;
  }

  /** The memory of the bodies that are kept, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /**
   * Sends a body, or the blocks of it that are wanted, and keeps it.
   *
   * @returns `false`: no such block
   * @throws {RangeError} a body of more blocks than have a number, or a block that does not fit a datagram
   */
  send(init: AnswerInit<Context>, step: QBlockStep<Context>): boolean {
    const { maxPayloads, nonTimeoutMs, ackRandomFactor, nonPartialTimeoutMs } = this.#surroundings.parameters;
    const { key, peer, szx, isConfirmable, payload, context } = init;
    const blockCount = Math.ceil(payload.length / blockUnitBytes(szx));
    if (blockCount > BLOCK_NUMBER_MAX + 1) throw new RangeError('a body of more blocks than have a number');
    const wanted = wantedBlocks(init.asked, maxPayloads, blockCount);
    if (wanted?.[0] === undefined) return false;
    const { options } = tagged({ code: init.code, options: init.options, payload });
    const delayMs = nonTimeoutMs * (1 + randomFraction(this.#surroundings.random) * (ackRandomFactor - 1));
    const observe = options.find(({ number }) => number === Observe);
    const body: KeptBody<Context> = {
      key,
      peer,
      code: init.code,
      options: [...withoutOptions(options, Observe, Size2), encodeUintOption(Size2, payload.length)],
      observe,
      payload,
      szx,
      blockCount,
      token: init.token.slice(),
      context,
      part: new Part<Context>((event, inner) => this.#handlePart(body, event.kind, inner)),
      isConfirmable,
      burst: new Burst({ blockCount, maxPayloads, nonTimeoutMs, delayMs }, step.now),
      queue: [],
      isSending: false,
      successor: undefined,
      expiresAt: step.now + nonPartialTimeoutMs,
      deadline: step.now,
      heapIndex: -1,
    };
    this.#sendFirst(body, wanted, init.piggyback, step);
    this.#keep(body, step);
    this.#pump(body, step);
    return true;
  }

  /** Whether a body is kept for what its peer misses, in blocks of this size. */
  has(key: string, szx: number): boolean {
    return this.#bodies.get(key)?.szx === szx;
  }

  /**
   * Sends what a peer misses.
   *
   * @param token of the request that says so
   * @returns `false`: the request asks for no block, or out of order
   */
  sendMissing(key: string, asked: readonly Block[], token: Uint8Array, step: QBlockStep<Context>): boolean {
    const { maxPayloads, nonPartialTimeoutMs } = this.#surroundings.parameters;
    const body = this.#bodies.get(key);
    if (body === undefined) return false;
    const wanted = wantedBlocks(asked, maxPayloads, body.blockCount);
    if (wanted?.[0] === undefined) return false;
    body.expiresAt = step.now + nonPartialTimeoutMs;
    this.#surroundings.counters.qBlockRecoveries++;
    if (body.isConfirmable) {
      const isIdle = !body.isSending;
      const queued = new Set(body.queue.map(({ blockNumber }) => blockNumber));
      for (const blockNumber of wanted) {
        if (!queued.has(blockNumber)) body.queue.push({ blockNumber, token: token.slice() });
      }
      if (isIdle) this.#sendNext(body, step);
    } else {
      const again = body.burst.takeMissing(wanted, step.now);
      for (const blockNumber of again) this.#sendBlock(body, blockNumber, { token, observe: undefined }, step);
    }
    this.#arm(body);
    return true;
  }

  /** The peer has all blocks below a number (RFC 9177 §4.4). */
  continueFrom(key: string, blockNumber: number, step: QBlockStep<Context>): void {
    const body = this.#bodies.get(key);
    if (body === undefined) return;
    body.burst.continueFrom(blockNumber, step.now);
    this.#pump(body, step);
  }

  /**
   * Lets a newer notification wait for the Confirmable one that is being sent, so that an observer that is gone is found
   * out by it (RFC 7641 §4.5.2).
   *
   * @returns `false`: nothing is being sent
   */
  supersede(context: Context, successor: OutgoingMessage): boolean {
    for (const body of this.#bodies.values()) {
      if (body.context !== context || !body.isSending) continue;
      body.successor = successor;
      return true;
    }
    return false;
  }

  /** Nobody wants what is sent with a context. */
  stop(context: Context, step: QBlockStep<Context>): void {
    for (const body of [...this.#bodies.values()]) if (body.context === context) this.#drop(body, step);
  }

  /** Sends what the pace allows, and forgets what is over. */
  handleTimeout(workMax: number, step: QBlockStep<Context>): void {
    for (let work = 0; work < workMax; work++) {
      const body = this.#timers.takeDue(step.now);
      if (body === undefined) return;
      if (body.expiresAt <= step.now) this.#drop(body, step);
      else this.#pump(body, step);
    }
  }

  #sendFirst(
    body: KeptBody<Context>,
    wanted: readonly number[],
    piggyback: AnswerInit<Context>['piggyback'],
    step: QBlockStep<Context>,
  ): void {
    const [first = 0, ...others] = wanted;
    if (!body.isConfirmable) {
      body.burst.addMissing(wanted, step.now);
      return;
    }
    if (piggyback === undefined) {
      this.#sendBlock(body, first, { token: body.token, observe: body.observe, context: body.context }, step);
    } else {
      const { options, payload } = blockOf(body, first, body.observe);
      this.#surroundings.counters.qBlocksOut++;
      piggyback(options, payload);
    }
    body.queue = others.map((blockNumber) => ({ blockNumber, token: body.token }));
    this.#sendNext(body, step);
  }

  #handlePart(body: KeptBody<Context>, kind: string, step: QBlockStep<Context>): void {
    if (this.#bodies.get(body.key) !== body || kind === 'sent') return;
    if (kind === 'acknowledged') {
      this.#sendNext(body, step);
      return;
    }
    // "The server will detect failure to send a packet and SHOULD terminate the body transfer" (RFC 9177 §4.4).
    body.queue = [];
    body.isSending = false;
    const { context, observe } = body;
    if (observe === undefined || context instanceof Part) return;
    // Of a notification, every block is the notification: its observer is gone.
    this.#drop(body, step);
    if (kind === 'reset') step.events.push({ kind: 'reset', context });
    else step.events.push({ kind: 'gave-up', context, reason: 'timeout' });
  }

  #pump(body: KeptBody<Context>, step: QBlockStep<Context>): void {
    const { token, observe, context } = body;
    for (const blockNumber of body.burst.take(step.now)) {
      this.#sendBlock(body, blockNumber, { token, observe, context }, step);
    }
    this.#arm(body);
  }

  #sendNext(body: KeptBody<Context>, step: QBlockStep<Context>): void {
    const next = body.queue.shift();
    body.isSending = next !== undefined;
    if (next === undefined) {
      const { successor, context, peer } = body;
      body.successor = undefined;
      if (successor !== undefined && !(context instanceof Part)) this.#goOn(peer, successor, context, step);
      return;
    }
    const isOwn = next.token === body.token;
    this.#sendBlock(body, next.blockNumber, { token: next.token, observe: isOwn ? body.observe : undefined }, step);
  }

  #sendBlock(
    body: KeptBody<Context>,
    blockNumber: number,
    how: {
      readonly token: Uint8Array;
      readonly observe: Option | undefined;
      readonly context?: LowerContext<Context>;
    },
    step: QBlockStep<Context>,
  ): void {
    const { peer, code, isConfirmable, part } = body;
    this.#surroundings.counters.qBlocksOut++;
    const { options, payload } = blockOf(body, blockNumber, how.observe);
    const message = { isConfirmable, code, token: how.token, options, payload };
    this.#surroundings.lower.send(peer, message, how.context ?? part, step);
  }

  #keep(body: KeptBody<Context>, step: QBlockStep<Context>): void {
    const { responsesMax, responseBytesMax } = this.#surroundings.parameters;
    const former = this.#bodies.get(body.key);
    if (former !== undefined) this.#drop(former, step);
    for (const oldest of this.#bodies.values()) {
      const fits = this.#bodies.size < responsesMax && this.#heldBytes + body.payload.length <= responseBytesMax;
      if (fits) break;
      this.#surroundings.counters.qBlockResponsesEvicted++;
      this.#drop(oldest, step);
    }
    this.#bodies.set(body.key, body);
    this.#heldBytes += body.payload.length;
    this.#arm(body);
  }

  #arm(body: KeptBody<Context>): void {
    if (this.#bodies.get(body.key) !== body) return;
    body.deadline = Math.min(body.expiresAt, body.burst.nextAt ?? Number.POSITIVE_INFINITY);
    this.#timers.arm(body);
  }

  #drop(body: KeptBody<Context>, step: QBlockStep<Context>): void {
    this.#bodies.delete(body.key);
    this.#timers.remove(body);
    this.#heldBytes -= body.payload.length;
    this.#surroundings.lower.stop(body.part, step);
  }
}

/** What a block says: "the Observe value MUST be the same for all the payloads of the same body" (RFC 9177 §4.5). */
function blockOf(
  body: Pick<KeptBody<object>, 'szx' | 'blockCount' | 'payload' | 'options'>,
  blockNumber: number,
  observe: Option | undefined,
): { readonly options: readonly Option[]; readonly payload: Uint8Array } {
  const { szx, blockCount, payload } = body;
  const unit = blockUnitBytes(szx);
  const block = qBlockOption(QBlock2, { blockNumber, more: blockNumber + 1 < blockCount, szx });
  const options = [...body.options, ...(observe === undefined ? [] : [observe]), block];
  return { options, payload: payload.subarray(blockNumber * unit, (blockNumber + 1) * unit) };
}
