import {
  BLOCK_NUMBER_MAX,
  type Block,
  blockOffset,
  blockUnitBytes,
  type Message,
  OptionNumber,
} from '../wire/index.ts';
import { firstValue, sameValue, sizeOf } from './block-option.ts';
import { isWholeBlock } from './block-size.ts';
import { BodyBuffer } from './body-buffer.ts';

/**
 * What a block of a response makes of its body. `changed`: it is of another representation, and the blocks before it are
 * of no use any more.
 */
export type BlockOutcome =
  | { readonly kind: 'more' | 'whole' | 'changed' | 'too-large' }
  | { readonly kind: 'wrong'; readonly detail: string };

/** What is known of a response body before its first block. */
export interface IncomingBodyInit {
  readonly szx: number;
  /** Where the first block begins. */
  readonly offset: number;
  /** How long it may be; `undefined`: it is not kept, but passed on block by block. */
  readonly bytesMax: number | undefined;
}

const MORE: BlockOutcome = { kind: 'more' };

/**
 * A response body that comes block after block.
 *
 * @see RFC 7959 §2.4
 */
export class IncomingBody {
  /** The response that had the first block. */
  readonly first: Message;
  readonly #bytesMax: number;
  readonly #buffer: BodyBuffer | undefined;
  #szx: number;
  /** Where the next block begins. */
  #offset: number;
  #received = 0;

  constructor(first: Message, { szx, offset, bytesMax }: IncomingBodyInit) {
    this.first = first;
    this.#szx = szx;
    this.#offset = offset;
    this.#bytesMax = bytesMax ?? Number.POSITIVE_INFINITY;
    this.#buffer = bytesMax === undefined ? undefined : new BodyBuffer();
  }

  /** Whether its blocks are passed on as they come. */
  get isStreamed(): boolean {
    return this.#buffer === undefined;
  }

  /** The block that is to be asked for. */
  get wanted(): Block {
    return { blockNumber: this.#offset / blockUnitBytes(this.#szx), more: false, szx: this.#szx };
  }

  /** Takes the first block, of a body that has more. */
  begin(): BlockOutcome {
    const { first } = this;
    const size = sizeOf(first.options, OptionNumber.Size2) ?? 0;
    if (size - this.#offset > this.#bytesMax) return { kind: 'too-large' };
    return this.#append(first.payload, true);
  }

  /** Takes a later block. */
  take(message: Message, block: Block): BlockOutcome {
    const { first } = this;
    if (message.code !== first.code) return wrong('a block has another code than the first');
    // "the client, when reassembling the representation from the blocks being exchanged, MUST compare ETag Options"
    // (RFC 7959 §2.4).
    if (!sameOption(message, first, OptionNumber.ETag)) return { kind: 'changed' };
    // "it is up to the client how to handle this error" (RFC 7959 §2.3).
    if (!sameOption(message, first, OptionNumber.ContentFormat)) return { kind: 'changed' };
    if (block.szx > this.#szx) return wrong('a block is larger than the one that was asked for');
    if (blockOffset(block) !== this.#offset) return wrong('a block is not the one that was asked for');
    this.#szx = block.szx;
    return this.#append(message.payload, block.more);
  }

  /** The whole body; empty where it was passed on. */
  whole(): Uint8Array {
    return this.#buffer?.whole() ?? new Uint8Array(0);
  }

  #append(payload: Uint8Array, more: boolean): BlockOutcome {
    // "The block size implied by SZX MUST match the size of the payload in bytes, if the M bit is set" (RFC 7959 §2.3).
    if (more && !isWholeBlock(this.#szx, payload.length)) return wrong('a block has not the size that it says');
    this.#received += payload.length;
    if (this.#received > this.#bytesMax) return { kind: 'too-large' };
    this.#offset += payload.length;
    this.#buffer?.append(payload);
    if (!more) return { kind: 'whole' };
    // One byte more is certain to come.
    if (this.#received >= this.#bytesMax) return { kind: 'too-large' };
    return this.wanted.blockNumber > BLOCK_NUMBER_MAX ? wrong('the body has too many blocks') : MORE;
  }
}

function sameOption(left: Message, right: Message, optionNumber: number): boolean {
  return sameValue(firstValue(left.options, optionNumber), firstValue(right.options, optionNumber));
}

function wrong(detail: string): BlockOutcome {
  return { kind: 'wrong', detail };
}
