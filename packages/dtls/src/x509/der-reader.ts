import { ByteReader, type DecodeError } from '@motestack/bytes';

/** Tags that certificates use (X.690 §8.1.2). */
export const DerTag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  PrintableString: 0x13,
  TeletexString: 0x14,
  Ia5String: 0x16,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  UniversalString: 0x1c,
  BmpString: 0x1e,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** The bits of a tag of our own counting: `[0]`, `[1]` and so on, with contents that are elements again. */
export const contextTag = (number: number): number => 0xa0 + number;
/** The same with contents that are bytes. */
export const primitiveContextTag = (number: number): number => 0x80 + number;

/** One element. Byte arrays are views of the input. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** Bytes of a length at most: nothing here has 2^24 bytes. */
const LENGTH_BYTES_MAX = 3;
const LONG_FORM = 0x80;
const HIGH_TAG_NUMBER = 0x1f;

/**
 * Reads the elements of one level, strictly as DER has them: definite lengths in the fewest bytes, and no tags beyond
 * one byte. What is inside an element takes another reader: the depth is that of the code that reads.
 *
 * @see X.690 §8.1, §10.1
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #reader: ByteReader;
  readonly #section: string;

  /** @param section where the structure is defined, for errors */
  constructor(bytes: Uint8Array, section: string) {
    this.#bytes = bytes;
    this.#section = section;
    this.#reader = new ByteReader(bytes, section);
  }

  /** Whether nothing is left. */
  get isAtEnd(): boolean {
    return this.#reader.remaining === 0;
  }

  /** Whether the next element has that tag. */
  isNext(tag: number): boolean {
    return this.#bytes[this.#reader.offset] === tag;
  }

  /**
   * Reads an element.
   *
   * @throws {DecodeError} `truncated`, `reserved-value` (a long tag), `bad-value` (a length that is not DER)
   */
  any(): DerElement {
    const start = this.#reader.offset;
    const tag = this.#reader.u8();
    if ((tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) throw this.error('reserved-value', start);
    const content = this.#reader.take(this.#length());
    return { tag, content, whole: this.#bytes.subarray(start, this.#reader.offset) };
  }

  /**
   * Reads an element of one kind.
   *
   * @throws {DecodeError} as `any`, and `bad-type`
   */
  take(tag: number): DerElement {
    const start = this.#reader.offset;
    const element = this.any();
    if (element.tag !== tag) throw this.error('bad-type', start);
    return element;
  }

  /** Reads an element of one kind, and begins to read what is in it. */
  enter(tag: number): DerReader {
    return new DerReader(this.take(tag).content, this.#section);
  }

  /** Reads an element of one kind if that comes next. */
  optional(tag: number): DerElement | undefined {
    return this.isNext(tag) ? this.take(tag) : undefined;
  }

  /**
   * Checks that nothing is left.
   *
   * @throws {DecodeError} `trailing-bytes`
   */
  end(): void {
    if (!this.isAtEnd) throw this.error('trailing-bytes');
  }

  /** An error at a place of this level. */
  error(code: DecodeError['code'], offset: number = this.#reader.offset): DecodeError {
    return this.#reader.error(code, offset);
  }

  #length(): number {
    const start = this.#reader.offset;
    const first = this.#reader.u8();
    if (first < LONG_FORM) return first;
    const bytes = first - LONG_FORM;
    // 0: an indefinite length, which DER does not have.
    if (bytes === 0 || bytes > LENGTH_BYTES_MAX) throw this.error('bad-value', start);
    let length = 0;
    for (let index = 0; index < bytes; index++) length = length * 256 + this.#reader.u8();
    const hasFewerBytes = length < LONG_FORM || length < 256 ** (bytes - 1);
    if (hasFewerBytes) throw this.error('bad-value', start);
    return length;
  }
}
