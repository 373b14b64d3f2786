import type { Instant, Timer } from '../effects.ts';
import {
  blockUnitBytes,
  codeClass,
  encodeUintOption,
  type Message,
  Method,
  type Option,
  OptionNumber,
  ResponseCode,
} from '../wire/index.ts';
import { blockOf, blockOption, namesBlock, sizeOf, withoutOptions } from './block-option.ts';
import type { BlockParameters } from './block-parameters.ts';
import { type BlockOutcome, IncomingBody } from './incoming-body.ts';
import { OutgoingBody } from './outgoing-body.ts';

/** A request as a whole. */
export interface WholeRequest {
  readonly code: number;
  /** Without Observe. */
  readonly options: readonly Option[];
  readonly payload: Uint8Array;
  readonly isConfirmable: boolean;
}

/** One message of a transfer. */
export interface TransferMessage extends WholeRequest {
  /** Whether it is the request itself or a part of it, as opposed to one for a later block of the response. */
  readonly isRequest: boolean;
}

/** What follows on a response: another message, the whole response, or that there will be none. */
export type TransferOutcome =
  | { readonly kind: 'send' | 'restart'; readonly message: TransferMessage }
  | { readonly kind: 'done'; readonly response: Message }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'wrong'; readonly detail: string; readonly section: string };

const NOTHING = new Uint8Array(0);

/**
 * One request of ours with bodies of any length both ways: what is to be sent next, and when the response is whole.
 *
 * @see RFC 7959 §2
 */
export class ClientTransfer implements Timer {
  /** When the transfer is given up; only once it has several blocks. */
  deadline: Instant = 0;
  heapIndex = -1;
  readonly #parameters: BlockParameters;
  readonly #request: WholeRequest;
  readonly #requestTag: () => Option | undefined;
  /** Who names a block cuts and joins himself. */
  readonly #isManual: boolean;
  #tag: Option | undefined;
  #outgoing: OutgoingBody | undefined;
  #incoming: IncomingBody | undefined;
  /** Whether the peer acted on single blocks: such a request must not be repeated unless it is idempotent. */
  #isEnacted = false;
  #hasRestartedUpload = false;
  #downloadRestarts = 0;

  /** @param requestTag makes the Request-Tag, if the transfer needs one: only asked for a body of several blocks */
  constructor(request: WholeRequest, parameters: BlockParameters, requestTag: () => Option | undefined) {
    this.#request = request;
    this.#parameters = parameters;
    this.#requestTag = requestTag;
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

  /** The first message. */
  start(): TransferMessage {
    const { blockSzx } = this.#parameters;
    this.#incoming = undefined;
    if (this.#isManual) return { ...this.#request, isRequest: true };
    if (this.#outgoing !== undefined) this.#outgoing.restart();
    else if (this.#request.payload.length > blockUnitBytes(blockSzx)) this.#beginUpload(blockSzx);
    return this.#message();
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
    if (block === undefined || this.#isManual) return { kind: 'done', response };
    if (block.blockNumber !== 0) return wrong('the first block of the response is not number 0');
    if (!block.more) return { kind: 'done', response };
    // "A server MUST use the block size indicated or a smaller size" (RFC 7959 §2.4).
    if (this.#negotiates && block.szx > this.#parameters.blockSzx) return wrong('the blocks are larger than asked for');
    this.#incoming = new IncomingBody(response, block.szx, this.#parameters.bodyBytesMax);
    return this.#follow(this.#incoming.begin(), this.#incoming);
  }

  #beginUpload(szx: number): void {
    // Its bytes are wanted for long: the caller may change his meanwhile.
    this.#outgoing = new OutgoingBody(this.#request.payload.slice(), szx);
    this.#tag = this.#requestTag();
  }

  /** A block of the request was answered. */
  #takeAcknowledgement(response: Message, outgoing: OutgoingBody): TransferOutcome {
    const { code } = response;
    const acknowledged = blockOf(response.options, OptionNumber.Block1);
    const { block } = outgoing;
    if (code === ResponseCode.RequestEntityTooLarge && acknowledged !== undefined && acknowledged.szx < block.szx) {
      // "a hint to try that smaller SZX" (RFC 7959 §2.9.3).
      outgoing.restart(acknowledged.szx);
      return { kind: 'restart', message: this.#message() };
    }
    if (code === ResponseCode.RequestEntityIncomplete && block.blockNumber > 0 && this.#mayRestartUpload()) {
      this.#hasRestartedUpload = true;
      outgoing.restart();
      return { kind: 'restart', message: this.#message() };
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
    return { kind: 'send', message: this.#message() };
  }

  /** "a 4.13 response to a request that does not employ Block1 is a hint … to try sending Block1" (RFC 7959 §2.5). */
  #takeTooLarge(response: Message): TransferOutcome {
    const { payload } = this.#request;
    const most = sizeOf(response.options, OptionNumber.Size1);
    let szx = Math.min(this.#parameters.blockSzx, blockOf(response.options, OptionNumber.Block1)?.szx ?? 6);
    while (szx >= 0 && blockUnitBytes(szx) >= payload.length) szx--;
    if (szx < 0 || (most !== undefined && most < payload.length)) return this.takeFirst(response);
    this.#beginUpload(szx);
    return { kind: 'restart', message: this.#message() };
  }

  #takeLaterBlock(response: Message, incoming: IncomingBody): TransferOutcome {
    // An error ends the transfer, and is the answer: the resource is gone, or the peer has forgotten the body.
    if (codeClass(response.code) !== 2) return { kind: 'done', response };
    const block = blockOf(response.options, OptionNumber.Block2);
    // Without Block2 it is the whole of a representation that has become short meanwhile (RFC 7959 §2.2).
    if (block === undefined) return this.#isRepeatable ? { kind: 'done', response } : wrong('a block without Block2');
    return this.#follow(incoming.take(response, block), incoming);
  }

  #follow(outcome: BlockOutcome, incoming: IncomingBody): TransferOutcome {
    switch (outcome.kind) {
      case 'more':
        return { kind: 'send', message: this.#message() };
      case 'whole':
        return { kind: 'done', response: joined(incoming) };
      case 'changed':
        return this.#startAgain();
      case 'too-large':
        return { kind: 'too-large' };
      case 'wrong':
        return wrong(outcome.detail);
    }
  }

  /** "the requester has the option of attempting to retrieve fresh values" (RFC 7959 §2.4). */
  #startAgain(): TransferOutcome {
    const mayRestart = this.#isRepeatable && this.#downloadRestarts < this.#parameters.bodyRestartsMax;
    if (!mayRestart) return wrong('the response changed while its blocks were fetched');
    this.#downloadRestarts++;
    return { kind: 'restart', message: this.start() };
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
    return this.#parameters.blockSzx < 6 && (this.#isRepeatable || this.#request.code === Method.Post);
  }

  #message(): TransferMessage {
    const { code, options, isConfirmable } = this.#request;
    const tag = this.#tag === undefined ? [] : [this.#tag];
    if (this.#incoming !== undefined) {
      const own = withoutOptions(options, OptionNumber.Size1, OptionNumber.IfNoneMatch);
      const wanted = blockOption(OptionNumber.Block2, this.#incoming.wanted);
      // "no payload for requests with Block2 with NUM != 0" (RFC 7959 §3.3).
      return { code, options: [...own, ...tag, wanted], payload: NOTHING, isConfirmable: true, isRequest: false };
    }
    const outgoing = this.#outgoing;
    if (outgoing === undefined) {
      const all = this.#negotiates ? [...options, this.#preferredSize()] : options;
      return { code, options: all, payload: this.#request.payload, isConfirmable, isRequest: true };
    }
    const { block, payload } = outgoing;
    const extra = [...tag, blockOption(OptionNumber.Block1, block)];
    if (!block.more && this.#negotiates) extra.push(this.#preferredSize());
    const isFirst = block.blockNumber === 0;
    if (isFirst) extra.push(encodeUintOption(OptionNumber.Size1, outgoing.length));
    // "If-None-Match … MUST NOT be used on Block1 requests with NUM != 0" (RFC 7959 §2.10).
    const own = withoutOptions(options, OptionNumber.Size1, ...(isFirst ? [] : [OptionNumber.IfNoneMatch]));
    // Lost blocks would escalate the chance that the whole is lost (RFC 7959 §1): each is sent until acknowledged.
    return { code, options: [...own, ...extra], payload, isConfirmable: true, isRequest: true };
  }

  #preferredSize(): Option {
    return blockOption(OptionNumber.Block2, { blockNumber: 0, more: false, szx: this.#parameters.blockSzx });
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
