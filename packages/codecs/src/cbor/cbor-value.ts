/**
 * What a CBOR data item is in JavaScript.
 *
 * | CBOR | JavaScript |
 * | --- | --- |
 * | integer, tags 2 and 3 | `number`, and `bigint` beyond ±(2^53 − 1) |
 * | float, tags 4 and 5 | `number` (a `bigint` where tag 4 or 5 makes a whole number beyond 2^53) |
 * | byte string, text string | `Uint8Array`, `string` |
 * | array, map | `Array`, `Map` |
 * | `false`, `true`, `null`, `undefined` | the same |
 * | tags 0 and 1 | `Date` |
 * | any other tag or simple value | {@link CborTag}, {@link CborSimple} |
 *
 * @see RFC 8949 §3
 */
export type CborValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date
  | CborFloat
  | CborSimple
  | CborTag
  | CborValue[]
  | Map<CborValue, CborValue>
  | { [key: string]: CborValue };

/** What `encodeCbor` takes: {@link CborValue}, whether it may be changed or not. */
export type CborInput =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date
  | CborFloat
  | CborSimple
  | CborTag
  | readonly CborInput[]
  | ReadonlyMap<CborInput, CborInput>
  | { readonly [key: string]: CborInput };

/** A number that is a float in CBOR even where it is whole: `new CborFloat(1)` is `1.0`, and `1` is an integer. */
export class CborFloat {
  /** The number. */
  readonly value: number;

  /** @param value any number */
  constructor(value: number) {
    this.value = value;
  }
}

/** A simple value that has no name in JavaScript. @see RFC 8949 §3.3 */
export class CborSimple {
  /** 0 to 19, or 32 to 255. */
  readonly value: number;

  /**
   * @param value 0 to 19, or 32 to 255
   * @throws {RangeError} for any other: 20 to 23 are `false`, `true`, `null` and `undefined`, 24 to 31 are reserved
   */
  constructor(value: number) {
    if (!Number.isInteger(value) || value < 0 || value > 255 || (value >= 20 && value < 32)) {
      throw new RangeError(`${value} is no simple value`);
    }
    this.value = value;
  }
}

/**
 * A tagged item. The content of tag 24 (encoded CBOR) stays bytes: whoever expects it decodes it, with limits of its own.
 *
 * @see RFC 8949 §3.4, §3.4.5.1
 */
export class CborTag {
  /** 0 to 2^64 − 1; a `bigint` from 2^53 on. */
  readonly tag: number | bigint;
  /** The content. */
  readonly value: CborInput;

  /**
   * @param tag 0 to 2^64 − 1
   * @param value the content
   * @throws {RangeError} for a tag that is no integer of 64 bits
   */
  constructor(tag: number | bigint, value: CborInput) {
    if ((typeof tag === 'number' && !Number.isSafeInteger(tag)) || BigInt.asUintN(64, BigInt(tag)) !== BigInt(tag)) {
      throw new RangeError(`${tag} is no tag`);
    }
    this.tag = tag;
    this.value = value;
  }
}
