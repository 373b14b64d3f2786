import { beginWriting, finishWriting, writeByte } from '../values/payload-writer.ts';
import { CborFloat, type CborInput, CborSimple, CborTag } from './cbor-value.ts';
import {
  type CborWriter,
  writeBigint,
  writeBoolean,
  writeBytes,
  writeFloat,
  writeHead,
  writeNull,
  writeNumber,
  writeText,
  writeWideHead,
} from './cbor-writer.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';

/** Containers and tags within each other that are written. */
const NESTING_MAX = 256;

/**
 * Writes the entries of a map in an order of its own: `deterministicOrder` is one.
 *
 * @param writer gets them, behind the head of the map
 * @param entries keys and values
 * @param write writes one of either
 */
export type CborKeyOrder = (
  writer: CborWriter,
  entries: readonly (readonly [CborInput, CborInput])[],
  write: (item: CborInput) => void,
) => void;

/** How CBOR is encoded. */
export interface EncodeCborOptions {
  /** `deterministicOrder` sorts the keys of maps and objects, so that one value has one encoding. */
  readonly sortKeys?: CborKeyOrder | undefined;
  /** Whether floats of 16 bits are written where they are exact. Default true; false is not deterministic encoding. */
  readonly halfFloats?: boolean | undefined;
}

/**
 * Encodes a value as one CBOR data item, in preferred serialization: shortest heads, shortest floats that are exact,
 * definite lengths.
 *
 * A number without a fraction is an integer up to ±(2^53 − 1) and else a float; −0 is a float. A `bigint` is an integer,
 * beyond 64 bits a bignum. A `Date` is tag 1. Objects are maps of their own enumerable properties.
 *
 * @param value see {@link CborInput}
 * @param options how to encode
 * @returns the encoding
 * @throws {TypeError} for what CBOR has no item for: a function, a symbol, an object of another class, half a surrogate pair
 * @throws {RangeError} for a `Date` that is none, and for more than 256 levels, as in a value that contains itself
 * @see RFC 8949 §4.1 (preferred serialization), §4.2.1 (deterministic encoding)
 * @example
 * encodeCbor({ a: 1, b: [true, null] }) // a2 6161 01 6162 82 f5 f6
 */
export function encodeCbor(value: CborInput, options: EncodeCborOptions = {}): Uint8Array {
  const writer = beginWriting(options.halfFloats);
  writeItem(writer, value, options, NESTING_MAX);
  return finishWriting(writer);
}

function writeItem(writer: CborWriter, value: CborInput, options: EncodeCborOptions, levels: number): void {
  switch (typeof value) {
    case 'number':
      writeNumber(writer, value);
      return;
    case 'string':
      writeText(writer, value);
      return;
    case 'boolean':
      writeBoolean(writer, value);
      return;
    case 'undefined':
      writeByte(writer, 0xf7);
      return;
    case 'bigint':
      writeAnyBigint(writer, value);
      return;
    case 'object':
      if (value === null) writeNull(writer);
      else writeObject(writer, value, options, levels);
      return;
    case 'function':
    case 'symbol':
      throw notEncodable(typeof value);
  }
}

function writeObject(writer: CborWriter, value: object, options: EncodeCborOptions, levels: number): void {
  if (levels === 0) throw new RangeError(`more than ${NESTING_MAX} levels`);
  if (Array.isArray(value)) {
    writeHead(writer, MajorType.ARRAY, value.length);
    for (const item of value as readonly CborInput[]) writeItem(writer, item, options, levels - 1);
  } else if (value instanceof Uint8Array) writeBytes(writer, value);
  else if (value instanceof Map) writeMap(writer, value, options, levels - 1);
  else if (value instanceof CborTag) {
    if (typeof value.tag === 'number') writeHead(writer, MajorType.TAG, value.tag);
    else writeWideHead(writer, MajorType.TAG, value.tag);
    writeItem(writer, value.value, options, levels - 1);
  } else if (value instanceof Date) writeDate(writer, value);
  else if (value instanceof CborFloat) writeFloat(writer, value.value);
  else if (value instanceof CborSimple) writeHead(writer, MajorType.SIMPLE, value.value);
  else writePlainObject(writer, value, options, levels - 1);
}

function writePlainObject(writer: CborWriter, value: object, options: EncodeCborOptions, levels: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype, which has no prototype itself.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notEncodable('value of this class');
  const object = value as { readonly [key: string]: CborInput };
  const keys = Object.keys(object);
  if (options.sortKeys !== undefined) {
    writeMap(writer, new Map(Object.entries(object)), options, levels);
    return;
  }
  writeHead(writer, MajorType.MAP, keys.length);
  for (const key of keys) {
    writeText(writer, key);
    writeItem(writer, object[key], options, levels);
  }
}

function writeMap(
  writer: CborWriter,
  map: ReadonlyMap<CborInput, CborInput>,
  options: EncodeCborOptions,
  levels: number,
): void {
  writeHead(writer, MajorType.MAP, map.size);
  if (options.sortKeys !== undefined) {
    options.sortKeys(writer, [...map], (item) => writeItem(writer, item, options, levels));
    return;
  }
  for (const [key, value] of map) {
    writeItem(writer, key, options, levels);
    writeItem(writer, value, options, levels);
  }
}

/** Seconds since 1970, with a fraction only where there is one (RFC 8949 §3.4.2). */
function writeDate(writer: CborWriter, date: Date): void {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError('a Date that is none');
  writeHead(writer, MajorType.TAG, Tag.Epoch);
  writeNumber(writer, milliseconds / 1000);
}

/** Beyond 64 bits a bignum (RFC 8949 §3.4.3). */
function writeAnyBigint(writer: CborWriter, value: bigint): void {
  const argument = value < 0n ? -1n - value : value;
  if (BigInt.asUintN(64, argument) === argument) {
    writeBigint(writer, value);
    return;
  }
  const hex = argument.toString(16);
  const bytes = (hex.length % 2 === 0 ? hex : `0${hex}`).match(/../g) ?? [];
  writeHead(writer, MajorType.TAG, value < 0n ? Tag.NegativeBignum : Tag.PositiveBignum);
  writeBytes(
    writer,
    Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)),
  );
}

function notEncodable(what: string): TypeError {
  return new TypeError(`CBOR has no item for a ${what}`);
}
