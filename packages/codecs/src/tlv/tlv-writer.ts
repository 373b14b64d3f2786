import { ID_MAX } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import { copyOut } from '../values/copy-out.ts';
import { TLV_VALUE_BYTES_MAX } from './tlv-header.ts';

const INITIAL_CAPACITY = 1024;
/** A buffer that once grew beyond this is not kept for the next payload. */
const KEPT_CAPACITY_MAX = 65_536;

let kept = /* @__PURE__ */ new Uint8Array(INITIAL_CAPACITY);
let keptView = /* @__PURE__ */ new DataView(kept.buffer);

/**
 * Writes TLV from its end to its beginning, so that the length of a value is known when its header is written.
 *
 * Writers share one buffer: a writer is finished before the next one is made.
 */
export class TlvWriter {
  #bytes = kept;
  #view = keptView;
  #start = kept.length;

  /** How many bytes were written. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /**
   * Writes the header of the entry whose value was written since the writer had `lengthBefore` bytes, in its shortest form.
   *
   * @param type one of `TlvType`
   * @param id 0 to 65534
   * @param lengthBefore what {@link TlvWriter.length} was before the value
   * @throws {ContentError} `not-representable` for a value of more than 16,777,215 bytes
   * @throws {RangeError} for an id that is none
   * @see LwM2M Core 1.1.1 §7.4.3
   */
  header(type: number, id: number, lengthBefore: number): void {
    if (!(Number.isInteger(id) && id >= 0 && id <= ID_MAX)) throw new RangeError(`${id} is no identifier`);
    const length = this.length - lengthBefore;
    if (length > TLV_VALUE_BYTES_MAX) throw new ContentError('not-representable');
    const lengthBytes = length < 8 ? 0 : length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
    const idBytes = id < 0x100 ? 1 : 2;
    let at = this.#reserve(1 + idBytes + lengthBytes);
    const bytes = this.#bytes;
    bytes[at++] = (type << 6) | ((idBytes - 1) << 5) | (lengthBytes << 3) | (lengthBytes === 0 ? length : 0);
    if (idBytes === 2) bytes[at++] = id >>> 8;
    bytes[at++] = id & 0xff;
    for (let shift = (lengthBytes - 1) * 8; shift >= 0; shift -= 8) bytes[at++] = (length >>> shift) & 0xff;
  }

  /** Writes bytes as they are. */
  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** Writes a string of ASCII characters, one byte each. */
  ascii(text: string): void {
    const at = this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[at + index] = text.charCodeAt(index);
  }

  /** Writes an unsigned integer of one byte. */
  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  /** Writes two bytes of an integer. */
  i16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setInt16(at, value);
  }

  /** Writes four bytes of an integer. */
  i32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  /** Writes eight bytes of an integer. */
  i64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, BigInt.asIntN(64, value));
  }

  /** Writes an IEEE 754 number of four bytes. */
  f32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value);
  }

  /** Writes an IEEE 754 number of eight bytes. */
  f64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  /** A copy of what was written, of exactly that size. */
  finish(): Uint8Array {
    const written = copyOut(this.#bytes, this.#start, this.#bytes.length);
    if (this.#bytes.length <= KEPT_CAPACITY_MAX) {
      kept = this.#bytes;
      keptView = this.#view;
    }
    return written;
  }

  #reserve(length: number): number {
    if (length > this.#start) {
      const used = this.length;
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, used + length));
      grown.set(this.#bytes.subarray(this.#start), grown.length - used);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
      this.#start = grown.length - used;
    }
    this.#start -= length;
    return this.#start;
  }
}
