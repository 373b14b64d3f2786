import { encodeUtf8 } from '@motestack/bytes';
import { copyOut } from '../values/copy-out.ts';
import { MajorType } from './cbor-reader.ts';
import { halfBits } from './half-float.ts';

const INITIAL_CAPACITY = 1024;
/** A buffer that once grew beyond this is not kept for the next payload. */
const KEPT_CAPACITY_MAX = 65_536;
const HEAD_BYTES_MAX = 9;
const SHORT_TEXT_LENGTH = 64;

let kept = /* @__PURE__ */ new Uint8Array(INITIAL_CAPACITY);
let keptView = /* @__PURE__ */ new DataView(kept.buffer);

/** How a {@link CborWriter} writes. */
export interface CborWriterOptions {
  /** Whether floats of 16 bits are written where they are exact. Constrained decoders may lack them. Default true. */
  readonly halfFloats?: boolean | undefined;
}

/**
 * Writes CBOR in its preferred serialization: shortest heads, shortest floats, definite lengths.
 *
 * Writers share one buffer: a writer is finished before the next one is made.
 *
 * @see RFC 8949 §4.1
 */
export class CborWriter {
  #bytes = kept;
  #view = keptView;
  #length = 0;
  readonly #halfFloats: boolean;

  /** @param options how to write */
  constructor({ halfFloats = true }: CborWriterOptions = {}) {
    this.#halfFloats = halfFloats;
  }

  /** Begins an array of that many items. */
  array(count: number): void {
    this.#head(MajorType.Array, count);
  }

  /** Begins a map of that many pairs. */
  map(count: number): void {
    this.#head(MajorType.Map, count);
  }

  /** Begins a map of fewer than 24 pairs whose number is not known yet. @returns what {@link endShortMap} needs */
  beginShortMap(): number {
    return this.#reserve(1);
  }

  /** Says how many pairs were written since. */
  endShortMap(at: number, count: number): void {
    this.#bytes[at] = (MajorType.Map << 5) | count;
  }

  /** Writes an integer from −24 to 23, as labels are. */
  label(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value < 0 ? (MajorType.Negative << 5) | (-1 - value) : value;
  }

  /** Writes `null`. */
  null(): void {
    this.#byte(0xf6);
  }

  /** Writes `true` or `false`. */
  boolean(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4);
  }

  /**
   * Writes an integer where the number is one, and else the shortest float that is exact. −0 and numbers beyond
   * ±(2^53 − 1) are floats; every NaN is the same one.
   */
  number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value < 0) this.#head(MajorType.Negative, -1 - value);
      else this.#head(MajorType.Unsigned, value);
    } else this.float(value);
  }

  /** Writes the shortest float that is exact, whole numbers too. Every NaN is the same one. */
  float(value: number): void {
    const at = this.#reserve(HEAD_BYTES_MAX);
    if (Object.is(Math.fround(value), value)) {
      const half = this.#halfFloats ? halfBits(value) : -1;
      if (half >= 0) {
        this.#bytes[at] = 0xf9;
        this.#view.setUint16(at + 1, half);
        this.#length = at + 3;
      } else {
        this.#bytes[at] = 0xfa;
        this.#view.setFloat32(at + 1, value);
        this.#length = at + 5;
      }
    } else {
      this.#bytes[at] = 0xfb;
      this.#view.setFloat64(at + 1, value);
    }
  }

  /**
   * Writes an integer of major type 0 or 1.
   *
   * @throws {RangeError} beyond −2^64 and 2^64 − 1
   */
  bigint(value: bigint): void {
    const argument = value < 0n ? -1n - value : value;
    if (argument <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.number(Number(value));
      return;
    }
    if (BigInt.asUintN(64, argument) !== argument) throw new RangeError(`${value} does not fit 64 bits`);
    this.#wideHead(value < 0n ? MajorType.Negative : MajorType.Unsigned, argument);
  }

  /** Begins a tagged item. */
  tag(tag: number | bigint): void {
    if (typeof tag === 'number') this.#head(MajorType.Tag, tag);
    else this.#wideHead(MajorType.Tag, tag);
  }

  /** Writes a simple value of one or two bytes. */
  simple(value: number): void {
    if (value >= 24) this.#byte(0xf8);
    this.#byte(value < 24 ? 0xe0 | value : value);
  }

  /**
   * Writes a text string.
   *
   * @throws {TypeError} for half a surrogate pair, which UTF-8 cannot carry
   */
  text(text: string): void {
    if (text.length <= SHORT_TEXT_LENGTH && this.#shortAscii(text)) return;
    if (/\p{Surrogate}/u.test(text)) throw new TypeError('half a surrogate pair has no UTF-8');
    const encoded = encodeUtf8(text);
    this.#head(MajorType.Text, encoded.length);
    this.raw(encoded);
  }

  /** Writes a byte string. */
  bytes(value: Uint8Array): void {
    this.#head(MajorType.Bytes, value.length);
    this.raw(value);
  }

  /** Writes an item that is encoded already. */
  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Takes back what was written since a length. @returns a copy of it */
  takeBack(length: number): Uint8Array {
    const taken = this.#bytes.slice(length, this.#length);
    this.#length = length;
    return taken;
  }

  /** A copy of what was written, of exactly that size. */
  finish(): Uint8Array {
    const written = copyOut(this.#bytes, 0, this.#length);
    if (this.#bytes.length <= KEPT_CAPACITY_MAX) {
      kept = this.#bytes;
      keptView = this.#view;
    }
    return written;
  }

  #head(major: number, argument: number): void {
    const at = this.#reserve(HEAD_BYTES_MAX);
    const bytes = this.#bytes;
    const type = major << 5;
    if (argument < 24) {
      bytes[at] = type | argument;
      this.#length = at + 1;
    } else if (argument < 0x100) {
      bytes[at] = type | 24;
      bytes[at + 1] = argument;
      this.#length = at + 2;
    } else if (argument < 0x1_0000) {
      bytes[at] = type | 25;
      this.#view.setUint16(at + 1, argument);
      this.#length = at + 3;
    } else if (argument < 0x1_0000_0000) {
      bytes[at] = type | 26;
      this.#view.setUint32(at + 1, argument);
      this.#length = at + 5;
    } else {
      bytes[at] = type | 27;
      this.#view.setUint32(at + 1, argument / 0x1_0000_0000);
      this.#view.setUint32(at + 5, argument % 0x1_0000_0000);
    }
  }

  #wideHead(major: number, argument: bigint): void {
    const at = this.#reserve(HEAD_BYTES_MAX);
    this.#bytes[at] = (major << 5) | 27;
    this.#view.setBigUint64(at + 1, argument);
  }

  /** Writes head and text at once if every character is ASCII. @returns whether it was */
  #shortAscii(text: string): boolean {
    const before = this.#length;
    this.#head(MajorType.Text, text.length);
    const at = this.#reserve(text.length);
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.#length = before;
        return false;
      }
      bytes[at + index] = unit;
    }
    return true;
  }

  #byte(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  #reserve(length: number): number {
    const start = this.#length;
    const end = start + length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return start;
  }
}
