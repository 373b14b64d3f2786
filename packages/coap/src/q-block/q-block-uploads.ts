import { firstValue, sizeOf, withoutOptions } from '../block/block-option.ts';
import { operationKey } from '../block/operation-key.ts';
import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import type { PiggybackedResponse } from '../messaging.ts';
import {
  type Block,
  type DecodedMessage,
  encodeUintOption,
  MessageType,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import { Part, type QBlockStep } from './lower-layer.ts';
import { encodeMissingBlocks, MISSING_BLOCKS_CONTENT_FORMAT } from './missing-blocks.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';
import { ReceivingBody } from './receiving-body.ts';
import { rewritten } from './rewritten.ts';

/** A request body that is being received, or was. */
export interface IncomingUpload<Context> extends Timer {
  readonly key: string;
  readonly peer: PeerId;
  /** The size that was announced. */
  readonly size: number;
  /** `undefined`: it came whole, and went to the handler. */
  body: ReceivingBody | undefined;
  /** The token of the block that came last: answers carry it. */
  token: Uint8Array;
  /** When it is forgotten. */
  expiresAt: Instant;
  /** Whether it takes memory, or the handler's time. */
  isUnderWay: boolean;
  /** What the handler answered; `undefined`: nothing yet. */
  answer: UploadAnswer | undefined;
  /** Whether its blocks come as Confirmable messages. */
  readonly isConfirmable: boolean;
  /** Hears what becomes of the reports about it. */
  readonly part: Part<Context>;
}

/** What a peer gets that sends a block of a body again which was answered. */
export interface UploadAnswer extends Omit<PiggybackedResponse, 'token'> {
  /** The key of a body that goes in Q-Block2. */
  readonly bodyKey: string | undefined;
}

/** What uploads work with. */
export interface UploadSurroundings<Context extends object> extends QBlockSurroundings<Context> {
  /** Refuses a request. */
  readonly refuse: (
    peer: PeerId,
    message: DecodedMessage,
    code: number,
    options: readonly Option[],
    step: QBlockStep<Context>,
  ) => void;
  /** Passes a whole request on. */
  readonly pass: (
    request: DecodedMessage,
    original: DecodedMessage,
    upload: IncomingUpload<Context>,
    step: QBlockStep<Context>,
  ) => void;
  /** Answers a block of a body that was answered already. */
  readonly answerAgain: (
    message: DecodedMessage,
    upload: IncomingUpload<Context>,
    answer: UploadAnswer,
    step: QBlockStep<Context>,
  ) => void;
}

/** What one peer has of what all may have. */
interface Share {
  /** Bodies that are received, or remembered as received. */
  count: number;
  /** Those of them that take memory, or a handler's time. */
  underWay: number;
  /** The memory that is set aside for them. */
  bytes: number;
}

const NOTHING = new Uint8Array(0);
const { ContentFormat, QBlock1, QBlock2, RequestTag, Size1 } = OptionNumber;

/**
 * The bodies of requests, out of their Q-Block1.
 *
 * @see RFC 9177 §4.3
 */
export class QBlockUploads<Context extends object> {
  readonly #surroundings: UploadSurroundings<Context>;
  readonly #uploads = new Map<string, IncomingUpload<Context>>();
  readonly #timers = new DeadlineHeap<IncomingUpload<Context>>();
  readonly #shareOf = new Map<PeerId, Share>();
  #heldBytes = 0;

  constructor(surroundings: UploadSurroundings<Context>) {
    this.#surroundings = surroundings;
  }

  /** How many bodies are received, or remembered as received. */
  get count(): number {
    return this.#uploads.size;
  }

  /** The memory that is set aside for bodies, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /** Takes a request with Q-Block1. */
  handleBlock(peer: PeerId, message: DecodedMessage, block: Block, step: QBlockStep<Context>): void {
    const { refuse, counters, parameters } = this.#surroundings;
    const size = sizeOf(message.options, Size1);
    if (size === undefined || firstValue(message.options, RequestTag) === undefined) {
      // "MUST be returned if the request does not include a Request-Tag option or a Size1 option" (RFC 9177 §4.3).
      refuse(peer, message, ResponseCode.BadRequest, [], step);
      return;
    }
    if (size > parameters.bodyBytesMax) {
      const most = encodeUintOption(Size1, parameters.bodyBytesMax);
      refuse(peer, message, ResponseCode.RequestEntityTooLarge, [most], step);
      return;
    }
    const key = operationKey(peer, message.code, withoutOptions(message.options, QBlock1, QBlock2));
    const upload = this.#uploads.get(key) ?? this.#open(key, peer, { szx: block.szx, size, message }, step.now);
    if (upload === undefined) {
      counters.qBlockUploadsRefused++;
      refuse(peer, message, ResponseCode.ServiceUnavailable, [], step);
      return;
    }
    this.#take(upload, block, message, step);
  }

  /** The handler answered. */
  noteAnswer(upload: IncomingUpload<Context>, answer: UploadAnswer, now: Instant): void {
    upload.answer = answer;
    this.#settle(upload);
    this.#touch(upload, now);
  }

  /** Asks for what is missing, and forgets what is over. */
  handleTimeout(workMax: number, step: QBlockStep<Context>): void {
    for (let work = 0; work < workMax; work++) {
      const upload = this.#timers.takeDue(step.now);
      if (upload === undefined) return;
      const { body } = upload;
      if (upload.expiresAt <= step.now) this.#drop(upload, step);
      else if (body !== undefined && body.askAt <= step.now) this.#askAgain(upload, body, step);
      this.#arm(upload);
    }
  }

  #take(upload: IncomingUpload<Context>, block: Block, message: DecodedMessage, step: QBlockStep<Context>): void {
    const { refuse, counters, lower, answerAgain, pass } = this.#surroundings;
    const { body, peer } = upload;
    const isConfirmable = message.type === MessageType.Confirmable;
    if (body === undefined) {
      // "it MUST ignore the payload of the packet but MUST still respond as if the block was received for the first
      // time" (RFC 9177 §4.3).
      counters.qBlocksDuplicate++;
      if (upload.answer !== undefined) answerAgain(message, upload, upload.answer, step);
      else if (isConfirmable) lower.acknowledge(peer, message.messageId, step);
      return;
    }
    const outcome = body.take(block, message.payload, step.now);
    if (outcome === 'wrong') {
      counters.qBlocksWrong++;
      refuse(peer, message, ResponseCode.BadRequest, [], step);
      return;
    }
    if (outcome === 'new') counters.qBlocksIn++;
    else counters.qBlocksDuplicate++;
    upload.token = message.token.slice();
    this.#touch(upload, step.now);
    lower.stop(upload.part, step);
    if (body.isWhole) {
      upload.body = undefined;
      const options = withoutOptions(message.options, QBlock1, QBlock2, Size1);
      pass(rewritten(message, { options, payload: body.whole() }), message, upload, step);
      this.#arm(upload);
      return;
    }
    if (isConfirmable) {
      // "SHOULD NOT be used when using Confirmable requests" (RFC 9177 §4.3, §5): an Acknowledgement is enough.
      lower.acknowledge(peer, message.messageId, step);
      return;
    }
    const report = body.reportAfter(block.blockNumber);
    if (report?.kind === 'continue') this.#send(upload, ResponseCode.Continue, [], NOTHING, step);
    else if (report !== undefined) this.#sendMissing(upload, report.blockNumbers, step);
    this.#arm(upload);
  }

  #askAgain(upload: IncomingUpload<Context>, body: ReceivingBody, step: QBlockStep<Context>): void {
    const missing = body.ask(step.now);
    if (missing !== undefined) {
      this.#sendMissing(upload, missing, step);
      return;
    }
    // "the server SHOULD discard the partial body" (RFC 9177 §7.2).
    this.#surroundings.counters.qBlockBodiesGivenUp++;
    this.#drop(upload, step);
  }

  #sendMissing(upload: IncomingUpload<Context>, blockNumbers: readonly number[], step: QBlockStep<Context>): void {
    this.#surroundings.counters.qBlockRecoveries++;
    const format = encodeUintOption(ContentFormat, MISSING_BLOCKS_CONTENT_FORMAT);
    this.#send(upload, ResponseCode.RequestEntityIncomplete, [format], encodeMissingBlocks(blockNumbers), step);
  }

  #send(
    upload: IncomingUpload<Context>,
    code: number,
    options: readonly Option[],
    payload: Uint8Array,
    step: QBlockStep<Context>,
  ) {
    const { lower } = this.#surroundings;
    // "Each NON 4.08 … is subject to PROBING_RATE" (RFC 9177 §7.2).
    const isProbe = code === ResponseCode.RequestEntityIncomplete;
    const message = { isConfirmable: false, code, token: upload.token, options, payload, isProbe };
    lower.stop(upload.part, step);
    lower.send(upload.peer, message, upload.part, step);
  }

  /** @returns `undefined`: a limit is reached */
  #open(
    key: string,
    peer: PeerId,
    { szx, size, message }: { readonly szx: number; readonly size: number; readonly message: DecodedMessage },
    now: Instant,
  ): IncomingUpload<Context> | undefined {
    const { uploadsMax, uploadsPerPeerMax, uploadBytesMax, ...parameters } = this.#surroundings.parameters;
    const share = this.#shareOf.get(peer) ?? { count: 0, underWay: 0, bytes: 0 };
    // As much as is left at most: one peer alone gets half, and whoever comes first always finds room.
    const hasRoom = share.count < uploadsMax - this.#uploads.size && share.underWay < uploadsPerPeerMax;
    if (!hasRoom || share.bytes + size > uploadBytesMax - this.#heldBytes) return undefined;
    const { maxPayloads, nonMaxRetransmit: askMax, nonReceiveTimeoutMs: receiveTimeoutMs } = parameters;
    const part = new Part<Context>((event, step) => {
      // "On receipt of the Reset message, the server SHOULD delete the partial body" (RFC 9177 §4.3).
      if (event.kind === 'reset' && upload.body !== undefined) this.#drop(upload, step);
    });
    const upload: IncomingUpload<Context> = {
      key,
      peer,
      size,
      body: new ReceivingBody({ szx, size, maxPayloads, receiveTimeoutMs, askMax }, now),
      token: message.token.slice(),
      expiresAt: now + parameters.nonPartialTimeoutMs,
      answer: undefined,
      isConfirmable: message.type === MessageType.Confirmable,
      part,
      isUnderWay: true,
      deadline: now,
      heapIndex: -1,
    };
    this.#uploads.set(key, upload);
    this.#shareOf.set(peer, share);
    share.count++;
    share.underWay++;
    share.bytes += size;
    this.#heldBytes += size;
    this.#arm(upload);
    return upload;
  }

  #touch(upload: IncomingUpload<Context>, now: Instant): void {
    upload.expiresAt = now + this.#surroundings.parameters.nonPartialTimeoutMs;
    this.#arm(upload);
  }

  #arm(upload: IncomingUpload<Context>): void {
    if (this.#uploads.get(upload.key) !== upload) return;
    const { body, isConfirmable, expiresAt } = upload;
    upload.deadline = body === undefined || isConfirmable ? expiresAt : Math.min(expiresAt, body.askAt);
    this.#timers.arm(upload);
  }

  /** It takes no memory any more, but for its answer. */
  #settle(upload: IncomingUpload<Context>): void {
    if (!upload.isUnderWay) return;
    upload.isUnderWay = false;
    upload.body = undefined;
    this.#heldBytes -= upload.size;
    const share = this.#shareOf.get(upload.peer);
    if (share === undefined) return;
    share.underWay--;
    share.bytes -= upload.size;
  }

  #drop(upload: IncomingUpload<Context>, step: QBlockStep<Context>): void {
    this.#settle(upload);
    const share = this.#shareOf.get(upload.peer);
    if (this.#uploads.delete(upload.key) && share !== undefined && --share.count === 0)
      this.#shareOf.delete(upload.peer);
    this.#timers.remove(upload);
    this.#surroundings.lower.stop(upload.part, step);
  }
}
