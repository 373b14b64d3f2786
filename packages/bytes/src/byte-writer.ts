import { encodeUtf8 } from './utf8.ts';

/**
 * Up to this many bytes the engine keeps a fresh array inside its own heap, which is about twenty times
 * cheaper than memory of its own.
 */
const INITIAL_CAPACITY = 64;

/**
 * Bytes that grow at the end. Integers are written big-endian (network byte order).
 *
 * A value that does not fit its field is the caller's mistake and throws `RangeError`; nothing is truncated silently.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  /** Only for what is made of 8 bytes and more, or floats: a view takes the engine's cheap memory out of its heap. */
  #view: DataView | undefined;
  #length = 0;

  /** @param initialCapacity how many bytes fit before the first growth */
  constructor(initialCapacity: number = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(initialCapacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Writes an unsigned integer of one byte. */
  u8(value: number): void {
    checkInteger(value, 0, 0xff);
    const start = this.#grow(1);
    this.#bytes[start] = value;
  }

  /** Writes an unsigned integer of two bytes. */
  u16(value: number): void {
    checkInteger(value, 0, 0xffff);
    const start = this.#grow(2);
    this.#bytes[start] = value >>> 8;
    this.#bytes[start + 1] = value;
  }

  /** Writes an unsigned integer of three bytes. */
  u24(value: number): void {
    checkInteger(value, 0, 0xffffff);
    const start = this.#grow(3);
    this.#bytes[start] = value >>> 16;
    this.#bytes[start + 1] = value >>> 8;
    this.#bytes[start + 2] = value;
  }

  /** Writes an unsigned integer of four bytes. */
  u32(value: number): void {
    checkInteger(value, 0, 0xffffffff);
    const start = this.#grow(4);
    this.#bytes[start] = value >>> 24;
    this.#bytes[start + 1] = value >>> 16;
    this.#bytes[start + 2] = value >>> 8;
    this.#bytes[start + 3] = value;
  }

  /** Writes an unsigned integer of eight bytes. */
  u64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw notWritable(value);
    const start = this.#grow(8);
    this.#dataView().setBigUint64(start, value);
  }

  /** Writes a two's complement integer of one byte. */
  i8(value: number): void {
    checkInteger(value, -0x80, 0x7f);
    const start = this.#grow(1);
    this.#dataView().setInt8(start, value);
  }

  /** Writes a two's complement integer of two bytes. */
  i16(value: number): void {
    checkInteger(value, -0x8000, 0x7fff);
    const start = this.#grow(2);
    this.#dataView().setInt16(start, value);
  }

  /** Writes a two's complement integer of four bytes. */
  i32(value: number): void {
    checkInteger(value, -0x80000000, 0x7fffffff);
    const start = this.#grow(4);
    this.#dataView().setInt32(start, value);
  }

  /** Writes a two's complement integer of eight bytes. */
  i64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw notWritable(value);
    const start = this.#grow(8);
    this.#dataView().setBigInt64(start, value);
  }

  /** Writes an IEEE 754 number of four bytes, rounded to what these hold. */
  f32(value: number): void {
    const start = this.#grow(4);
    this.#dataView().setFloat32(start, value);
  }

  /** Writes an IEEE 754 number of eight bytes. */
  f64(value: number): void {
    const start = this.#grow(8);
    this.#dataView().setFloat64(start, value);
  }

  /** Writes bytes as they are. */
  bytes(view: Uint8Array): void {
    const start = this.#grow(view.length);
    this.#bytes.set(view, start);
  }

  /** Writes text as UTF-8, without a length before it. */
  utf8(text: string): void {
    this.bytes(encodeUtf8(text));
  }

  /** What was written, of exactly that size, in memory that nothing changes. The writer may go on being used. */
  finish(): Uint8Array {
    // Where no room is left, whatever is written next goes elsewhere.
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    return this.#view;
  }

  /** Makes room, which may replace the view: take the view only after. */
  #grow(length: number): number {
    const start = this.#length;
    const end = start + length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = undefined;
    }
    this.#length = end;
    return start;
  }
}

function checkInteger(value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw notWritable(value);
}

function notWritable(value: number | bigint): RangeError {
  return new RangeError(`${value} does not fit the field`);
}
