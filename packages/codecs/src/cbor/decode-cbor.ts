import { checkLength } from '../values/check-length.ts';
import { type CborLimits, type CborTagReader, type DecodeCborOptions, defaultCborLimits } from './cbor-options.ts';
import {
  begin,
  beginReading,
  bytesSince,
  type CborReader,
  finishReading,
  hasNext,
  peek,
  peekMajor,
  readBytes,
  readHead,
  readInteger,
  readPlainNumber,
  readText,
  refuse,
  wideArgument,
} from './cbor-reader.ts';
import { CborFloat, CborSimple, CborTag, type CborValue } from './cbor-value.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';

const SECTION = 'RFC 8949 §3';
const BREAK = 0xff;
/** The tag of an encoded data item, whose content must be a byte string (RFC 8949 §3.4.5.1). */
const ENCODED_ITEM = 24;

/**
 * Decodes one CBOR data item of any kind.
 *
 * Every well-formed encoding is read: longer heads than need be, definite and indefinite lengths, floats of any width.
 *
 * @param payload one data item and nothing behind it; byte strings are views of it, unless they came in chunks
 * @param options how to decode
 * @returns the value: see {@link CborValue}
 * @throws {DecodeError} `truncated`, `trailing-bytes`, `reserved-value` and `bad-syntax` (not well-formed), `bad-utf8`,
 *   `duplicate` (a key), `bad-type` and `bad-value` (the content of a tag), `too-long`, `too-many`, `too-deep`
 * @see RFC 8949 §3; §5.3 (validity)
 * @example
 * decodeCbor(fromHex('a2616101616282f5f6')) // Map { 'a' => 1, 'b' => [true, null] }
 */
export function decodeCbor(payload: Uint8Array, options: DecodeCborOptions = {}): CborValue {
  const limits = options.limits === undefined ? defaultCborLimits : { ...defaultCborLimits, ...options.limits };
  checkLength(payload, limits.payloadBytesMax, SECTION);
  const decoder = new ItemDecoder(beginReading(payload, SECTION, limits.nestingMax), limits, options);
  return decoder.whole();
}

/** Arrays of up to so many items get their memory on the word of their head; longer ones as their items come. */
const SIZED_ARRAY_MAX = 256;
/** The initial byte of empty text: those of up to 23 bytes follow. */
const SHORT_TEXT = 0x60;
/** How many keys are kept for the next map, in this payload or another. */
const KNOWN_KEYS = 128;
const knownKeys: (string | undefined)[] = /* @__PURE__ */ new Array(KNOWN_KEYS).fill(undefined);

/** The simple values 20 to 23 (RFC 8949 §3.3). */
const NAMED = [false, true, null, undefined] as const;

class ItemDecoder {
  readonly #reader: CborReader;
  readonly #limits: CborLimits;
  readonly #mapsAsObjects: boolean;
  readonly #rejectDuplicates: boolean;
  readonly #tags: CborTagReader | undefined;
  readonly #keepFloats: boolean;
  #left: number;

  constructor(reader: CborReader, limits: CborLimits, options: DecodeCborOptions) {
    this.#reader = reader;
    this.#limits = limits;
    this.#left = limits.itemsMax;
    this.#mapsAsObjects = options.mapsAsObjects ?? false;
    this.#rejectDuplicates = options.duplicateKeys !== 'last';
    this.#tags = options.tags;
    this.#keepFloats = options.keepFloats ?? false;
  }

  whole(): CborValue {
    const value = this.#item(0);
    finishReading(this.#reader);
    return value;
  }

  #item(nesting: number): CborValue {
    const reader = this.#reader;
    if (--this.#left < 0) refuse(reader, 'too-many');
    const initial = peek(reader);
    switch (initial >>> 5) {
      case MajorType.UNSIGNED:
      case MajorType.NEGATIVE:
        return readInteger(reader);
      case MajorType.BYTES:
        return readBytes(reader);
      case MajorType.TEXT:
        return readText(reader);
      case MajorType.ARRAY:
        return this.#array(nesting);
      case MajorType.MAP:
        return this.#map(nesting);
      case MajorType.TAG:
        return this.#tagged(nesting);
      default:
        return this.#simple(initial);
    }
  }

  #enter(nesting: number): number {
    if (nesting >= this.#limits.nestingMax) refuse(this.#reader, 'too-deep');
    return nesting + 1;
  }

  #array(nesting: number): CborValue[] {
    const inner = this.#enter(nesting);
    const reader = this.#reader;
    const count = begin(reader, MajorType.ARRAY);
    // A short array gets its size at once: one that grows takes several times its memory.
    const items = new Array<CborValue>(count > 0 && count <= SIZED_ARRAY_MAX ? count : 0);
    for (let index = 0; hasNext(reader, index, count); index++) items[index] = this.#item(inner);
    return items;
  }

  #map(nesting: number): CborValue {
    const inner = this.#enter(nesting);
    const reader = this.#reader;
    const map = new Map<CborValue, CborValue>();
    let compound: Set<string> | undefined;
    let textKeys = true;
    const count = begin(reader, MajorType.MAP);
    for (let index = 0; hasNext(reader, index, count); index++) {
      const start = reader.offset;
      const key = this.#shortKey() ?? this.#item(inner);
      if (typeof key !== 'string') textKeys = false;
      if (typeof key === 'object' && key !== null) {
        compound ??= new Set();
        this.#checkCompoundKey(compound, start);
      }
      map.set(key, this.#item(inner));
      // A key that was there already adds none.
      if (this.#rejectDuplicates && map.size === index) refuse(reader, 'duplicate', start);
    }
    return this.#mapsAsObjects && textKeys ? objectOf(map) : map;
  }

  /** The key that is next, if it is short text: mostly one that was met before, whose string is taken again. */
  #shortKey(): string | undefined {
    const { bytes, offset } = this.#reader;
    const length = (bytes[offset] as number) - SHORT_TEXT;
    const end = offset + length;
    if (!(length > 0 && length < 24 && end < bytes.length)) return undefined;
    if (--this.#left < 0) refuse(this.#reader, 'too-many');
    const place = ((bytes[offset + 1] as number) * 7 + (bytes[end] as number) + length * 31) % KNOWN_KEYS;
    const known = knownKeys[place];
    if (known?.length === length) {
      let at = 0;
      while (at < length && known.charCodeAt(at) === bytes[offset + 1 + at]) at++;
      if (at === length) {
        this.#reader.offset = end + 1;
        return known;
      }
    }
    const key = readText(this.#reader);
    // As many characters as bytes: it is ASCII, and may be compared byte by byte.
    if (key.length === length) knownKeys[place] = key;
    return key;
  }

  /** Keys that JavaScript tells apart by identity are compared as they are encoded. */
  #checkCompoundKey(seen: Set<string>, start: number): void {
    if (!this.#rejectDuplicates) return;
    const encoded = String(bytesSince(this.#reader, start));
    if (seen.has(encoded)) refuse(this.#reader, 'duplicate', start);
    seen.add(encoded);
  }

  #tagged(nesting: number): CborValue {
    const inner = this.#enter(nesting);
    const reader = this.#reader;
    const start = reader.offset;
    readHead(reader);
    const tag = wideArgument(reader) ?? reader.argument;
    if (tag <= Tag.Bigfloat && this.#tags !== undefined) return this.#tags(reader, Number(tag), start);
    if (tag === ENCODED_ITEM && peekMajor(reader) !== MajorType.BYTES) refuse(reader, 'bad-type');
    return new CborTag(tag, this.#item(inner));
  }

  #simple(initial: number): CborValue {
    const reader = this.#reader;
    if (initial >= 0xf9 && initial <= 0xfb) {
      const number = Number(readPlainNumber(reader));
      return this.#keepFloats && Number.isInteger(number) ? new CborFloat(number) : number;
    }
    if (initial === BREAK) refuse(reader, 'bad-syntax');
    readHead(reader);
    return initial < 0xf4 || initial > 0xf7 ? new CborSimple(reader.argument) : NAMED[initial - 0xf4];
  }
}

/** A plain object. A key `__proto__` is a key like any other, but it alone needs the slow way. */
function objectOf(map: ReadonlyMap<CborValue, CborValue>): CborValue {
  if (map.has('__proto__')) return Object.fromEntries(map);
  const object: { [key: string]: CborValue } = {};
  for (const [key, value] of map) object[String(key)] = value;
  return object;
}
