import { DecodeError, toHex } from '@motestack/bytes';
import { Decoder as CborxDecoder, Encoder as CborxEncoder } from 'cbor-x';
import { decode as cborgDecode, encode as cborgEncode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CborFloat,
  type CborInput,
  CborSimple,
  CborTag,
  type CborValue,
  decodeCbor,
  deterministicOrder,
  encodeCbor,
  formatDiagnostic,
  numberTags,
} from './index.ts';

const text = fc.string({ unit: 'binary', maxLength: 80 });
/** Within what a double of seconds tells apart to the millisecond: to the year 65349. */
const date = fc.integer({ min: -2e15, max: 2e15 }).map((milliseconds) => new Date(milliseconds));
const bigint = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
const float = fc.double().map((value) => new CborFloat(value));
const simple = fc.constantFrom(0, 19, 32, 255).map((value) => new CborSimple(value));
const leaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false),
  fc.double(),
  fc.maxSafeInteger(),
  bigint,
  text,
  fc.uint8Array({ maxLength: 40 }),
);
const { anything } = fc.letrec<{ anything: CborValue }>((tie) => ({
  anything: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(leaf, date, float, simple),
    fc.array(tie('anything'), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie('anything')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
    tie('anything').map((value) => new CborTag(1000, value)),
  ),
}));

/** What a value is once it was written and read: a number has one form, a float keeps its own. */
function asRead(value: CborValue): CborValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'number') return floatAsRead(value);
  if (value instanceof CborFloat) return Number.isInteger(value.value) ? value : value.value;
  if (Array.isArray(value)) return value.map(asRead);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [asRead(key), asRead(item)]));
  if (value instanceof CborTag) return new CborTag(value.tag, asRead(value.value as CborValue));
  return value;
}

/** Whole numbers that are written as floats: −0 and those beyond 2^53. */
function floatAsRead(value: number): CborValue {
  const isFloat = Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return isFloat ? new CborFloat(value) : value;
}

describe('CBOR of any value', () => {
  test('what is encoded is decoded to the same, and is one diagnostic line', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (value, deterministic) => {
        const bytes = encodeCbor(value, { sortKeys: deterministic ? deterministicOrder : undefined });
        expect(decodeCbor(bytes, { tags: numberTags, keepFloats: true })).toEqual(asRead(value));
        expect(formatDiagnostic(bytes)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test('deterministic: the order in which a map was filled does not show', () => {
    const pairs = fc.uniqueArray(fc.tuple(leaf, fc.nat()), { selector: ([key]) => toHex(encodeCbor(key)) });
    fc.assert(
      fc.property(pairs, (list) => {
        const one = encodeCbor(new Map(list), { sortKeys: deterministicOrder });
        expect(encodeCbor(new Map(list.toReversed()), { sortKeys: deterministicOrder })).toEqual(one);
      }),
    );
  });

  test('any bytes are decoded or rejected', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const read of [decodeCbor, formatDiagnostic]) {
          try {
            read(bytes);
          } catch (error) {
            if (!DecodeError.is(error)) throw error;
          }
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('an encoding with a few bytes changed is decoded or rejected', () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(anything, fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
        const bytes = encodeCbor(value);
        for (const [at, to] of changes) bytes[at % bytes.length] = to;
        try {
          decodeCbor(bytes, { tags: numberTags });
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** What all three libraries have: cborg refuses tags and undefined, and both map text alone to objects. */
const shared = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.maxSafeInteger(),
    text,
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
})).value;

/** Bytes as plain arrays of numbers, so that a Buffer and a Uint8Array compare. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return ['bytes', ...value];
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, comparable(item)]));
  return value;
}

describe('other libraries agree', () => {
  const cborx = {
    encoder: new CborxEncoder({ mapsAsObjects: false, tagUint8Array: false }),
    decoder: new CborxDecoder({ mapsAsObjects: false }),
  };

  test('cbor-x reads what we write, and we read what it writes', () => {
    fc.assert(
      fc.property(shared, (value) => {
        expect(comparable(cborx.decoder.decode(encodeCbor(value)))).toEqual(comparable(value));
        expect(comparable(decodeCbor(cborx.encoder.encode(value), { tags: numberTags }))).toEqual(comparable(value));
      }),
      { numRuns: 300 },
    );
  });

  test('cborg reads what we write, and we read what it writes', () => {
    fc.assert(
      fc.property(shared, (value) => {
        expect(comparable(cborgDecode(encodeCbor(value as CborInput), { useMaps: true }))).toEqual(comparable(value));
        expect(comparable(decodeCbor(cborgEncode(value), { tags: numberTags }))).toEqual(comparable(value));
      }),
      { numRuns: 300 },
    );
  });

  test('cborg writes the same bytes as our deterministic encoding', () => {
    const flat = fc.array(fc.oneof(fc.maxSafeInteger(), text, fc.boolean(), fc.uint8Array()));
    fc.assert(
      fc.property(flat, (list) => {
        expect(toHex(encodeCbor(list, { sortKeys: deterministicOrder }))).toBe(toHex(cborgEncode(list)));
      }),
    );
  });
});
