import { fromHex, toHex } from '@motestack/bytes';
import suite from '@motestack/test-vectors/cbor.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { beginWriting, finishWriting } from '../values/payload-writer.ts';
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
} from './cbor-writer.ts';
import * as MajorType from './major-type.ts';

interface Item {
  readonly t: string;
  readonly v?: unknown;
  readonly indef?: boolean;
}
interface Row {
  readonly id: string;
  readonly hex: string;
  readonly decoded: Item;
  readonly roundtrip: boolean;
}

const rows = suite.vectors as unknown as readonly Row[];

/** What the writer has no method for: SenML uses no other tags or simple values, and no indefinite lengths. */
function isWritten(item: Item): boolean {
  if (item.indef === true || ['tag', 'undefined', 'simple'].includes(item.t)) return false;
  return item.t === 'array' || item.t === 'map' ? (item.v as Item[]).flat().every(isWritten) : true;
}

function writeItem(writer: CborWriter, item: Item): void {
  switch (item.t) {
    case 'uint':
    case 'nint':
      writeBigint(writer, BigInt(String(item.v)));
      break;
    case 'float':
      writeNumber(writer, Number(item.v));
      break;
    case 'text':
      writeText(writer, String(item.v));
      break;
    case 'bytes':
      writeBytes(writer, fromHex(String(item.v)));
      break;
    case 'bool':
      writeBoolean(writer, item.v === true);
      break;
    case 'null':
      writeNull(writer);
      break;
    case 'array':
      writeHead(writer, MajorType.ARRAY, (item.v as Item[]).length);
      for (const inner of item.v as Item[]) writeItem(writer, inner);
      break;
    case 'map':
      writeHead(writer, MajorType.MAP, (item.v as Item[]).length);
      for (const inner of (item.v as Item[][]).flat()) writeItem(writer, inner);
      break;
    default:
      throw new Error(`${item.t} is not written`);
  }
}

function written(write: (writer: CborWriter) => void): string {
  const writer = beginWriting();
  write(writer);
  return toHex(finishWriting(writer));
}

/** Rows whose float is a whole number: as a number of JavaScript it is written as the integer that it is. */
const WHOLE: Readonly<Record<string, string>> = {
  'a-019': '00',
  'a-021': '01',
  'a-024': '19ffe0',
  'a-025': '1a000186a0',
  'a-030': '23',
};

describe('CborWriter', () => {
  test.each(rows.filter(({ decoded, roundtrip }) => roundtrip && isWritten(decoded)))('$id $hex', (row) => {
    expect(written((writer) => writeItem(writer, row.decoded))).toBe(WHOLE[row.id] ?? row.hex);
  });

  test('rows that are not in preferred serialization are written shorter', () => {
    const longer = rows.filter(({ decoded, roundtrip }) => !roundtrip && isWritten(decoded));
    expect(longer.length).toBeGreaterThan(0);
    for (const row of longer) {
      expect(written((writer) => writeItem(writer, row.decoded)).length).toBeLessThan(row.hex.length);
    }
  });

  test.each([
    [-0, 'f98000'],
    [2 ** -24, 'f90001'],
    [6.097555160522461e-5, 'f903ff'],
    [1.1920928955078125e-7, 'f90002'],
    [8.940696716308594e-8, 'fa33c00000'],
    [2.9802322387695312e-8, 'fa33000000'],
    [1.401298464324817e-45, 'fa00000001'],
    [65_505.5, 'fa477fe180'],
    [2 ** 53, 'fa5a000000'],
    [2 ** 53 - 1, '1b001fffffffffffff'],
    [-(2 ** 53) + 1, '3b001ffffffffffffe'],
    [4294967295, '1affffffff'],
    [4294967296, '1b0000000100000000'],
    [0.1, 'fb3fb999999999999a'],
  ])('%s is %s', (value, hex) => {
    expect(written((writer) => writeNumber(writer, value))).toBe(hex);
  });

  test('floats: whole numbers too, and without 16 bits', () => {
    expect(written((writer) => writeFloat(writer, 1))).toBe('f93c00');
    const writer = beginWriting(false);
    for (const value of [1, -0, Number.NaN, Number.POSITIVE_INFINITY, 0.1, 0.5]) writeFloat(writer, value);
    expect(toHex(finishWriting(writer))).toBe('fa3f800000fa80000000fa7fc00000fa7f800000fb3fb999999999999afa3f000000');
  });

  test('text: short and long, ASCII and not', () => {
    expect(written((writer) => writeText(writer, 'aü'))).toBe('6361c3bc');
    expect(written((writer) => writeText(writer, 'a'.repeat(64)))).toBe(`7840${'61'.repeat(64)}`);
    expect(written((writer) => writeText(writer, 'a'.repeat(65)))).toBe(`7841${'61'.repeat(65)}`);
  });

  test('an integer beyond 64 bits is a mistake of the caller', () => {
    expect(written((writer) => writeBigint(writer, -(2n ** 64n)))).toBe('3bffffffffffffffff');
    expect(() => written((writer) => writeBigint(writer, 2n ** 64n))).toThrow(RangeError);
    expect(() => written((writer) => writeBigint(writer, -(2n ** 64n) - 1n))).toThrow(RangeError);
  });

  test('more than the kept buffer holds, and little after it', () => {
    expect(written((writer) => writeBytes(writer, new Uint8Array(100_000)))).toHaveLength(2 * 100_005);
    expect(written((writer) => writeNull(writer))).toBe('f6');
  });
});
