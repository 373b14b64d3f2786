const FIRST_CAPACITY = 2048;

/** A body that grows block by block. */
export class BodyBuffer {
  #bytes = new Uint8Array(0);
  #length = 0;

  /** How many bytes it has. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes of memory it holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Copies a block behind what is there; the memory doubles where it does not suffice. */
  append(block: Uint8Array): void {
    const length = this.#length + block.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, FIRST_CAPACITY, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(block, this.#length);
    this.#length = length;
  }

  /** Whether the bytes from `offset` on are those of `block`. */
  holds(offset: number, block: Uint8Array): boolean {
    if (offset + block.length > this.#length) return false;
    return block.every((byte, index) => byte === this.#bytes[offset + index]);
  }

  /** The body: bytes of its own, which hold no memory beyond it. */
  whole(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
