import { decodeUtf8 } from '@motestack/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginWriting, finishWriting, type PayloadWriter } from '../values/payload-writer.ts';
import { writeJsonNumber, writeJsonText } from './json-writer.ts';

function written(write: (writer: PayloadWriter) => void): string {
  const writer = beginWriting();
  write(writer);
  return decodeUtf8(finishWriting(writer));
}

test('a number is written as JavaScript writes it', () => {
  const edges = fc.constantFrom(
    0,
    9,
    10,
    999.999,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 20,
    2 ** 20 - 0.001,
    1e21,
    1e-7,
    5e-324,
  );
  const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 6 })).map(([digits, scale]) => digits / 10 ** scale);
  const number = fc.oneof(edges, fc.integer(), decimal, fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(number, (value) => {
      expect(written((writer) => writeJsonNumber(writer, value))).toBe(Object.is(value, -0) ? '-0' : String(value));
    }),
    { numRuns: 5000 },
  );
});

test('a 64-bit integer is written in full', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), (value) => {
      expect(written((writer) => writeJsonNumber(writer, value))).toBe(String(value));
    }),
  );
});

test('text is written as JavaScript writes it', () => {
  const text = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 80 }));
  fc.assert(
    fc.property(text, (value) => {
      expect(written((writer) => writeJsonText(writer, value))).toBe(JSON.stringify(value));
    }),
    { numRuns: 2000 },
  );
});
