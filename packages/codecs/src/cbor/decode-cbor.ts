import { checkLength } from '../values/check-length.ts';
import { type DecodeCborOptions, defaultCborLimits } from './cbor-options.ts';
import {
  begin,
  beginReading,
  bytesSince,
  type CborReader,
  finishReading,
  hasNext,
  peekMajor,
  readBytes,
  readHead,
  readInteger,
  readPlainNumber,
  readSimple,
  readText,
  refuse,
} from './cbor-reader.ts';
import { CborFloat, CborSimple, CborTag, type CborValue } from './cbor-value.ts';
import * as MajorType from './major-type.ts';

const SECTION = 'RFC 8949 §3';
/** The last tag that a {@link DecodeCborOptions.tags} reads. */
const NUMBER_TAG_MAX = 5;
/** The tag of an encoded data item, whose content must be a byte string (RFC 8949 §3.4.5.1). */
const ENCODED_ITEM = 24;
/** Arrays of up to so many items get their memory on the word of their head; longer ones as their items come. */
const SIZED_ARRAY_MAX = 256;

/** A payload that is being decoded. */
interface Decoding extends DecodeCborOptions {
  readonly reader: CborReader;
  /** How many items more may come. */
  left: number;
}

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
  const { payloadBytesMax, nestingMax, itemsMax } = { ...defaultCborLimits, ...options.limits };
  checkLength(payload, payloadBytesMax, SECTION);
  const reader = beginReading(payload, SECTION, nestingMax);
  const { mapsAsObjects, duplicateKeys, tags, keepFloats } = options;
  const value = readItem({ reader, left: itemsMax, mapsAsObjects, duplicateKeys, tags, keepFloats }, 0);
  finishReading(reader);
  return value;
}

/** @param nesting how many containers and tags are around the item */
function readItem(decoding: Decoding, nesting: number): CborValue {
  const { reader } = decoding;
  if (--decoding.left < 0) refuse(reader, 'too-many');
  const major = peekMajor(reader);
  switch (major) {
    case MajorType.UNSIGNED:
    case MajorType.NEGATIVE:
      return readInteger(reader);
    case MajorType.BYTES:
      return readBytes(reader);
    case MajorType.TEXT:
      return readText(reader);
    case MajorType.SIMPLE:
      return readOther(decoding);
    default:
      if (nesting >= reader.nestingMax) refuse(reader, 'too-deep');
  }
  if (major === MajorType.TAG) return readTagged(decoding, nesting + 1);
  return major === MajorType.ARRAY ? readArray(decoding, nesting + 1) : readMap(decoding, nesting + 1);
}

/** A float, or a simple value: 20 to 23 have names in JavaScript (RFC 8949 §3.3). */
function readOther({ reader, keepFloats }: Decoding): CborValue {
  const initial = reader.bytes[reader.offset] as number;
  if (initial >= 0xf9 && initial <= 0xfb) {
    const number = Number(readPlainNumber(reader));
    return keepFloats === true && Number.isInteger(number) ? new CborFloat(number) : number;
  }
  const value = readSimple(reader);
  return value < 20 || value > 23 ? new CborSimple(value) : [false, true, null, undefined][value - 20];
}

function readArray(decoding: Decoding, nesting: number): CborValue[] {
  const { reader } = decoding;
  const count = begin(reader, MajorType.ARRAY);
  // A short array gets its size at once: one that grows takes several times its memory.
  const items = new Array<CborValue>(count > 0 && count <= SIZED_ARRAY_MAX ? count : 0);
  for (let index = 0; hasNext(reader, index, count); index++) items[index] = readItem(decoding, nesting);
  return items;
}

function readMap(decoding: Decoding, nesting: number): CborValue {
  const { reader, duplicateKeys, mapsAsObjects } = decoding;
  const map = new Map<CborValue, CborValue>();
  let compound: Set<string> | undefined;
  let textKeys = mapsAsObjects;
  const count = begin(reader, MajorType.MAP);
  for (let index = 0; hasNext(reader, index, count); index++) {
    const start = reader.offset;
    const key = readKey(decoding, nesting);
    if (typeof key !== 'string') textKeys = false;
    let isKnown = false;
    if (typeof key === 'object' && key !== null) {
      // Keys that JavaScript tells apart by identity are compared as they are encoded.
      const encoded = String(bytesSince(reader, start));
      compound ??= new Set();
      isKnown = compound.has(encoded);
      compound.add(encoded);
    }
    map.set(key, readItem(decoding, nesting));
    // A key that was there already adds none.
    if ((isKnown || map.size === index) && duplicateKeys !== 'last') refuse(reader, 'duplicate', start);
  }
  return textKeys === true ? objectOf(map) : map;
}

/** Most keys are text: these are read without a detour. */
function readKey(decoding: Decoding, nesting: number): CborValue {
  const { reader } = decoding;
  if (peekMajor(reader) !== MajorType.TEXT) return readItem(decoding, nesting);
  if (--decoding.left < 0) refuse(reader, 'too-many');
  return readText(reader);
}

function readTagged(decoding: Decoding, nesting: number): CborValue {
  const { reader, tags } = decoding;
  const start = reader.offset;
  const tag = readHead(reader);
  if (tags !== undefined && tag <= NUMBER_TAG_MAX) return tags(reader, Number(tag), start);
  if (tag === ENCODED_ITEM && peekMajor(reader) !== MajorType.BYTES) refuse(reader, 'bad-type');
  return new CborTag(tag, readItem(decoding, nesting));
}

/** A plain object. A key `__proto__` is a key like any other, but it alone needs the slow way. */
function objectOf(map: ReadonlyMap<CborValue, CborValue>): CborValue {
  if (map.has('__proto__')) return Object.fromEntries(map);
  const object: { [key: string]: CborValue } = {};
  for (const [key, value] of map) object[String(key)] = value;
  return object;
}
