import { DecodeError } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSenmlCborRecords } from '../senml-cbor/decode-senml-cbor-records.ts';
import { encodeSenmlCborRecords } from '../senml-cbor/encode-senml-cbor-records.ts';
import { decodeSenmlJsonRecords } from '../senml-json/decode-senml-json.ts';
import { encodeSenmlJsonRecords } from '../senml-json/encode-senml-json.ts';
import { parseJsonExactly } from '../senml-json/json-reader.ts';
import { addDecimals } from './decimal.ts';
import type { SenmlRecord } from './senml-record.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const records: fc.Arbitrary<SenmlRecord[]> = fc.array(
  fc.record(
    {
      baseName: text,
      baseTime: number,
      baseUnit: text,
      baseValue: number,
      baseSum: number,
      baseVersion: fc.nat(),
      name: text,
      unit: text,
      value: fc.oneof(number, text, fc.boolean(), fc.uint8Array({ maxLength: 20 }), fc.constant(null)),
      sum: number,
      time: number,
      updateTime: number,
    },
    { requiredKeys: [] },
  ),
  { maxLength: 5 },
);

/** A double of a JSON or CBOR integer may come back as the same integer. */
function comparable(list: readonly SenmlRecord[]): unknown {
  const one = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
  return list.map((record) => Object.fromEntries(Object.entries(record).map(([field, value]) => [field, one(value)])));
}

describe('SenML records', () => {
  test('JSON: what is encoded is decoded to the same', () => {
    fc.assert(
      fc.property(records, (list) => {
        expect(comparable(decodeSenmlJsonRecords(encodeSenmlJsonRecords(list)))).toEqual(comparable(list));
      }),
    );
  });

  test('CBOR: what is encoded is decoded to the same', () => {
    fc.assert(
      fc.property(records, (list) => {
        expect(comparable(decodeSenmlCborRecords(encodeSenmlCborRecords(list)))).toEqual(comparable(list));
      }),
    );
  });
});

describe('parseJsonExactly', () => {
  test('any JSON is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, noUnicodeString: false }), (json) => {
        expect(JSON.stringify(parseJsonExactly(json, 16), numbers)).toBe(JSON.stringify(JSON.parse(json), numbers));
      }),
    );
  });

  test('any text is read or rejected, as JSON.parse does', () => {
    const characters = fc.array(fc.constantFrom(...'[]{}",:0123456789.-+eE \\untrfalsb'), { maxLength: 20 });
    fc.assert(
      fc.property(
        fc.oneof(
          characters.map((list) => list.join('')),
          text,
        ),
        (json) => {
          let parsed = true;
          try {
            JSON.parse(json);
          } catch {
            parsed = false;
          }
          try {
            parseJsonExactly(json, 32);
            expect(parsed).toBe(true);
          } catch (error) {
            if (!DecodeError.is(error)) throw error;
            expect(parsed).toBe(false);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function numbers(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

describe('addDecimals', () => {
  test('is exact for what has up to six decimals', () => {
    const millionths = fc.integer({ min: -(10 ** 15), max: 10 ** 15 });
    fc.assert(
      fc.property(millionths, millionths, (a, b) => {
        expect(addDecimals(a / 1e6, b / 1e6)).toBe(Number(`${BigInt(a) + BigInt(b)}e-6`));
      }),
    );
  });

  test('is never farther off than the sum of the doubles', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (a, b) => {
          const sum = addDecimals(a, b);
          if (!Number.isFinite(a + b)) return;
          expect(Math.abs(sum - (a + b))).toBeLessThanOrEqual((Math.abs(a) + Math.abs(b)) * 2 ** -52);
        },
      ),
    );
  });
});
