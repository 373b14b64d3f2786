import { type Block, blockUnitBytes } from '../wire/index.ts';
import { type BlockSize, plainBlocks, smallerBlocks } from './block-size.ts';

/** A piece of a body, as it is provided. */
export interface BodyPart {
  /** Its bytes. */
  readonly payload: Uint8Array;
  /** Whether the body ends with them. */
  readonly isLast: boolean;
}

/** Where a body on its way comes from. */
export interface OutgoingSource {
  /** Its bytes; `undefined`: they are asked for, block after block. */
  readonly bytes: Uint8Array | undefined;
  /** How long the whole is; `undefined`: not known. */
  readonly size: number | undefined;
  /** The number of the block with which it begins, in units of the first size. */
  readonly startBlock: number;
  /** Whether bytes that were asked for can be asked for again. */
  readonly isRepeatable: boolean;
}

/**
 * A request body on its way, block after block.
 *
 * @see RFC 7959 §2.5
 */
export class OutgoingBody {
  /** How many bytes the whole has; `undefined`: not known. */
  readonly length: number | undefined;
  readonly #bytes: Uint8Array | undefined;
  readonly #start: number;
  readonly #isRepeatable: boolean;
  #size: BlockSize;
  /** Of the block under way, from where this body begins. */
  #offset = 0;
  /** The block under way, where it had to be asked for. */
  #part: BodyPart | undefined;
  #hasProgress = false;

  constructor({ bytes, size, startBlock, isRepeatable }: OutgoingSource, blocks: BlockSize) {
    this.#bytes = bytes;
    this.#isRepeatable = isRepeatable || bytes !== undefined;
    this.#size = blocks;
    this.#start = startBlock * blockUnitBytes(blocks.szx);
    this.length = size ?? (bytes === undefined ? undefined : this.#start + bytes.length);
  }

  /** Where the bytes of the block under way begin, from where this body begins, and how many there may be. */
  get wanted(): { readonly offset: number; readonly length: number } {
    return { offset: this.#offset, length: this.#size.bytes };
  }

  /** Whether the block under way is here. */
  get isReady(): boolean {
    return this.#bytes !== undefined || this.#part !== undefined;
  }

  /** Whether it all fits one message: then it is no transfer of blocks. */
  get isSingle(): boolean {
    return this.#start === 0 && this.#offset === 0 && this.#part?.isLast === true;
  }

  /** Whether it can be sent from its start again: not where bytes that were asked for are gone. */
  get canRestart(): boolean {
    return this.#isRepeatable || !this.#hasProgress;
  }

  /** Takes the bytes that are {@link wanted}. */
  provide(part: BodyPart): void {
    this.#part = part;
  }

  /** The block that is to be sent, or was sent and is not answered yet. */
  get block(): Block {
    const { szx, bytes } = this.#size;
    const end = this.#offset + bytes;
    const more = this.#bytes === undefined ? this.#part?.isLast === false : end < this.#bytes.length;
    return { blockNumber: (this.#start + this.#offset) / blockUnitBytes(szx), more, szx };
  }

  /** The bytes of {@link block}. */
  get payload(): Uint8Array {
    if (this.#bytes === undefined) return this.#part?.payload ?? new Uint8Array(0);
    return this.#bytes.subarray(this.#offset, this.#offset + this.#size.bytes);
  }

  /**
   * Goes on to the next block, which has the size that the peer prefers if that is smaller: "the client SHOULD use this
   * block size or a smaller one in all further requests … possibly scaling the block number accordingly" (RFC 7959 §2.3).
   */
  advance(preferredSzx: number): void {
    this.#offset += this.payload.length;
    this.#size = smallerBlocks(this.#size, preferredSzx);
    this.#part = undefined;
    this.#hasProgress = true;
  }

  /** Begins again, in blocks of this size. */
  restart(szx: number = this.#size.szx): void {
    if (szx !== this.#size.szx) this.#size = plainBlocks(szx);
    this.#offset = 0;
    this.#part = undefined;
  }
}
