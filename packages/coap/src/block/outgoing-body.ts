import { type Block, blockOffset, blockUnitBytes, nextBlockNumber } from '../wire/index.ts';

/**
 * A request body on its way, block after block.
 *
 * @see RFC 7959 §2.5
 */
export class OutgoingBody {
  readonly #body: Uint8Array;
  #szx: number;
  #blockNumber = 0;

  constructor(body: Uint8Array, szx: number) {
    this.#body = body;
    this.#szx = szx;
  }

  /** How many bytes the whole has. */
  get length(): number {
    return this.#body.length;
  }

  /** The block that is to be sent, or was sent and is not answered yet. */
  get block(): Block {
    const more = this.#offset + blockUnitBytes(this.#szx) < this.#body.length;
    return { blockNumber: this.#blockNumber, more, szx: this.#szx };
  }

  /** The bytes of {@link block}. */
  get payload(): Uint8Array {
    return this.#body.subarray(this.#offset, this.#offset + blockUnitBytes(this.#szx));
  }

  get #offset(): number {
    return blockOffset({ blockNumber: this.#blockNumber, szx: this.#szx });
  }

  /**
   * Goes on to the next block, which has the size that the peer prefers if that is smaller: "the client SHOULD use this
   * block size or a smaller one in all further requests … possibly scaling the block number accordingly" (RFC 7959 §2.3).
   */
  advance(preferredSzx: number): void {
    const szx = Math.min(this.#szx, preferredSzx);
    this.#blockNumber = nextBlockNumber(this.block, blockUnitBytes(this.#szx), szx);
    this.#szx = szx;
  }

  /** Begins again, in blocks of this size. */
  restart(szx: number = this.#szx): void {
    this.#szx = szx;
    this.#blockNumber = 0;
  }
}
