import * as MajorType from '../cbor/major-type.ts';

const BREAK = 0xff;
/** The count of a container that ends with a break. */
const OPEN = -1;
const INDEFINITE_INFO = 31;

/**
 * Finds where a CBOR data item ends in bytes that come in pieces, in time linear in them. What is not well-formed ends where
 * that shows: the decoder of the item refuses it.
 *
 * @see RFC 8949 §3, Appendix C
 */
export class CborItemScanner {
  /** How many containers are open; the caller holds it to its limit. */
  get nesting(): number {
    return this.#open.length;
  }
  /** How many items are still to come in each open container. */
  readonly #open: number[] = [];
  #major = 0;
  #argument = 0;
  #argumentLeft = 0;
  #stringLeft = 0;

  /**
   * Goes on with the next bytes.
   *
   * @param bytes hold them
   * @param start index of the first
   * @returns the index behind the item; −1 if it does not end in these bytes
   */
  scan(bytes: Uint8Array, start: number): number {
    let index = start;
    while (index < bytes.length) {
      let done: boolean;
      if (this.#stringLeft > 0) {
        const taken = Math.min(this.#stringLeft, bytes.length - index);
        index += taken;
        this.#stringLeft -= taken;
        done = this.#stringLeft === 0 && this.#itemEnds();
      } else {
        const byte = bytes[index] ?? 0;
        index++;
        done = this.#argumentLeft > 0 ? this.#argumentByte(byte) : this.#initialByte(byte);
      }
      if (done) {
        this.#open.length = 0;
        return index;
      }
    }
    return -1;
  }

  #initialByte(byte: number): boolean {
    const info = byte & 0x1f;
    this.#major = byte >>> 5;
    if (info < 24) {
      this.#argument = info;
      return this.#headEnds();
    }
    if (info < 28) {
      this.#argument = 0;
      this.#argumentLeft = 1 << (info - 24);
      return false;
    }
    if (byte === BREAK) return this.#open.pop() === OPEN ? this.#itemEnds() : true;
    const container = this.#major >= MajorType.BYTES && this.#major <= MajorType.MAP;
    if (info !== INDEFINITE_INFO || !container) return true;
    this.#open.push(OPEN);
    return false;
  }

  #argumentByte(byte: number): boolean {
    this.#argument = this.#argument * 256 + byte;
    this.#argumentLeft--;
    return this.#argumentLeft === 0 && this.#headEnds();
  }

  #headEnds(): boolean {
    const items = this.#items();
    if (items > 0) this.#open.push(items);
    return items === 0 && this.#stringLeft === 0 && this.#itemEnds();
  }

  /** How many items a head announces. The bytes of a string are noted instead. */
  #items(): number {
    switch (this.#major) {
      case MajorType.BYTES:
      case MajorType.TEXT:
        this.#stringLeft = this.#argument;
        return 0;
      case MajorType.ARRAY:
        return this.#argument;
      case MajorType.MAP:
        return this.#argument * 2;
      default:
        return this.#major === MajorType.TAG ? 1 : 0;
    }
  }

  /** Counts an item as read, and the containers that it completes. @returns whether nothing is open */
  #itemEnds(): boolean {
    for (;;) {
      const last = this.#open.length - 1;
      const left = this.#open[last];
      if (left === undefined) return true;
      if (left === OPEN) return false;
      this.#open[last] = left - 1;
      if (left > 1) return false;
      this.#open.pop();
    }
  }
}
