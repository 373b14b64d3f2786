import { encodedLengthMax, encodeMessage, encodeMessageInto, type Message } from '../wire/index.ts';

const SLAB_BYTES = 16_384;
const SHARED_BYTES_MAX = 2048;

/**
 * Encodes messages one behind the other into buffers that several share: a small typed array of its own for each
 * message costs more than encoding it. A buffer lives as long as one of its messages.
 */
export class MessageSlab {
  #buffer = new Uint8Array(0);
  #end = 0;

  /**
   * Encodes one message.
   *
   * @returns bytes that nothing else uses
   * @throws {RangeError} a field that does not fit the format
   */
  encode(message: Message): Uint8Array {
    const lengthMax = encodedLengthMax(message);
    if (lengthMax > SHARED_BYTES_MAX) return encodeMessage(message);
    const start = this.#reserve(lengthMax);
    this.#end = encodeMessageInto(this.#buffer, start, message);
    return this.#buffer.subarray(start, this.#end);
  }

  /** Encodes an empty message: four bytes. */
  encodeEmpty(type: number, messageId: number): Uint8Array {
    const start = this.#reserve(4);
    const buffer = this.#buffer;
    buffer[start] = 0x40 | (type << 4);
    buffer[start + 1] = 0;
    buffer[start + 2] = messageId >>> 8;
    buffer[start + 3] = messageId;
    this.#end = start + 4;
    return buffer.subarray(start, this.#end);
  }

  #reserve(length: number): number {
    if (this.#end + length > this.#buffer.length) {
      this.#buffer = new Uint8Array(SLAB_BYTES);
      this.#end = 0;
    }
    return this.#end;
  }
}
