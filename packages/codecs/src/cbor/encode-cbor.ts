import { CborFloat, type CborInput, CborSimple, CborTag } from './cbor-value.ts';
import { CborWriter } from './cbor-writer.ts';

/** Containers and tags within each other that are written. */
const NESTING_MAX = 256;

/** How CBOR is encoded. */
export interface EncodeCborOptions {
  /** Sort the keys of maps and objects by the bytes of their encoding, so that one value has one encoding. Default false. */
  readonly deterministic?: boolean | undefined;
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
 * encodeCbor({ b: [true, null], a: 1 }, { deterministic: true }) // a2 6161 01 6162 82 f5 f6
 */
export function encodeCbor(value: CborInput, options: EncodeCborOptions = {}): Uint8Array {
  const writer = new CborWriter({ halfFloats: options.halfFloats });
  writeItem(writer, value, options, NESTING_MAX);
  return writer.finish();
}

function writeItem(writer: CborWriter, value: CborInput, options: EncodeCborOptions, levels: number): void {
  switch (typeof value) {
    case 'number':
      writer.number(value);
      return;
    case 'string':
      writer.text(value);
      return;
    case 'boolean':
      writer.boolean(value);
      return;
    case 'undefined':
      writer.simple(23);
      return;
    case 'bigint':
      writeBigint(writer, value);
      return;
    case 'object':
      if (value === null) writer.null();
      else writeObject(writer, value, options, levels);
      return;
    case 'function':
    case 'symbol':
      throw new TypeError(`CBOR has no item for a ${typeof value}`);
  }
}

function writeObject(writer: CborWriter, value: object, options: EncodeCborOptions, levels: number): void {
  if (levels === 0) throw new RangeError(`more than ${NESTING_MAX} levels`);
  if (Array.isArray(value)) {
    writer.array(value.length);
    for (const item of value as readonly CborInput[]) writeItem(writer, item, options, levels - 1);
  } else if (value instanceof Uint8Array) writer.bytes(value);
  else if (value instanceof Map) writeMap(writer, value, options, levels - 1);
  else if (value instanceof CborTag) {
    writer.tag(value.tag);
    writeItem(writer, value.value, options, levels - 1);
  } else if (value instanceof Date) writeDate(writer, value);
  else if (value instanceof CborFloat) writer.float(value.value);
  else if (value instanceof CborSimple) writer.simple(value.value);
  else writePlainObject(writer, value, options, levels - 1);
}

function writeMap(
  writer: CborWriter,
  map: ReadonlyMap<CborInput, CborInput>,
  options: EncodeCborOptions,
  levels: number,
): void {
  if (options.deterministic === true) {
    writeSorted(writer, [...map], options, levels);
    return;
  }
  writer.map(map.size);
  for (const [key, value] of map) {
    writeItem(writer, key, options, levels);
    writeItem(writer, value, options, levels);
  }
}

function writePlainObject(writer: CborWriter, value: object, options: EncodeCborOptions, levels: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype, which has no prototype itself.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError('CBOR has no item for an object of this class');
  }
  const object = value as { readonly [key: string]: CborInput };
  const keys = Object.keys(object);
  if (options.deterministic === true) {
    writeSorted(
      writer,
      keys.map((key) => [key, object[key]]),
      options,
      levels,
    );
    return;
  }
  writer.map(keys.length);
  for (const key of keys) {
    writer.text(key);
    writeItem(writer, object[key], options, levels);
  }
}

/** "The keys in every map must be sorted in the bytewise lexicographic order of their deterministic encodings" (§4.2.1). */
function writeSorted(
  writer: CborWriter,
  entries: readonly (readonly [CborInput, CborInput])[],
  options: EncodeCborOptions,
  levels: number,
): void {
  const encoded = entries.map(([key, value]) => {
    const start = writer.length;
    writeItem(writer, key, options, levels);
    return { key: writer.takeBack(start), value };
  });
  writer.map(entries.length);
  for (const { key, value } of encoded.toSorted((a, b) => compareBytes(a.key, b.key))) {
    writer.raw(key);
    writeItem(writer, value, options, levels);
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Seconds since 1970, with a fraction only where there is one (RFC 8949 §3.4.2). */
function writeDate(writer: CborWriter, date: Date): void {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError('a Date that is none');
  writer.tag(1);
  writer.number(milliseconds / 1000);
}

function writeBigint(writer: CborWriter, value: bigint): void {
  const argument = value < 0n ? -1n - value : value;
  if (BigInt.asUintN(64, argument) === argument) {
    writer.bigint(value);
    return;
  }
  const hex = argument.toString(16);
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  writer.tag(value < 0n ? 3 : 2);
  writer.bytes(
    Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
      Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
    ),
  );
}
