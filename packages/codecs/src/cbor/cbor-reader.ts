import { DecodeError, type DecodeErrorCode, decodeUtf8 } from '@motestack/bytes';
import { decodeHalf } from './half-float.ts';
import { bigfloat, bignum, decimalFraction, epochOfDateText } from './tagged-numbers.ts';

/** Bits 7 to 5 of an initial byte (RFC 8949 §3.1). */
export const MajorType = { Unsigned: 0, Negative: 1, Bytes: 2, Text: 3, Array: 4, Map: 5, Tag: 6, Simple: 7 } as const;

/** The count of an array or map that ends with a break. */
export const INDEFINITE = -1;

const BREAK = 0xff;
const NO_TAG = -1;
const SHORT_TEXT_LENGTH = 24;

/**
 * Reads the data items of one CBOR payload in order: well-formedness is checked at every step, and nothing is allocated
 * on the word of a length that the payload does not bear out.
 *
 * @see RFC 8949 §3, Appendix C, Appendix F
 */
export class CborReader {
  /** Index of the next byte. */
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #section: string;
  readonly #nestingMax: number;
  /** What the last head held beside the major type: the argument, and its exact form where a number has not enough bits. */
  #argument = 0;
  #wide: bigint | undefined;

  /**
   * @param bytes a whole payload
   * @param section where what is read is specified, for errors
   * @param nestingMax containers and tags within each other; more is `too-deep`
   */
  constructor(bytes: Uint8Array, section: string, nestingMax: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#section = section;
    this.#nestingMax = nestingMax;
  }

  /** The major type of the next item. @throws {DecodeError} `truncated` */
  peekMajor(): number {
    return this.#peek() >>> 5;
  }

  /** Begins an array. @returns how many items follow, or {@link INDEFINITE} */
  beginArray(): number {
    return this.#begin(MajorType.Array);
  }

  /** Begins a map. @returns how many pairs follow, or {@link INDEFINITE} */
  beginMap(): number {
    return this.#begin(MajorType.Map);
  }

  /** Whether an indefinite-length array or map ends here. The break is read. */
  atBreak(): boolean {
    if (this.#peek() !== BREAK) return false;
    this.offset++;
    return true;
  }

  /** Whether the next item is `null`. It is read then. */
  atNull(): boolean {
    if (this.#peek() !== 0xf6) return false;
    this.offset++;
    return true;
  }

  /** Reads `true` or `false`. */
  boolean(): boolean {
    this.#untag();
    const byte = this.#peek();
    if (byte !== 0xf4 && byte !== 0xf5) throw this.error('bad-type');
    this.offset++;
    return byte === 0xf5;
  }

  /** Reads an integer of major type 0 or 1. */
  integer(): number | bigint {
    const start = this.offset;
    const major = this.#head();
    if (major > MajorType.Negative) throw this.error('bad-type', start);
    return this.#integerOf(major);
  }

  /**
   * Reads a number: an integer or float of any width, or what tags 0 to 5 make of their content: a date as text, seconds
   * since 1970, a bignum, a decimal fraction, a bigfloat. Other tags are passed over.
   *
   * @returns a `bigint` beyond ±(2^53 − 1)
   * @throws {DecodeError} `bad-type`, `bad-value` (a fraction beyond what a double holds), `too-long` (a bignum), `too-deep`
   * @see RFC 8949 §3.3, §3.4.1 to §3.4.4
   */
  number(): number | bigint {
    const start = this.offset;
    const tag = this.#untag();
    switch (tag) {
      case 0:
        return epochOfDateText(this.text()) ?? this.#fail('bad-value', start);
      case 2:
      case 3:
        return bignum(this.bytes(), tag === 3) ?? this.#fail('too-long', start);
      case 4:
      case 5:
        return this.#fraction(tag, start);
      default:
        return this.#plainNumber();
    }
  }

  /**
   * Reads a text string of definite or indefinite length.
   *
   * @throws {DecodeError} `bad-utf8`, of each chunk by itself; `bad-type`, `truncated`
   * @see RFC 8949 §3.2.3
   */
  text(): string {
    this.#untag();
    const length = this.#begin(MajorType.Text);
    if (length !== INDEFINITE) return this.#textOf(length);
    let text = '';
    while (!this.atBreak()) text += this.#textOf(this.#chunkHead(MajorType.Text));
    return text;
  }

  /**
   * Reads a byte string of definite or indefinite length.
   *
   * @returns a view of the payload, or the chunks in one array
   * @throws {DecodeError} `bad-type`, `truncated`
   * @see RFC 8949 §3.2.3
   */
  bytes(): Uint8Array {
    this.#untag();
    const length = this.#begin(MajorType.Bytes);
    if (length !== INDEFINITE) return this.#take(length);
    const start = this.offset;
    let total = 0;
    while (!this.atBreak()) total += this.#take(this.#chunkHead(MajorType.Bytes)).length;
    const end = this.offset;
    const joined = new Uint8Array(total);
    this.offset = start;
    for (let written = 0; !this.atBreak(); ) {
      const chunk = this.#take(this.#chunkHead(MajorType.Bytes));
      joined.set(chunk, written);
      written += chunk.length;
    }
    this.offset = end;
    return joined;
  }

  /**
   * Passes over one item, whatever it is.
   *
   * @param nesting how many containers are around it
   * @throws {DecodeError} `truncated`, `reserved-value`, `bad-syntax` (a break or chunk where none may be), `too-deep`
   * @see RFC 8949 Appendix C
   */
  skip(nesting = 0): void {
    const start = this.offset;
    const initial = this.#peek();
    const major = initial >>> 5;
    switch (major) {
      case MajorType.Bytes:
      case MajorType.Text:
        this.#skipString(major);
        break;
      case MajorType.Array:
      case MajorType.Map:
      case MajorType.Tag:
        if (nesting >= this.#nestingMax) throw this.error('too-deep', start);
        this.#skipItems(major, nesting + 1);
        break;
      default:
        if (initial === BREAK) throw this.error('bad-syntax', start);
        this.#head();
    }
  }

  /** Makes sure that nothing is left. @throws {DecodeError} `trailing-bytes` */
  finish(): void {
    if (this.offset !== this.#bytes.length) throw this.error('trailing-bytes');
  }

  /**
   * @param code what is wrong
   * @param offset index of the byte at fault; the next byte unless said
   * @returns the error to throw
   */
  error(code: DecodeErrorCode, offset: number = this.offset): DecodeError {
    return new DecodeError(code, { offset, section: this.#section });
  }

  #fail(code: DecodeErrorCode, offset: number): never {
    throw this.error(code, offset);
  }

  #peek(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) throw this.error('truncated');
    return byte;
  }

  /** Reads an initial byte and its argument. Indefinite lengths are for {@link #begin} and {@link #stringHead}. */
  #head(): number {
    const start = this.offset;
    const initial = this.#peek();
    const info = initial & 0x1f;
    this.offset = start + 1;
    this.#wide = undefined;
    if (info < 24) this.#argument = info;
    else if (info > 27) throw this.error(info === 31 ? 'bad-syntax' : 'reserved-value', start);
    else this.#readArgument(1 << (info - 24));
    // Simple values below 32 have one byte (RFC 8949 §3.3).
    if (initial === 0xf8 && this.#argument < 32) throw this.error('reserved-value', start);
    return initial >>> 5;
  }

  #readArgument(length: number): void {
    const at = this.offset;
    if (at + length > this.#bytes.length) throw this.error('truncated', this.#bytes.length);
    this.offset = at + length;
    if (length === 1) this.#argument = this.#view.getUint8(at);
    else if (length === 2) this.#argument = this.#view.getUint16(at);
    else if (length === 4) this.#argument = this.#view.getUint32(at);
    else {
      this.#argument = this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
      if (!Number.isSafeInteger(this.#argument)) this.#wide = this.#view.getBigUint64(at);
    }
  }

  #integerOf(major: number): number | bigint {
    if (this.#wide !== undefined) return major === MajorType.Unsigned ? this.#wide : -1n - this.#wide;
    if (major === MajorType.Unsigned) return this.#argument;
    const value = -1 - this.#argument;
    return Number.isSafeInteger(value) ? value : -1n - BigInt(this.#argument);
  }

  #plainNumber(): number | bigint {
    const start = this.offset;
    const initial = this.#peek();
    const major = this.#head();
    if (major <= MajorType.Negative) return this.#integerOf(major);
    switch (initial) {
      case 0xf9:
        return decodeHalf(this.#argument);
      case 0xfa:
        return this.#view.getFloat32(start + 1);
      case 0xfb:
        return this.#view.getFloat64(start + 1);
      default:
        throw this.error('bad-type', start);
    }
  }

  /** `[exponent, mantissa]`; a mantissa may be a bignum (RFC 8949 §3.4.4). */
  #fraction(tag: 4 | 5, start: number): number | bigint {
    if (this.beginArray() !== 2) throw this.error('bad-type', start);
    const exponent = this.integer();
    const mantissaTag = this.#untag();
    let mantissa: number | bigint;
    if (mantissaTag === 2 || mantissaTag === 3) {
      mantissa = bignum(this.bytes(), mantissaTag === 3) ?? this.#fail('too-long', start);
    } else mantissa = this.integer();
    const value = tag === 4 ? decimalFraction(exponent, mantissa) : bigfloat(exponent, mantissa);
    return value ?? this.#fail('bad-value', start);
  }

  /** Passes over the tags in front of an item. @returns the innermost, or {@link NO_TAG} */
  #untag(): number {
    let tag = NO_TAG;
    for (let count = 0; this.peekMajor() === MajorType.Tag; count++) {
      if (count >= this.#nestingMax) throw this.error('too-deep');
      this.#head();
      tag = this.#argument;
    }
    return tag;
  }

  #begin(major: number): number {
    const start = this.offset;
    if (this.#peek() === ((major << 5) | 31)) {
      this.offset++;
      return INDEFINITE;
    }
    if (this.#head() !== major) throw this.error('bad-type', start);
    return this.#argument;
  }

  /** The head of a chunk: a string of the same major type and of definite length. */
  #chunkHead(major: number): number {
    const start = this.offset;
    const initial = this.#peek();
    if (initial >>> 5 !== major || (initial & 0x1f) === 31) throw this.error('bad-syntax', start);
    this.#head();
    return this.#argument;
  }

  #skipItems(major: number, nesting: number): void {
    if (major === MajorType.Tag) {
      this.#head();
      this.skip(nesting);
      return;
    }
    const pair = major === MajorType.Map ? 2 : 1;
    const count = this.#begin(major);
    if (count !== INDEFINITE) {
      for (let left = count * pair; left > 0; left--) this.skip(nesting);
      return;
    }
    while (!this.atBreak()) {
      for (let item = 0; item < pair; item++) this.skip(nesting);
    }
  }

  #skipString(major: number): void {
    const length = this.#begin(major);
    if (length === INDEFINITE) while (!this.atBreak()) this.#advance(this.#chunkHead(major));
    else this.#advance(length);
  }

  #textOf(length: number): string {
    const start = this.#advance(length);
    if (length <= SHORT_TEXT_LENGTH) {
      let text = '';
      let index = start;
      for (; index < this.offset; index++) {
        const byte = this.#bytes[index] ?? 0;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (index === this.offset) return text;
    }
    try {
      return decodeUtf8(this.#bytes.subarray(start, this.offset), this.#section);
    } catch (cause) {
      if (!DecodeError.is(cause)) throw cause;
      throw new DecodeError(cause.code, { offset: start + cause.offset, section: this.#section, cause });
    }
  }

  #take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(length: number): number {
    const start = this.offset;
    if (length > this.#bytes.length - start) throw this.error('truncated', this.#bytes.length);
    this.offset = start + length;
    return start;
  }
}
