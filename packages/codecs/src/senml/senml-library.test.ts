import { DecodeError, encodeUtf8, fromHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSenmlCborRecords, streamSenmlCbor } from '../senml-cbor/index.ts';
import { encodeSenmlJsonRecords, type SenmlStreamDecoder, streamSenmlJson } from '../senml-json/index.ts';
import {
  applyFetchPack,
  applyPatchPack,
  packRecords,
  type ResolvedRecord,
  resolveRecords,
  type SenmlRecord,
  toPrimaryUnit,
} from './index.ts';

const nothing = { unit: undefined, value: undefined, sum: undefined, time: undefined, updateTime: undefined };
const record = (name: string, fields: Partial<ResolvedRecord> = {}): ResolvedRecord => ({
  ...nothing,
  name,
  ...fields,
});
const refusal = (code: string): unknown => expect.objectContaining({ name: 'DecodeError', code });

describe('applyFetchPack', () => {
  const target = [
    record('a', { time: 1, unit: 'V', value: 1 }),
    record('a', { time: 2, unit: 'A', value: 2 }),
    record('b', { value: 3 }),
  ];

  test.each<[string, ResolvedRecord[], unknown[]]>([
    ['a name alone selects every time and unit', [record('a')], [1, 2]],
    ['a time narrows', [record('a', { time: 2 })], [2]],
    ['a unit narrows', [record('a', { unit: 'V' })], [1]],
    ['both must be equal', [record('a', { unit: 'V', time: 2 })], []],
    [
      'each record is there once, in the order of the target',
      [record('b'), record('a'), record('a', { time: 1 })],
      [1, 2, 3],
    ],
  ])('%s', (_title, fetch, values) => {
    expect(applyFetchPack(target, fetch).map(({ value }) => value)).toEqual(values);
  });

  test('a Fetch Pack names something', () => {
    expect(() => applyFetchPack(target, [])).toThrow(refusal('missing'));
  });
});

describe('applyPatchPack', () => {
  const one = record('a', { time: 1, value: 1 });

  test('another time or unit makes another record; what is there twice cannot be patched', () => {
    const patch = [
      record('a', { time: 1, value: 5 }),
      record('a', { time: 2, value: 6 }),
      record('a', { time: 1, unit: 'V', value: 7 }),
    ];
    expect(applyPatchPack([one], patch).map(({ value }) => value)).toEqual([5, 6, 7]);
    expect(() => applyPatchPack([one, one], [record('b', { value: 1 }), one])).toThrow(
      expect.objectContaining({ code: 'duplicate', offset: 1 }),
    );
    expect(applyPatchPack([one, one], [record('b', { value: 1 })])).toHaveLength(3);
  });

  test('in sequence: removed and set again, set and removed again', () => {
    const gone = record('a', { time: 1, value: null });
    const set = record('a', { time: 1, value: 9 });
    const other = record('b', { value: 2 });
    expect(applyPatchPack([one, other], [gone, set])).toEqual([other, set]);
    expect(applyPatchPack([one, other], [set, gone])).toEqual([other]);
    expect(applyPatchPack([other], [set, gone, set])).toEqual([other, set]);
  });
});

describe('toPrimaryUnit', () => {
  test.each<[string, number | bigint, string, number | bigint]>([
    ['ms', 100, 's', 0.1],
    ['dBm', 10, 'dBW', -20],
    ['kWh', 2, 'J', 7_200_000],
    ['kWh', 2n ** 60n, 'J', 2n ** 60n * 3_600_000n],
    ['Wh/km', 1, 'J/m', 3.6],
    ['km/h', 36, 'm/s', 10],
    ['/100', 55, '/', 0.55],
    ['mA', 2n ** 53n, 'A', 9007199254740.992],
  ])('%s', (unit, value, primary, converted) => {
    expect(toPrimaryUnit(record('a', { unit, value }))).toEqual(record('a', { unit: primary, value: converted }));
  });

  test('what is not secondary, or cannot be converted, stays', () => {
    for (const fields of [
      { unit: 'V', value: 1 },
      { value: 1 },
      { unit: 'constructor', value: 1 },
      { unit: 'dBm', sum: 1 },
    ]) {
      const given = record('a', fields);
      expect(toPrimaryUnit(given)).toBe(given);
    }
    expect(toPrimaryUnit(record('a', { unit: 'h', value: 'x', sum: 2 }))).toEqual(
      record('a', { unit: 's', value: 'x', sum: 7200 }),
    );
  });
});

describe('packRecords', () => {
  test('shares name, unit and time', () => {
    const records = [
      record('urn:dev:a/t', { unit: 'Cel', time: 1.5e9, value: 1 }),
      record('urn:dev:a/h', { unit: 'Cel', time: 1.5e9 + 0.5, value: 2, sum: 3, updateTime: 4 }),
    ];
    expect(packRecords(records)).toEqual([
      { baseName: 'urn:dev:a/', baseTime: 1.5e9, baseUnit: 'Cel', name: 't', value: 1 },
      { name: 'h', value: 2, sum: 3, time: 0.5, updateTime: 4 },
    ]);
    expect(packRecords(records.slice(0, 1))).toEqual([{ name: 'urn:dev:a/t', unit: 'Cel', time: 1.5e9, value: 1 }]);
    expect(packRecords([])).toEqual([]);
  });

  test('is what resolveRecords undoes', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9:/]{0,6}$/);
    const time = fc.option(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      { nil: undefined },
    );
    const unit = fc.constantFrom(undefined, 'V', 'A');
    const any = fc.record({ name, time, unit, value: fc.integer(), sum: fc.option(fc.integer(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(any), (list) => {
        const records = list.map((fields) => record(fields.name, fields));
        expect(resolveRecords(packRecords(records))).toEqual(records);
      }),
    );
  });
});

const packs: [string, SenmlRecord[]][] = [
  ['none', []],
  ['one', [{ baseName: 'a:', name: 'b', value: 1.5 }]],
  [
    'many',
    Array.from({ length: 30 }, (_, index) => ({
      name: `"[{\\${index}ü`,
      value: index % 2 === 0 ? 'x]}"' : index,
      time: index,
    })),
  ],
];
const formats = [
  ['CBOR', streamSenmlCbor, encodeSenmlCborRecords],
  ['JSON', streamSenmlJson, encodeSenmlJsonRecords],
] as const;

function readPieces(stream: SenmlStreamDecoder, bytes: Uint8Array, size: number): SenmlRecord[] {
  const records: SenmlRecord[] = [];
  for (let start = 0; start < bytes.length; start += size)
    records.push(...stream.push(bytes.subarray(start, start + size)));
  stream.end();
  return records;
}

describe.each(formats)('a stream of SenML-%s', (name, open, encode) => {
  test.each(packs)('%s, in pieces of every size', (_title, pack) => {
    const bytes = encode(pack);
    for (let size = 1; size <= 40; size++) expect(readPieces(open(), bytes, size)).toEqual(pack);
  });

  test('a record comes out with its last byte, and the end is told', () => {
    const bytes = encode([
      { name: 'a', value: 1 },
      { name: 'b', value: 2 },
    ]);
    const stream = open();
    const out: number[] = [];
    for (const byte of bytes.subarray(0, -1)) out.push(stream.push(Uint8Array.of(byte)).length);
    expect(out.reduce((sum, count) => sum + count)).toBe(name === 'CBOR' ? 1 : 2);
    expect(() => stream.end()).toThrow(refusal('truncated'));
    stream.push(bytes.subarray(-1));
    expect(() => stream.end()).not.toThrow();
    expect(() => stream.push(Uint8Array.of(0x31))).toThrow(refusal('trailing-bytes'));
  });

  test('limits: at the limit and one past it', () => {
    const bytes = encode([{ name: 'abc', value: 1 }]);
    const recordBytes = bytes.length - (name === 'CBOR' ? 1 : 2);
    expect(readPieces(open({ recordBytesMax: recordBytes }), bytes, 3)).toHaveLength(1);
    expect(() => readPieces(open({ recordBytesMax: recordBytes - 1 }), bytes, 3)).toThrow(refusal('too-long'));
  });

  test('any bytes in any pieces are read or refused', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string().map((text) => encodeUtf8(`[{${text}}]`)),
    );
    const changed = fc
      .tuple(fc.constantFrom(...packs), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }))
      .map(([[, pack], changes]) => {
        const encoded = encode(pack);
        for (const [at, to] of changes) encoded[at % encoded.length] = to;
        return encoded;
      });
    fc.assert(
      fc.property(fc.oneof(bytes, changed), fc.integer({ min: 1, max: 9 }), (input, size) => {
        try {
          readPieces(open(), input, size);
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('faults of streams', () => {
  const cbor = (hex: string, nestingMax = 16): unknown => readPieces(streamSenmlCbor({ nestingMax }), fromHex(hex), 1);
  const json = (text: string, nestingMax = 16): unknown =>
    readPieces(streamSenmlJson({ nestingMax }), encodeUtf8(text), 1);

  test.each([
    ['a0', 'bad-type'],
    ['9c', 'reserved-value'],
    ['8100', 'bad-type'],
    ['81a1', 'truncated'],
    ['98', 'truncated'],
    ['8000', 'trailing-bytes'],
    ['81ff', 'bad-syntax'],
    ['811c', 'reserved-value'],
    ['81a1001f', 'bad-syntax'],
    ['81a2006161020100', 'trailing-bytes'],
  ])('CBOR %s: %s', (hex, code) => {
    expect(() => cbor(hex)).toThrow(refusal(code));
  });

  test('CBOR without a length, and a length of several bytes', () => {
    expect(cbor('9fbf00616102 01ffff'.replace(' ', ''))).toEqual([{ name: 'a', value: 1 }]);
    expect(cbor('9800')).toEqual([]);
    expect(cbor('990001a1005f6161ff'.replace('5f', '7f'))).toEqual([{ name: 'a' }]);
  });

  test.each([
    ['{}', 'bad-type'],
    ['[1]', 'bad-type'],
    ['[{},]', 'bad-type'],
    ['[{} {}]', 'bad-syntax'],
    ['[{]', 'bad-syntax'],
    ['[{"n":"a"}', 'truncated'],
    ['[]]', 'trailing-bytes'],
  ])('JSON %s: %s', (text, code) => {
    expect(() => json(text)).toThrow(refusal(code));
  });

  test('JSON with white space everywhere', () => {
    expect(json(' [ { "n" : "a" } ,\n{"n":"b"}\t] \r\n')).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  test('nestingMax: at the limit and one past it, the pack counted', () => {
    expect(json('[{"x":[[]]}]', 4)).toHaveLength(1);
    expect(() => json('[{"x":[[]]}]', 3)).toThrow(refusal('too-deep'));
    expect(cbor('81a161788180', 4)).toHaveLength(1);
    expect(() => cbor('81a161788180', 3)).toThrow(refusal('too-deep'));
  });
});
