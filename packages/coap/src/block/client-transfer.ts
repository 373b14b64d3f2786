import type { Instant, Timer } from '../effects.ts';
import {
  blockOffset,
  blockUnitBytes,
  codeClass,
  encodeUintOption,
  formatCode,
  type Message,
  Method,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import type { BlockCounters } from './block-counters.ts';
import { blockOf, blockOption, namesBlock, sizeOf, withoutOptions } from './block-option.ts';
import type { BlockParameters } from './block-parameters.ts';
import { type BlockSize, plainBlocks } from './block-size.ts';
import { type BlockOutcome, IncomingBody } from './incoming-body.ts';
import { type BodyPart, OutgoingBody } from './outgoing-body.ts';

/** A request as a whole. */
export interface WholeRequest {
  readonly code: number;
  /** Without Observe. */
  readonly options: readonly Option[];
  /** Empty where `upload` says that it is asked for. */
  readonly payload: Uint8Array;
  readonly isConfirmable: boolean;
  /** That the body of the request is asked for, block after block. */
  readonly upload?: UploadInit | undefined;
  /** How long the whole body is, where the payload is a part of it. */
  readonly payloadSize?: number | undefined;
  /** The number of the first block that is sent, or where nothing is sent, fetched. Default: 0. */
  readonly startBlock?: number | undefined;
  /** Whether the blocks of a response of several are passed on as they come. Default: it is told as a whole. */
  readonly streamsResponse?: boolean | undefined;
}

/** A request body that is asked for. */
export interface UploadInit {
  /** Whether its bytes can be asked for again: then it may be sent from its start again. */
  readonly isRepeatable: boolean;
}

/** One message of a transfer. */
export interface TransferMessage extends Pick<WholeRequest, 'code' | 'options' | 'payload' | 'isConfirmable'> {
  /** Whether it is the request itself or a part of it, as opposed to one for a later block of the response. */
  readonly isRequest: boolean;
}

/**
 * What follows on a response: another message, the whole response, or that there will be none. `wait`: the bytes that
 * are `wanted` come first. `stream`, `chunk`: the first or a later block of a response that is passed on.
 */
export type TransferOutcome =
  | { readonly kind: 'send'; readonly message: TransferMessage }
  | { readonly kind: 'done'; readonly response: Message }
  | { readonly kind: 'wait'; readonly wanted: { readonly offset: number; readonly length: number } }
  | { readonly kind: 'stream'; readonly response: Message; readonly payload: Uint8Array }
  | { readonly kind: 'chunk'; readonly payload: Uint8Array; readonly isLast: boolean }
  | { readonly kind: 'too-large' | 'changed' }
  | { readonly kind: 'wrong'; readonly detail: string; readonly section: string };

const NOTHING = new Uint8Array(0);

/** What a transfer works with. */
export interface TransferInit {
  readonly parameters: BlockParameters;
  /** The size of blocks to begin with. */
  readonly blocks: BlockSize;
  readonly counters: BlockCounters;
  /** Makes the Request-Tag, if the transfer needs one: only asked for a body of several blocks. */
  readonly requestTag: () => Option | undefined;
}

/**
 * One request of ours with bodies of any length both ways: what is to be sent next, and when the response is whole.
 *
 * @see RFC 7959 §2
 */
export class ClientTransfer implements Timer {
  /** When the transfer is given up; only once it has several blocks. */
  deadline: Instant = 0;
  heapIndex = -1;
  readonly #init: TransferInit;
  readonly #request: WholeRequest;
  /** Who names a block cuts and joins himself. */
  readonly #isManual: boolean;
  #tag: Option | undefined;
  #hasAskedForTag = false;
  /** What goes in one message. */
  #payload: Uint8Array;
  /** Whether {@link #payload} was asked for, and is the whole body. */
  #isProvided = false;
  #outgoing: OutgoingBody | undefined;
  #incoming: IncomingBody | undefined;
  /** Whether the peer acted on single blocks: such a request must not be repeated unless it is idempotent. */
  #isEnacted = false;
  #hasRestartedUpload = false;
  #downloadRestarts = 0;
  #keptOptions: readonly Option[] | undefined;

  constructor(request: WholeRequest, init: TransferInit) {
    this.#request = request;
    this.#init = init;
    this.#payload = request.payload;
    this.#isManual = namesBlock(request.options);
  }

  /** Whether blocks of the request body are under way. */
  get isUploading(): boolean {
    return this.#outgoing !== undefined && this.#incoming === undefined;
  }

  /** Whether a body of several blocks is under way, in either direction. */
  get isBlockwise(): boolean {
    return this.#outgoing !== undefined || this.#incoming !== undefined;
  }

  /** The Request-Tag of its blocks, where they have one. */
  get tag(): Option | undefined {
    return this.#tag;
  }

  /** Whether bytes of the request body are waited for. */
  get isWaiting(): boolean {
    return this.#incoming === undefined && this.#outgoing?.isReady === false;
  }

  /** The first message. */
  start(): TransferOutcome {
    const { blocks } = this.#init;
    const { payload, upload, startBlock = 0, payloadSize: size } = this.#request;
    this.#incoming = undefined;
    if (this.#isManual) return { kind: 'send', message: { ...this.#request, isRequest: true } };
    if (this.#outgoing !== undefined) {
      this.#outgoing.restart();
      return this.#next();
    }
    const isLong = payload.length > blocks.wholeBytesMax || (payload.length > 0 && startBlock > 0);
    if (isLong) this.#beginUpload(payload, blocks);
    else if (upload !== undefined && !this.#isProvided) {
      const { isRepeatable } = upload;
      this.#outgoing = new OutgoingBody({ bytes: undefined, size, startBlock, isRepeatable }, blocks);
    }
    return this.#next();
  }

  /** Takes the bytes that are waited for. */
  provide(part: BodyPart): TransferOutcome {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return wrong('bytes that were not asked for');
    outgoing.provide(part);
    if (outgoing.isSingle) {
      // They may be wanted again, and belong to the caller.
      this.#payload = part.payload.slice();
      this.#isProvided = true;
      this.#outgoing = undefined;
    } else this.#askForTag();
    return this.#next();
  }

  /** Goes on, after a block of the response was passed on, or where the message that is due was not sent. */
  resume(): TransferOutcome {
    return { kind: 'send', message: this.#message() };
  }

  /** Takes a response to the latest message. */
  take(response: Message): TransferOutcome {
    if (this.#incoming !== undefined) return this.#takeLaterBlock(response, this.#incoming);
    if (this.#outgoing !== undefined) return this.#takeAcknowledgement(response, this.#outgoing);
    if (response.code === ResponseCode.RequestEntityTooLarge && !this.#isManual) return this.#takeTooLarge(response);
    return this.takeFirst(response);
  }

  /** Takes the first block of a response, or of a notification. */
  takeFirst(response: Message): TransferOutcome {
    this.#incoming = undefined;
    const block = blockOf(response.options, OptionNumber.Block2);
    if (this.#isManual) return { kind: 'done', response };
    const offset = this.#downloadOffset;
    if (block === undefined) {
      const isAsked = offset === 0 || codeClass(response.code) !== 2;
      return isAsked ? { kind: 'done', response } : wrong('the response is not the block that was asked for');
    }
    if (blockOffset(block) !== offset)
      return wrong(`the first block of the response is not number ${offset === 0 ? 0 : this.#request.startBlock}`);
    if (!block.more) return { kind: 'done', response };
    // "A server MUST use the block size indicated or a smaller size" (RFC 7959 §2.4).
    const isAskedFor = this.#negotiates || offset > 0;
    if (isAskedFor && block.szx > this.#init.blocks.szx) return wrong('the blocks are larger than asked for');
    const isStreamed = this.#request.streamsResponse === true && codeClass(response.code) === 2;
    const bytesMax = isStreamed ? undefined : this.#init.parameters.bodyBytesMax;
    this.#incoming = new IncomingBody(response, { szx: block.szx, offset, bytesMax });
    const outcome = this.#incoming.begin();
    if (!isStreamed || outcome.kind !== 'more') return this.#follow(outcome, this.#incoming);
    return { kind: 'stream', response: joined(this.#incoming), payload: response.payload };
  }

  #beginUpload(payload: Uint8Array, blocks: BlockSize): void {
    const { startBlock = 0, payloadSize: size } = this.#request;
    // Its bytes are wanted for long: the caller may change his meanwhile.
    this.#outgoing = new OutgoingBody({ bytes: payload.slice(), size, startBlock, isRepeatable: true }, blocks);
    this.#askForTag();
  }

  /** Once: all blocks of the body have the same, or none. */
  #askForTag(): void {
    if (!this.#hasAskedForTag) this.#tag = this.#init.requestTag();
    this.#hasAskedForTag = true;
  }

  /** The message that is due, or the bytes that it lacks. */
  #next(): TransferOutcome {
    const outgoing = this.#outgoing;
    if (outgoing?.isReady === false) return { kind: 'wait', wanted: outgoing.wanted };
    return { kind: 'send', message: this.#message() };
  }

  /** A block of the request was answered. */
  #takeAcknowledgement(response: Message, outgoing: OutgoingBody): TransferOutcome {
    const { code } = response;
    const acknowledged = blockOf(response.options, OptionNumber.Block1);
    const { block } = outgoing;
    if (code === ResponseCode.RequestEntityTooLarge && acknowledged !== undefined && acknowledged.szx < block.szx) {
      // "a hint to try that smaller SZX" (RFC 7959 §2.9.3).
      if (outgoing.canRestart) return this.#restartUpload(outgoing, acknowledged.szx);
    }
    if (code === ResponseCode.RequestEntityIncomplete && outgoing.wanted.offset > 0 && this.#mayRestartUpload()) {
      this.#hasRestartedUpload = true;
      if (outgoing.canRestart) return this.#restartUpload(outgoing, block.szx);
    }
    const isContinue = code === ResponseCode.Continue;
    if (!block.more && isContinue) return wrong('2.31 in answer to the last block', '§2.9.1');
    if (codeClass(code) !== 2 || !block.more) return this.takeFirst(response);
    // Without Block1 and not 2.31 it would be the answer to a request that the peer has not seen the whole of.
    if (acknowledged === undefined && !isContinue)
      return wrong('a success without Block1 before the last block', '§2.3');
    if (acknowledged !== undefined && acknowledged.blockNumber !== block.blockNumber) {
      return wrong('the answer acknowledges another block', '§2.3');
    }
    // "the block-wise request was enacted now specifically for this block" (RFC 7959 §2.3).
    if (!isContinue && acknowledged?.more === false) this.#isEnacted = true;
    outgoing.advance(acknowledged?.szx ?? block.szx);
    return this.#next();
  }

  #restartUpload(outgoing: OutgoingBody, szx: number): TransferOutcome {
    this.#init.counters.bodyRestarts++;
    outgoing.restart(szx);
    return this.#next();
  }

  /** "a 4.13 response to a request that does not employ Block1 is a hint … to try sending Block1" (RFC 7959 §2.5). */
  #takeTooLarge(response: Message): TransferOutcome {
    const { length } = this.#payload;
    const most = sizeOf(response.options, OptionNumber.Size1);
    const { szx: own } = this.#init.blocks;
    let szx = Math.min(own, blockOf(response.options, OptionNumber.Block1)?.szx ?? 6, 6);
    while (szx >= 0 && blockUnitBytes(szx) >= length) szx--;
    if (szx < 0 || (most !== undefined && most < length)) return this.takeFirst(response);
    this.#beginUpload(this.#payload, plainBlocks(szx));
    this.#init.counters.bodyRestarts++;
    return this.#next();
  }

  /** A later block of the response, or why there is none. */
  #takeLaterBlock(response: Message, incoming: IncomingBody): TransferOutcome {
    if (codeClass(response.code) !== 2) {
      const detail = `the rest of the response was refused with ${formatCode(response.code)}`;
      // An error ends the transfer, and is the answer: the resource is gone, or the peer has forgotten the body.
      return incoming.isStreamed ? wrong(detail) : { kind: 'done', response };
    }
    const block = blockOf(response.options, OptionNumber.Block2);
    if (block === undefined) {
      if (incoming.isStreamed) return { kind: 'changed' };
      // Without Block2 it is the whole of a representation that has become short meanwhile (RFC 7959 §2.2).
      return this.#isRepeatable ? { kind: 'done', response } : wrong('a block without Block2');
    }
    const outcome = incoming.take(response, block);
    const isPassedOn = incoming.isStreamed && (outcome.kind === 'more' || outcome.kind === 'whole');
    if (!isPassedOn) return this.#follow(outcome, incoming);
    return { kind: 'chunk', payload: response.payload, isLast: outcome.kind === 'whole' };
  }

  #follow(outcome: BlockOutcome, incoming: IncomingBody): TransferOutcome {
    switch (outcome.kind) {
      case 'more':
        return this.resume();
      case 'whole':
        return { kind: 'done', response: joined(incoming) };
      case 'changed':
        return incoming.isStreamed ? { kind: 'changed' } : this.#startAgain();
      case 'too-large':
        return { kind: 'too-large' };
      case 'wrong':
        return wrong(outcome.detail);
    }
  }

  /** "the requester has the option of attempting to retrieve fresh values" (RFC 7959 §2.4). */
  #startAgain(): TransferOutcome {
    const mayRestart = this.#isRepeatable && this.#downloadRestarts < this.#init.parameters.bodyRestartsMax;
    if (!mayRestart || this.#outgoing?.canRestart === false) return { kind: 'changed' };
    this.#downloadRestarts++;
    this.#init.counters.bodyRestarts++;
    return this.start();
  }

  #mayRestartUpload(): boolean {
    if (this.#hasRestartedUpload) return false;
    const { code } = this.#request;
    const isIdempotent = code !== Method.Post && code !== Method.Patch;
    return isIdempotent || !this.#isEnacted;
  }

  /** Whether asking again does no harm: GET and FETCH are safe (RFC 7252 §5.1, RFC 8132 §2). */
  get #isRepeatable(): boolean {
    return this.#request.code === Method.Get || this.#request.code === Method.Fetch;
  }

  /** Whether the first request says which size of blocks is wanted. */
  get #negotiates(): boolean {
    return this.#init.blocks.szx < 6 && (this.#isRepeatable || this.#request.code === Method.Post);
  }

  /** Where the response is to begin. */
  get #downloadOffset(): number {
    const { startBlock = 0, payload, upload } = this.#request;
    const isUpload = payload.length > 0 || upload !== undefined;
    return isUpload ? 0 : startBlock * blockUnitBytes(this.#init.blocks.szx);
  }

  #message(): TransferMessage {
    const { code, options, isConfirmable } = this.#request;
    const tag = this.#tag === undefined ? [] : [this.#tag];
    if (this.#incoming !== undefined) {
      const wanted = blockOption(OptionNumber.Block2, this.#incoming.wanted);
      const all = [...this.#laterOptions, wanted, ...tag];
      // "no payload for requests with Block2 with NUM != 0" (RFC 7959 §3.3).
      return { code, options: all, payload: NOTHING, isConfirmable: true, isRequest: false };
    }
    const outgoing = this.#outgoing;
    if (outgoing === undefined) {
      const isPart = this.#negotiates || this.#downloadOffset > 0;
      const all = isPart ? [...options, this.#preferredSize()] : options;
      return { code, options: all, payload: this.#payload, isConfirmable, isRequest: true };
    }
    const { block, payload } = outgoing;
    const extra = !block.more && this.#negotiates ? [this.#preferredSize()] : [];
    extra.push(blockOption(OptionNumber.Block1, block));
    const isFirst = outgoing.wanted.offset === 0;
    if (isFirst && outgoing.length !== undefined) extra.push(encodeUintOption(OptionNumber.Size1, outgoing.length));
    extra.push(...tag);
    // "If-None-Match … MUST NOT be used on Block1 requests with NUM != 0" (RFC 7959 §2.10).
    const isNumberZero = block.blockNumber === 0;
    const own = isNumberZero ? withoutOptions(options, OptionNumber.Size1) : this.#laterOptions;
    // Lost blocks would escalate the chance that the whole is lost (RFC 7959 §1): each is sent until acknowledged.
    return { code, options: [...own, ...extra], payload, isConfirmable: true, isRequest: true };
  }

  /** The options of the request that messages with later blocks have, or ask for them with: made once. */
  get #laterOptions(): readonly Option[] {
    this.#keptOptions ??= withoutOptions(this.#request.options, OptionNumber.Size1, OptionNumber.IfNoneMatch);
    return this.#keptOptions;
  }

  /** The block with which the response is to begin, and its size. */
  #preferredSize(): Option {
    const { szx } = this.#init.blocks;
    const blockNumber = this.#downloadOffset / blockUnitBytes(szx);
    return blockOption(OptionNumber.Block2, { blockNumber, more: false, szx });
  }
}

/** The response with the whole body: that with the first block, without what said that it was only a part. */
function joined(incoming: IncomingBody): Message {
  const { type, code, messageId, token, options } = incoming.first;
  const { Block1, Block2, Size2 } = OptionNumber;
  return {
    type,
    code,
    messageId,
    token,
    options: withoutOptions(options, Block1, Block2, Size2),
    payload: incoming.whole(),
  };
}

function wrong(detail: string, section = '§2.4'): TransferOutcome {
  return { kind: 'wrong', detail, section: `RFC 7959 ${section}` };
}
