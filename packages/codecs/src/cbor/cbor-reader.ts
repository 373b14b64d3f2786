import { DecodeError, type DecodeErrorCode, decodeUtf8Range } from '@motestack/bytes';
import { decodeHalf } from './half-float.ts';
import { bigfloat, bignum, decimalFraction, epochOfDateText } from './tagged-numbers.ts';

/** Bits 7 to 5 of an initial byte (RFC 8949 §3.1). */
export const MajorType = { Unsigned: 0, Negative: 1, Bytes: 2, Text: 3, Array: 4, Map: 5, Tag: 6, Simple: 7 } as const;

/** The count of an array or map, or the length of a string, that ends with a break. */
export const INDEFINITE = -1;

/** The tags whose content is part of a number, a date or a time (RFC 8949 §3.4.1 to §3.4.4). */
export const Tag = { DateText: 0, Epoch: 1, PositiveBignum: 2, NegativeBignum: 3, Decimal: 4, Bigfloat: 5 } as const;

const BREAK = 0xff;
const NO_TAG = -1;
const TWO_BYTE_SIMPLE = 0xf8;
const DOUBLE = 0xfb;
const NOT_ASCII = 0x80;
/** Initial bytes from 0x60 to before this one are of text whose length is in them. */
const SHORT_TEXT = 0x60;
const SHORT_TEXT_END = 0x78;

/**
 * Reads the data items of one CBOR payload in order: well-formedness is checked at every step, and nothing is allocated
 * on the word of a length that the payload does not bear out.
 *
 * @see RFC 8949 §3, Appendix C, Appendix F
 */
export class CborReader {
  /** Index of the next byte. */
  offset = 0;
  /** The argument of the head that was read last. Beyond 2^53 it is not exact: see {@link wideArgument}. */
  argument = 0;
  /** Containers and tags within each other; more is `too-deep`. */
  readonly nestingMax: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #section: string;

  /**
   * @param bytes a whole payload
   * @param section where what is read is specified, for errors
   * @param nestingMax containers and tags within each other; more is `too-deep`
   */
  constructor(bytes: Uint8Array, section: string, nestingMax: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#section = section;
    this.nestingMax = nestingMax;
  }

  /** The next initial byte, not read. @throws {DecodeError} `truncated` */
  peek(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) throw this.error('truncated');
    return byte;
  }

  /** The major type of the next item. @throws {DecodeError} `truncated` */
  peekMajor(): number {
    return this.peek() >>> 5;
  }

  /**
   * Reads an initial byte and its argument. Indefinite lengths are for {@link beginArray} and the like.
   *
   * @returns the initial byte
   * @throws {DecodeError} `truncated`, `reserved-value`, `bad-syntax` (a break or an indefinite length)
   */
  head(): number {
    const start = this.offset;
    const bytes = this.#bytes;
    const initial = bytes[start];
    if (initial === undefined) throw this.error('truncated');
    const info = initial & 0x1f;
    if (info < 24) {
      this.argument = info;
      this.offset = start + 1;
    } else if (info === 24) {
      const argument = bytes[start + 1];
      if (argument === undefined) throw this.error('truncated', bytes.length);
      // Simple values below 32 have one byte (RFC 8949 §3.3).
      if (initial === TWO_BYTE_SIMPLE && argument < 32) throw this.error('reserved-value', start);
      this.argument = argument;
      this.offset = start + 2;
    } else if (info > 27) throw this.error(info === 31 ? 'bad-syntax' : 'reserved-value', start);
    else this.#readArgument(start + 1, 1 << (info - 24));
    return initial;
  }

  /** The argument of the head that was read last, if it has 64 bits and a number is not exact. */
  wideArgument(): bigint | undefined {
    return Number.isSafeInteger(this.argument) ? undefined : this.#view.getBigUint64(this.offset - 8);
  }

  /** Begins an array. @returns how many items follow, or {@link INDEFINITE} */
  beginArray(): number {
    return this.begin(MajorType.Array);
  }

  /** Begins a map. @returns how many pairs follow, or {@link INDEFINITE} */
  beginMap(): number {
    return this.begin(MajorType.Map);
  }

  /**
   * Begins an array, a map or a string.
   *
   * @param major which of them it must be
   * @returns how many items, pairs or bytes follow, or {@link INDEFINITE}
   * @throws {DecodeError} `bad-type` for another major type
   */
  begin(major: number): number {
    const start = this.offset;
    if (this.peek() === ((major << 5) | 31)) {
      this.offset = start + 1;
      return INDEFINITE;
    }
    if (this.head() >>> 5 !== major) throw this.error('bad-type', start);
    return this.argument;
  }

  /** Whether an indefinite-length item ends here. The break is read. */
  atBreak(): boolean {
    if (this.peek() !== BREAK) return false;
    this.offset++;
    return true;
  }

  /** Whether the next item is `null`. It is read then. */
  atNull(): boolean {
    if (this.peek() !== 0xf6) return false;
    this.offset++;
    return true;
  }

  /** Reads `true` or `false`. */
  boolean(): boolean {
    this.untag();
    const byte = this.peek();
    if (byte !== 0xf4 && byte !== 0xf5) throw this.error('bad-type');
    this.offset++;
    return byte === 0xf5;
  }

  /** Reads an integer of major type 0 or 1. */
  integer(): number | bigint {
    const start = this.offset;
    const initial = this.#bytes[start] ?? BREAK;
    if (initial < 24) {
      this.offset = start + 1;
      return initial;
    }
    const major = this.head() >>> 5;
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
    if (this.peek() >>> 5 !== MajorType.Tag) return this.plainNumber();
    return this.taggedNumber(this.untag(), start);
  }

  /** Reads an integer or float without a tag. */
  plainNumber(): number | bigint {
    const start = this.offset;
    if (this.#bytes[start] === DOUBLE && start + 9 <= this.#bytes.length) {
      this.offset = start + 9;
      return this.#view.getFloat64(start + 1);
    }
    const initial = this.head();
    if (initial < 0x40) return this.#integerOf(initial >>> 5);
    switch (initial) {
      case 0xf9:
        return decodeHalf(this.argument);
      case 0xfa:
        return this.#view.getFloat32(start + 1);
      case DOUBLE:
        return this.#view.getFloat64(start + 1);
      default:
        throw this.error('bad-type', start);
    }
  }

  /**
   * Reads the content of a tag as a number.
   *
   * @param tag of {@link Tag} what it is said to be; of another tag it is a plain number
   * @param start where the item begins, for errors
   * @throws {DecodeError} as {@link number}
   */
  taggedNumber(tag: number, start: number): number | bigint {
    switch (tag) {
      case Tag.DateText:
        return epochOfDateText(this.text()) ?? this.#fail('bad-value', start);
      case Tag.PositiveBignum:
      case Tag.NegativeBignum:
        return bignum(this.bytes(), tag === Tag.NegativeBignum) ?? this.#fail('too-long', start);
      case Tag.Decimal:
      case Tag.Bigfloat:
        return this.#fraction(tag, start);
      default:
        return this.plainNumber();
    }
  }

  /** Passes over the tags in front of an item. @returns the innermost, −1 if there is none @throws {DecodeError} `too-deep` */
  untag(): number {
    let tag = NO_TAG;
    for (let count = 0; this.peekMajor() === MajorType.Tag; count++) {
      if (count >= this.nestingMax) throw this.error('too-deep');
      this.head();
      tag = this.argument;
    }
    return tag;
  }

  /**
   * Reads a text string of definite or indefinite length.
   *
   * @throws {DecodeError} `bad-utf8`, of each chunk by itself; `bad-type`, `truncated`
   * @see RFC 8949 §3.2.3
   */
  text(): string {
    const start = this.offset;
    const initial = this.#bytes[start] ?? BREAK;
    if (initial >= SHORT_TEXT && initial < SHORT_TEXT_END) {
      const end = start + 1 + (initial - SHORT_TEXT);
      const text = end <= this.#bytes.length ? shortAscii(this.#bytes, start + 1, end) : undefined;
      if (text !== undefined) {
        this.offset = end;
        return text;
      }
    }
    this.untag();
    const length = this.begin(MajorType.Text);
    if (length !== INDEFINITE) return this.takeText(length);
    let text = '';
    while (!this.atBreak()) text += this.takeText(this.beginChunk(MajorType.Text));
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
    this.untag();
    const length = this.begin(MajorType.Bytes);
    if (length !== INDEFINITE) return this.take(length);
    const start = this.offset;
    let total = 0;
    while (!this.atBreak()) total += this.take(this.beginChunk(MajorType.Bytes)).length;
    const end = this.offset;
    const joined = new Uint8Array(total);
    this.offset = start;
    for (let written = 0; !this.atBreak(); ) {
      const chunk = this.take(this.beginChunk(MajorType.Bytes));
      joined.set(chunk, written);
      written += chunk.length;
    }
    this.offset = end;
    return joined;
  }

  /**
   * Begins a chunk of an indefinite-length string: a string of the same major type and of definite length.
   *
   * @returns how many bytes it has
   * @throws {DecodeError} `bad-syntax` for anything else
   */
  beginChunk(major: number): number {
    const start = this.offset;
    const initial = this.peek();
    if (initial >>> 5 !== major || (initial & 0x1f) === 31) throw this.error('bad-syntax', start);
    this.head();
    return this.argument;
  }

  /** Passes over bytes. @returns where they began @throws {DecodeError} `truncated` */
  advance(length: number): number {
    const start = this.offset;
    if (length > this.#bytes.length - start) throw this.error('truncated', this.#bytes.length);
    this.offset = start + length;
    return start;
  }

  /** A view of the next bytes. @throws {DecodeError} `truncated` */
  take(length: number): Uint8Array {
    return this.#viewOf(this.advance(length), length);
  }

  /** The next bytes as text. @throws {DecodeError} `truncated`, `bad-utf8` */
  takeText(length: number): string {
    const start = this.advance(length);
    return decodeUtf8Range(this.#bytes, start, start + length, this.#section);
  }

  /** A view of what was read since an offset. */
  since(start: number): Uint8Array {
    return this.#viewOf(start, this.offset - start);
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

  /** A plain `Uint8Array` also where the payload is a Node `Buffer`, whose views are Buffers and slow to make. */
  #viewOf(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length);
  }

  #readArgument(at: number, length: number): void {
    if (at + length > this.#bytes.length) throw this.error('truncated', this.#bytes.length);
    this.offset = at + length;
    if (length === 2) this.argument = this.#view.getUint16(at);
    else if (length === 4) this.argument = this.#view.getUint32(at);
    else this.argument = this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }

  #integerOf(major: number): number | bigint {
    const argument = this.argument;
    if (argument < Number.MAX_SAFE_INTEGER) return major === MajorType.Unsigned ? argument : -1 - argument;
    const exact = this.wideArgument();
    if (exact === undefined) return major === MajorType.Unsigned ? argument : -1n - BigInt(argument);
    return major === MajorType.Unsigned ? exact : -1n - exact;
  }

  /** `[exponent, mantissa]`; a mantissa may be a bignum (RFC 8949 §3.4.4). */
  #fraction(tag: number, start: number): number | bigint {
    if (this.beginArray() !== 2) throw this.error('bad-type', start);
    const exponent = this.integer();
    const mantissaTag = this.untag();
    let mantissa: number | bigint;
    if (mantissaTag === Tag.PositiveBignum || mantissaTag === Tag.NegativeBignum) {
      mantissa = this.taggedNumber(mantissaTag, start);
    } else mantissa = this.integer();
    const value = tag === Tag.Decimal ? decimalFraction(exponent, mantissa) : bigfloat(exponent, mantissa);
    return value ?? this.#fail('bad-value', start);
  }
}

/** Text of up to 23 characters, made at once where it is short; `undefined` if it is not ASCII. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let index = start;
  for (; index + 4 <= end; index += 4) {
    const first = bytes[index] ?? NOT_ASCII;
    const second = bytes[index + 1] ?? NOT_ASCII;
    const third = bytes[index + 2] ?? NOT_ASCII;
    const fourth = bytes[index + 3] ?? NOT_ASCII;
    if ((first | second | third | fourth) >= NOT_ASCII) return undefined;
    text += String.fromCharCode(first, second, third, fourth);
  }
  for (; index < end; index++) {
    const byte = bytes[index] ?? NOT_ASCII;
    if (byte >= NOT_ASCII) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
