import { DecodeError } from '@motestack/bytes';
import { firstValue, withoutOptions } from '../block/block-option.ts';
import type { Instant, PeerId } from '../effects.ts';
import type { OutgoingMessage } from '../messaging.ts';
import {
  BLOCK_NUMBER_MAX,
  blockUnitBytes,
  type DecodedMessage,
  decodeUint,
  encodeUintOption,
  MessageType,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import { type AskedRequest, tokenNumber, type Upload } from './asked-request.ts';
import { BodyProbing } from './body-probing.ts';
import { Burst } from './burst.ts';
import type { QBlockStep } from './lower-layer.ts';
import { decodeMissingBlocks, MISSING_BLOCKS_CONTENT_FORMAT } from './missing-blocks.ts';
import { qBlockOption } from './q-block-option.ts';
import type { QBlockParameters } from './q-block-parameters.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';
import { randomFraction } from './random-fraction.ts';

/** What sending works with. */
export interface SenderSurroundings<Context extends object> extends QBlockSurroundings<Context> {
  /** Sets the timer of a request. */
  readonly arm: (asked: AskedRequest<Context>) => void;
}

const { QBlock1, RequestTag, Size1 } = OptionNumber;

/**
 * The bodies of requests, cut into Q-Block1.
 *
 * @see RFC 9177 §4.3, §7
 */
export class UploadSender<Context extends object> {
  readonly #surroundings: SenderSurroundings<Context>;
  readonly #parameters: QBlockParameters;
  readonly #probing: BodyProbing;
  /** Bodies that wait for PROBING_RATE. */
  readonly #waiting = new Set<AskedRequest<Context>>();

  constructor(surroundings: SenderSurroundings<Context>) {
    this.#surroundings = surroundings;
    this.#parameters = surroundings.parameters;
    this.#probing = new BodyProbing(surroundings.parameters);
  }

  /** How many peers were sent a body and not heard since. */
  get silentCount(): number {
    return this.#probing.count;
  }

  /** When `forget` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#probing.nextAt;
  }

  /** Forgets which peers were silent, when time has made up for it. */
  forget(now: Instant): void {
    this.#probing.forget(now);
  }

  /** Something came from a peer: bodies need not wait. */
  heard(peer: PeerId, step: QBlockStep<Context>): void {
    if (!this.#probing.heard(peer)) return;
    for (const asked of this.#waiting) {
      if (asked.peer !== peer) continue;
      asked.upload?.burst?.hasten(step.now);
      this.pump(asked, step);
    }
  }

  /** Nothing more of a body is to be sent. */
  end(asked: AskedRequest<Context>): void {
    this.#waiting.delete(asked);
    asked.upload = undefined;
  }

  /**
   * Begins to send the body of a request, which is known by now.
   *
   * @throws {RangeError} a body of more blocks than have a number, or a block that does not fit a datagram
   */
  begin(asked: AskedRequest<Context>, step: QBlockStep<Context>): void {
    const { blockSzx: szx, maxPayloads, nonTimeoutMs, ackRandomFactor } = this.#parameters;
    const { payload } = asked.request;
    const blockCount = Math.ceil(payload.length / blockUnitBytes(szx));
    if (blockCount > BLOCK_NUMBER_MAX + 1) throw new RangeError('a body of more blocks than have a number');
    let burst: Burst | undefined;
    if (!asked.isConfirmable) {
      const { random, counters } = this.#surroundings;
      // "a random duration … between NON_TIMEOUT and (NON_TIMEOUT * ACK_RANDOM_FACTOR)" (RFC 9177 §7.2).
      const delayMs = nonTimeoutMs * (1 + randomFraction(random) * (ackRandomFactor - 1));
      const startAt = this.#probing.begin(asked.peer, payload.length, step.now);
      burst = new Burst({ blockCount, maxPayloads, nonTimeoutMs, delayMs }, startAt);
      burst.addAll();
      if (startAt > step.now) {
        counters.qBlockBodiesDelayed++;
        this.#waiting.add(asked);
      }
    }
    asked.upload = { szx, blockCount, burst, blockNumber: 0, blockOfToken: [], repeats: 0, repeatAt: undefined };
    if (burst === undefined) this.#sendBlock(asked, asked.upload, 0, step);
    else this.pump(asked, step);
  }

  /** Sends what the pace allows. */
  pump(asked: AskedRequest<Context>, step: QBlockStep<Context>): void {
    const { upload } = asked;
    if (upload?.burst === undefined) return;
    const blockNumbers = upload.burst.take(step.now);
    if (blockNumbers.length > 0) this.#waiting.delete(asked);
    for (const blockNumber of blockNumbers) this.#sendBlock(asked, upload, blockNumber, step);
    if (upload.burst.nextAt !== undefined) upload.repeatAt = undefined;
    else if (blockNumbers.length > 0) this.#armRepeat(upload, step.now);
    this.#surroundings.arm(asked);
  }

  #armRepeat(upload: Upload, now: Instant): void {
    upload.repeatAt = now + 2 * this.#parameters.nonReceiveTimeoutMs * 2 ** upload.repeats;
  }

  /**
   * Nothing came since all blocks went: of the last one another copy goes ("a sender can choose to transmit multiple
   * copies of a Non-confirmable message", RFC 7252 §4.3), to which a server that has the body answers again, and one that
   * has nothing yet says what it misses (RFC 9177 §4.3).
   */
  repeat(asked: AskedRequest<Context>, step: QBlockStep<Context>): void {
    const { upload } = asked;
    if (upload?.repeatAt === undefined || upload.repeatAt > step.now) return;
    upload.repeatAt = undefined;
    if (upload.repeats >= this.#parameters.nonMaxRetransmit) return;
    upload.repeats++;
    this.#surroundings.counters.qBlockRecoveries++;
    this.#sendBlock(asked, upload, upload.blockCount - 1, step);
    this.#armRepeat(upload, step.now);
  }

  #sendBlock(asked: AskedRequest<Context>, upload: Upload, blockNumber: number, step: QBlockStep<Context>): void {
    const { request, isConfirmable, tag } = asked;
    const unit = blockUnitBytes(upload.szx);
    const more = blockNumber + 1 < upload.blockCount;
    const { token, number } = asked.nextToken();
    upload.blockOfToken[number] = blockNumber;
    upload.blockNumber = blockNumber;
    // "The Size1 option MUST … be present in all payloads", and so must a Request-Tag (RFC 9177 §4.3, §4.6).
    const options: Option[] = [
      ...withoutOptions(request.options, Size1, RequestTag),
      ...(tag === undefined ? [] : [tag]),
      encodeUintOption(Size1, request.payload.length),
      qBlockOption(QBlock1, { blockNumber, more, szx: upload.szx }),
    ];
    const payload = request.payload.subarray(blockNumber * unit, (blockNumber + 1) * unit);
    this.#surroundings.counters.qBlocksOut++;
    const { code, retransmission, isSendingTold } = request;
    const sent = { isConfirmable, code, token, options, payload };
    const message: OutgoingMessage = { ...sent, retransmission, isSendingTold, isProbe: false };
    this.#surroundings.lower.send(asked.peer, message, asked.part, step);
  }

  /** Confirmable: a block was acknowledged. */
  goOn(asked: AskedRequest<Context>, upload: Upload, step: QBlockStep<Context>): void {
    if (upload.burst !== undefined || upload.blockNumber + 1 >= upload.blockCount) return;
    this.#sendBlock(asked, upload, upload.blockNumber + 1, step);
  }

  /** Takes what a server says while a body is sent. @returns `false`: it is the answer */
  handleProgress(
    asked: AskedRequest<Context>,
    upload: Upload,
    message: DecodedMessage,
    step: QBlockStep<Context>,
  ): boolean {
    const { code } = message;
    const isMissing = reportsMissing(message);
    if (code !== ResponseCode.Continue && !isMissing) return false;
    if (message.type === MessageType.Confirmable) {
      this.#surroundings.lower.acknowledge(asked.peer, message.messageId, step);
    }
    upload.repeats = 0;
    if (upload.burst === undefined) {
      this.goOn(asked, upload, step);
      return true;
    }
    if (isMissing) this.#takeMissing(upload.burst, message, step.now);
    else {
      const blockNumber = upload.blockOfToken[tokenNumber(message.token)];
      const { maxPayloads } = this.#parameters;
      if (blockNumber !== undefined) {
        upload.burst.continueFrom((Math.floor(blockNumber / maxPayloads) + 1) * maxPayloads, step.now);
      }
    }
    if (upload.repeatAt !== undefined) this.#armRepeat(upload, step.now);
    this.pump(asked, step);
    return true;
  }

  #takeMissing(burst: Burst, message: DecodedMessage, now: Instant): void {
    const { counters } = this.#surroundings;
    try {
      if (burst.addMissing(decodeMissingBlocks(message.payload), now)) counters.qBlockRecoveries++;
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      // "The client SHOULD silently drop 4.08 … responses not adhering to this behavior" (RFC 9177 §5).
      counters.qBlocksWrong++;
    }
  }
}

/** Whether a message reports missing blocks: a 4.08 of that Content-Format (RFC 9177 §5). */
export function reportsMissing({ code, options }: DecodedMessage): boolean {
  if (code !== ResponseCode.RequestEntityIncomplete) return false;
  const format = firstValue(options, OptionNumber.ContentFormat);
  return format !== undefined && format.length <= 2 && decodeUint(format) === MISSING_BLOCKS_CONTENT_FORMAT;
}
