import { DecodeError, type DecodeErrorCode } from './decode-error.ts';

/**
 * A cursor over received bytes. Every read is checked in one place; reading past the end throws `truncated`.
 *
 * Integers are big-endian (network byte order).
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #section: string;
  /** Only for what is made of 8 bytes, signed integers and floats. */
  #view: DataView | undefined;
  #offset = 0;

  /**
   * @param bytes what is read; not copied
   * @param section where the format is specified, e.g. `RFC 7252 §3`: named by the errors of this reader
   */
  constructor(bytes: Uint8Array, section: string) {
    this.#bytes = bytes;
    this.#section = section;
  }

  /** Index of the next byte to be read. */
  get offset(): number {
    return this.#offset;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Reads an unsigned integer of one byte. */
  u8(): number {
    return this.#at(this.#advance(1));
  }

  /** Reads an unsigned integer of two bytes. */
  u16(): number {
    const start = this.#advance(2);
    return (this.#at(start) << 8) | this.#at(start + 1);
  }

  /** Reads an unsigned integer of three bytes. */
  u24(): number {
    const start = this.#advance(3);
    return (this.#at(start) << 16) | (this.#at(start + 1) << 8) | this.#at(start + 2);
  }

  /** Reads an unsigned integer of four bytes. */
  u32(): number {
    const start = this.#advance(4);
    const high = (this.#at(start) << 8) | this.#at(start + 1);
    return ((high << 16) | (this.#at(start + 2) << 8) | this.#at(start + 3)) >>> 0;
  }

  /** Reads an unsigned integer of eight bytes. */
  u64(): bigint {
    return this.#dataView().getBigUint64(this.#advance(8));
  }

  /** Reads a two's complement integer of one byte. */
  i8(): number {
    return this.#dataView().getInt8(this.#advance(1));
  }

  /** Reads a two's complement integer of two bytes. */
  i16(): number {
    return this.#dataView().getInt16(this.#advance(2));
  }

  /** Reads a two's complement integer of four bytes. */
  i32(): number {
    return this.#dataView().getInt32(this.#advance(4));
  }

  /** Reads a two's complement integer of eight bytes. */
  i64(): bigint {
    return this.#dataView().getBigInt64(this.#advance(8));
  }

  /** Reads an IEEE 754 number of four bytes. */
  f32(): number {
    return this.#dataView().getFloat32(this.#advance(4));
  }

  /** Reads an IEEE 754 number of eight bytes. */
  f64(): number {
    return this.#dataView().getFloat64(this.#advance(8));
  }

  /**
   * Reads bytes without copying them.
   *
   * @param length how many, 0 or more
   * @returns a view of the input
   */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Reads all that is left, as a view of the input. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /**
   * The error to throw when what was read is not acceptable.
   *
   * @param code what is wrong
   * @param offset index of the offending byte; without it, the next byte to be read
   */
  error(code: DecodeErrorCode, offset: number = this.#offset): DecodeError {
    return new DecodeError(code, { offset, section: this.#section });
  }

  /** A byte that was checked to be there. */
  #at(index: number): number {
    return this.#bytes[index] as number;
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (length > this.remaining) throw this.error('truncated', this.#bytes.length);
    this.#offset = start + length;
    return start;
  }
}
