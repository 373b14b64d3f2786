import { namesBlock, withoutOptions } from '../block/block-option.ts';
import { DeadlineHeap, type Instant, type PeerId } from '../effects.ts';
import type { MessageEvent, OutcomeEvent, OutgoingMessage } from '../messaging.ts';
import {
  blockUnitBytes,
  type DecodedMessage,
  hasOption,
  isRequestCode,
  MessageType,
  Method,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import { AskedRequest, askedKey, TOKEN_NUMBER_BYTES } from './asked-request.ts';
import { type LowerContext, type LowerLayer, Part, type QBlockStep } from './lower-layer.ts';
import { QBlockDownloads } from './q-block-downloads.ts';
import { type QBlocks, qBlockOption, qBlocksOf } from './q-block-option.ts';
import type { QBlockParameters } from './q-block-parameters.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';
import { rewritten } from './rewritten.ts';
import { reportsMissing, UploadSender } from './upload-sender.ts';

type ResponseEvent<Context> = Extract<MessageEvent<LowerContext<Context>>, { readonly kind: 'response' }>;

const NOTHING = new Uint8Array(0);
/** "An implementation may want to consider limiting this to 4 bytes" (RFC 9177 §4.3). */
const TAG_BYTES = 4;
const { QBlock1, QBlock2, RequestTag, Observe } = OptionNumber;

/**
 * The client's half: cuts the bodies of requests into Q-Block1, and joins the Q-Block2 of responses.
 *
 * @see RFC 9177 §4.3, §4.4
 */
export class QBlockRequests<Context extends object> {
  readonly #surroundings: QBlockSurroundings<Context>;
  readonly #parameters: QBlockParameters;
  readonly #lower: LowerLayer<Context>;
  readonly #asked = new Map<string, AskedRequest<Context>>();
  readonly #byContext = new Map<Context, AskedRequest<Context>>();
  readonly #timers = new DeadlineHeap<AskedRequest<Context>>();
  readonly #sender: UploadSender<Context>;
  readonly #downloads: QBlockDownloads<Context>;
  #nextTag: number;

  constructor(surroundings: QBlockSurroundings<Context>) {
    this.#surroundings = surroundings;
    this.#parameters = surroundings.parameters;
    this.#lower = surroundings.lower;
    this.#sender = new UploadSender({ ...surroundings, arm: (asked) => this.#arm(asked) });
    this.#downloads = new QBlockDownloads({ ...surroundings, end: (asked, step) => this.#end(asked, step) });
    const draw = new Uint8Array(TAG_BYTES);
    surroundings.random.fill(draw);
    this.#nextTag = new DataView(draw.buffer).getUint32(0);
  }

  /** How many requests are under way or observe. */
  get count(): number {
    return this.#asked.size;
  }

  /** How many peers were sent a body and not heard since. */
  get silentCount(): number {
    return this.#sender.silentCount;
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    const [asked, probing] = [this.#timers.nextAt, this.#sender.wakeAt];
    return asked === undefined || probing === undefined ? (asked ?? probing) : Math.min(asked, probing);
  }

  /**
   * Sends a request.
   *
   * @returns `false`: Q-Block has nothing to do with it, or the peer does not know it
   * @throws {RangeError} a body of more blocks than have a number, or a message that does not fit a datagram
   */
  send(peer: PeerId, request: OutgoingMessage, context: Context, step: QBlockStep<Context>): boolean {
    const { code, options, payload } = request;
    if (!isRequestCode(code) || code === Method.Delete || namesBlock(options) || qBlocksOf(options) !== undefined)
      return false;
    const { support, tokenBytes } = this.#surroundings;
    if (request.token.length !== tokenBytes) return false;
    const isSupported = support.of(peer, step.now);
    const isLong = payload.length > blockUnitBytes(this.#parameters.blockSzx);
    if (isSupported === false) {
      // It was taken for a peer that knows Q-Block, and refused it meanwhile.
      if (isLong) this.#cutAbove(peer, request, context, step);
      return isLong;
    }
    // "REQUIRED that clients use a Confirmable message for determining support" (RFC 9177 §4.1).
    if (isSupported === undefined && !request.isConfirmable && !isLong) return false;
    const isConfirmable = request.isConfirmable || isSupported === undefined;
    const tag = payload.length > 0 ? this.#newTag() : undefined;
    const part = new Part<Context>((event, inner) => this.#handlePart(asked, event, inner));
    const asked: AskedRequest<Context> = new AskedRequest({ peer, request, context, part, isConfirmable, tag });
    this.#open(asked);
    try {
      if (isLong) this.#sender.begin(asked, step);
      else this.#sendSingle(asked, step);
    } catch (error) {
      this.#close(asked);
      throw error;
    }
    return true;
  }

  /** Takes a response. @returns `false`: it is for others */
  handleResponse({ peer, message, context }: ResponseEvent<Context>, step: QBlockStep<Context>): boolean {
    const { tokenBytes } = this.#surroundings;
    const own = message.token.length === tokenBytes + TOKEN_NUMBER_BYTES;
    const asked = this.#asked.get(askedKey(peer, own ? message.token.subarray(0, tokenBytes) : message.token));
    if (asked === undefined) return this.#handleUnexpected(peer, message, step);
    const qBlocks = qBlocksOf(message.options);
    if (qBlocks === 'wrong') {
      this.#surroundings.counters.qBlocksWrong++;
      this.#reject(peer, message, step);
      this.#fail(asked, 'Q-Block options that are not to be accepted', '§4.1', step);
      return true;
    }
    // The options were refused; what else the peer may mean shows without them.
    if (message.code === ResponseCode.BadOption && !asked.isAnswered) {
      this.#acknowledge(peer, message, step);
      this.#fallBack(asked, step);
      return true;
    }
    this.#surroundings.support.note(peer, true, step.now);
    if (asked.upload !== undefined && this.#sender.handleProgress(asked, asked.upload, message, step)) return true;
    this.#handleAnswer(asked, message, qBlocks, context !== undefined, step);
    return true;
  }

  /** Takes what became of a request that went as one message. @returns `false`: it is for others */
  handleOutcome(event: OutcomeEvent<Context>, step: QBlockStep<Context>): boolean {
    const asked = this.#byContext.get(event.context);
    if (asked === undefined || event.kind === 'sent' || event.kind === 'acknowledged') return false;
    const { support } = this.#surroundings;
    // Peers are seen to reject with a Reset what they do not know.
    if (event.kind === 'reset' && !asked.isAnswered && support.of(asked.peer, step.now) === undefined) {
      this.#fallBack(asked, step);
      return true;
    }
    this.#end(asked, step);
    return false;
  }

  /** Nobody waits for the response any more. */
  stop(context: Context, step: QBlockStep<Context>): void {
    const asked = this.#byContext.get(context);
    if (asked?.isAnswered === false) this.#end(asked, step);
  }

  /** An observation ended. */
  forgetToken(peer: PeerId, token: Uint8Array): void {
    const asked = this.#asked.get(askedKey(peer, token));
    if (asked?.isAnswered === true) this.#close(asked);
  }

  /** Something came from a peer: bodies need not wait. */
  heard(peer: PeerId, step: QBlockStep<Context>): void {
    this.#sender.heard(peer, step);
  }

  /** Nobody is there. */
  handleUnreachable(peer: PeerId, step: QBlockStep<Context>): void {
    for (const asked of [...this.#asked.values()]) {
      if (asked.peer !== peer || asked.isAnswered) continue;
      this.#end(asked, step);
      step.events.push({ kind: 'gave-up', context: asked.context, reason: 'unreachable' });
    }
  }

  /** Does what is due. */
  handleTimeout(workMax: number, step: QBlockStep<Context>): void {
    this.#sender.forget(step.now);
    for (let work = 0; work < workMax; work++) {
      const asked = this.#timers.takeDue(step.now);
      if (asked === undefined) return;
      this.#sender.pump(asked, step);
      this.#sender.repeat(asked, step);
      if (asked.download !== undefined) this.#downloads.handleTimeout(asked, asked.download, step);
      this.#arm(asked);
    }
  }

  #sendSingle(asked: AskedRequest<Context>, step: QBlockStep<Context>): void {
    const { peer, request, context, tag } = asked;
    const own = withoutOptions(request.options, ...(tag === undefined ? [] : [RequestTag]));
    // "NUM is zero: This is a request for the entire body" (RFC 9177 §4.4).
    const all = qBlockOption(QBlock2, { blockNumber: 0, more: true, szx: this.#parameters.blockSzx });
    const options = [...own, ...(tag === undefined ? [] : [tag]), all];
    this.#lower.send(peer, { ...request, options, isConfirmable: asked.isConfirmable }, context, step);
  }

  /** What became of a block, or of a request for missing ones. */
  #handlePart(asked: AskedRequest<Context>, event: OutcomeEvent<unknown>, step: QBlockStep<Context>): void {
    if (this.#asked.get(asked.key) !== asked) return;
    const { upload } = asked;
    if (event.kind === 'sent') {
      step.events.push({ kind: 'sent', context: asked.context });
      return;
    }
    if (event.kind === 'acknowledged') {
      if (upload !== undefined) this.#sender.goOn(asked, upload, step);
      return;
    }
    // What asks for missing blocks is asked again.
    if (upload === undefined || asked.isAnswered) return;
    if (event.kind === 'reset' && this.#surroundings.support.of(asked.peer, step.now) === undefined) {
      this.#fallBack(asked, step);
      return;
    }
    this.#end(asked, step);
    step.events.push({ ...event, context: asked.context });
  }

  #handleAnswer(
    asked: AskedRequest<Context>,
    message: DecodedMessage,
    qBlocks: QBlocks | undefined,
    isPiggybacked: boolean,
    step: QBlockStep<Context>,
  ): void {
    // The server has the whole body.
    this.#sender.end(asked);
    if (!isPiggybacked) this.#lower.stop(asked.part, step);
    const [block] = qBlocks?.blocks2 ?? [];
    if (block !== undefined && (block.more || block.blockNumber > 0)) {
      if (!isPiggybacked) this.#lower.stop(asked.context, step);
      this.#acknowledge(asked.peer, message, step);
      this.#downloads.takeBlock(asked, block, message, step);
      this.#arm(asked);
      return;
    }
    const isObserved = hasOption(message, Observe) && message.code >>> 5 === 2;
    // An error in answer to a request for missing blocks of a notification: the next one is whole again.
    const isLost = asked.isAnswered && !isObserved && message.token.length > asked.request.token.length;
    if (isLost) {
      this.#acknowledge(asked.peer, message, step);
      asked.download = undefined;
      return;
    }
    const { token } = asked.request;
    const plain = rewritten(message, { token, options: withoutOptions(message.options, QBlock1, QBlock2) });
    asked.download = undefined;
    asked.isAnswered = true;
    if (!isObserved) this.#end(asked, step);
    else this.#arm(asked);
    const context = isPiggybacked ? asked.context : undefined;
    step.events.push({ kind: 'response', peer: asked.peer, message: plain, context });
  }

  /** "so that a Reset message is generated for the invalid token in the 4.08" (RFC 9177 §4.3). */
  #handleUnexpected(peer: PeerId, message: DecodedMessage, step: QBlockStep<Context>): boolean {
    const isMissing = reportsMissing(message);
    if (isMissing) this.#lower.reject(peer, message.messageId, step);
    return isMissing;
  }

  /** The peer does not know Q-Block: the request goes without. */
  #fallBack(asked: AskedRequest<Context>, step: QBlockStep<Context>): void {
    const { peer, request, context } = asked;
    const isLong = asked.upload !== undefined;
    this.#surroundings.counters.qBlockFallbacks++;
    this.#surroundings.support.note(peer, false, step.now);
    this.#end(asked, step);
    if (isLong) this.#cutAbove(peer, request, context, step);
    else this.#lower.send(peer, request, context, step);
  }

  /** "a 4.13 response to a request that does not employ Block1 is a hint … to try sending Block1" (RFC 7959 §2.5). */
  #cutAbove(peer: PeerId, { token }: OutgoingMessage, context: Context, step: QBlockStep<Context>): void {
    const hint = { type: MessageType.Acknowledgement, code: ResponseCode.RequestEntityTooLarge, messageId: 0 };
    const message = rewritten({ ...hint, token, options: [], payload: NOTHING }, {});
    step.events.push({ kind: 'response', peer, message, context });
  }

  #fail(asked: AskedRequest<Context>, detail: string, section: string, step: QBlockStep<Context>): void {
    const { context, isAnswered } = asked;
    this.#end(asked, step);
    if (!isAnswered) step.events.push({ kind: 'garbled', context, detail, section: `RFC 9177 ${section}` });
  }

  #newTag(): Option {
    const value = new Uint8Array(TAG_BYTES);
    // "subsequently incremented by the client whenever a new body of data is being transmitted" (RFC 9177 §4.3).
    new DataView(value.buffer).setUint32(0, this.#nextTag);
    this.#nextTag = (this.#nextTag + 1) % 2 ** 32;
    return { number: RequestTag, value };
  }

  #acknowledge(peer: PeerId, message: DecodedMessage, step: QBlockStep<Context>): void {
    if (message.type === MessageType.Confirmable) this.#lower.acknowledge(peer, message.messageId, step);
  }

  #reject(peer: PeerId, message: DecodedMessage, step: QBlockStep<Context>): void {
    if (message.type === MessageType.Confirmable) this.#lower.reject(peer, message.messageId, step);
  }

  #open(asked: AskedRequest<Context>): void {
    this.#asked.set(asked.key, asked);
    this.#byContext.set(asked.context, asked);
  }

  #close(asked: AskedRequest<Context>): void {
    if (this.#asked.get(asked.key) === asked) this.#asked.delete(asked.key);
    if (this.#byContext.get(asked.context) === asked) this.#byContext.delete(asked.context);
    this.#sender.end(asked);
    this.#timers.remove(asked);
    asked.download = undefined;
  }

  /** Forgets a request and what is sent for it, but for the request itself. */
  #end(asked: AskedRequest<Context>, step: QBlockStep<Context>): void {
    this.#close(asked);
    this.#lower.stop(asked.part, step);
  }

  #arm(asked: AskedRequest<Context>): void {
    if (this.#asked.get(asked.key) !== asked) return;
    const { upload, download } = asked;
    const at = Math.min(
      upload?.burst?.nextAt ?? Number.POSITIVE_INFINITY,
      upload?.repeatAt ?? Number.POSITIVE_INFINITY,
      download?.body.askAt ?? Number.POSITIVE_INFINITY,
    );
    if (at === Number.POSITIVE_INFINITY) this.#timers.remove(asked);
    else {
      asked.deadline = at;
      this.#timers.arm(asked);
    }
  }
}
