import { DecodeError } from '@motestack/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SenmlRecord } from '../senml/senml-record.ts';
import { decodeSenmlCborRecords } from './decode-senml-cbor-records.ts';
import { encodeSenmlCborRecords } from './encode-senml-cbor-records.ts';

/** The map of a pack of one record, without its head. */
const fieldsOf = (pack: Uint8Array): Uint8Array => pack.subarray(2);

function outcome(pack: Uint8Array): unknown {
  try {
    return decodeSenmlCborRecords(pack)[0];
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return error.code;
  }
}

/** One record twice: in a map of definite length, which the short way takes, and in one that ends with a break. */
function bothWays(count: number, fields: Uint8Array): [short: unknown, long: unknown] {
  return [outcome(Uint8Array.of(0x81, 0xa0 | count, ...fields)), outcome(Uint8Array.of(0x81, 0xbf, ...fields, 0xff))];
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float(),
  fc.maxSafeInteger(),
  fc.nat(70_000),
);
const record: fc.Arbitrary<SenmlRecord> = fc.record(
  {
    name: fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'grapheme', maxLength: 8 })),
    value: fc.oneof(number.filter(Number.isFinite), fc.string({ maxLength: 30 }), fc.boolean()),
    time: number.filter(Number.isFinite),
    unit: fc.constantFrom('Cel', '%RH'),
  },
  { requiredKeys: ['name', 'value'] },
);

test('the short way to read a record and the long one give the same', () => {
  fc.assert(
    fc.property(record, (one) => {
      const fields = fieldsOf(encodeSenmlCborRecords([one]));
      const [short, long] = bothWays(Object.keys(one).length, fields);
      expect(short).toEqual(long);
      expect(short).toEqual(one);
    }),
    { numRuns: 1000 },
  );
});

test('and refuse the same', () => {
  const item = fc.constantFrom(
    [0x00],
    [0x02],
    [0x03],
    [0x06],
    [0x61, 0x61],
    [0x61, 0x80],
    [0x18, 0x30],
    [0xf9, 0x7e, 0],
    [0xf6],
  );
  const fields = fc.array(fc.tuple(item, item), { minLength: 2, maxLength: 3 });
  fc.assert(
    fc.property(fields, (pairs) => {
      const [short, long] = bothWays(pairs.length, Uint8Array.from(pairs.flat(2)));
      expect(short).toEqual(long);
    }),
    { numRuns: 3000 },
  );
});
