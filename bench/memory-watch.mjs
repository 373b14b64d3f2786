const MIB = 2 ** 20;
/** Memory is looked at so often, after collecting garbage: each look takes some milliseconds. */
const EVERY_BYTES = 8 * MIB;

/** How the memory of this process grows while a body goes through: heap and buffers that are in use. */
export class MemoryWatch {
  #passed = 0;
  #first = 0;
  #most = 0;

  /** So many bytes went through. */
  pass(bytes) {
    const before = Math.floor(this.#passed / EVERY_BYTES);
    this.#passed += bytes;
    if (Math.floor(this.#passed / EVERY_BYTES) === before) return;
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    if (this.#first === 0) this.#first = heapUsed + external;
    this.#most = Math.max(this.#most, heapUsed + external);
  }

  /** The most that was in use, beyond what the first look saw. */
  get grownBytes() {
    return this.#most - this.#first;
  }
}
