import { describe, expect, test } from 'vitest';
import type { ResourceType } from './resource-value.ts';
import { isInRange, parseValueRange } from './value-range.ts';

const numbers = (...intervals: [number | bigint, number | bigint][]) => ({
  of: 'value',
  intervals: intervals.map(([min, max]) => ({ min, max })),
});
const octets = (...intervals: [number, number][]) => ({ ...numbers(...intervals), of: 'octets' });

describe('parseValueRange', () => {
  test.each<[ResourceType, string, ReturnType<typeof numbers>]>([
    ['Integer', '0..100', numbers([0, 100])],
    ['Integer', '-30..46', numbers([-30, 46])],
    ['Integer', '-140..-44', numbers([-140, -44])],
    ['Integer', '1-65534', numbers([1, 65_534])],
    ['Integer', '1...25', numbers([1, 25])],
    ['Integer', '0..247, 255', numbers([0, 247], [255, 255])],
    ['Integer', '0,1,2', numbers([0, 0], [1, 1], [2, 2])],
    ['Float', '-100.0..100.0', numbers([-100, 100])],
    ['Float', '0.000001..1.0', numbers([0.000001, 1])],
    ['Float', '0; 3.8..20.5', numbers([0, 0], [3.8, 20.5])],
    ['Unsigned Integer', '0..18446744073709551615', numbers([0, 18_446_744_073_709_551_615n])],
    ['Integer', '0..9223372036854775807', numbers([0, 9_223_372_036_854_775_807n])],
    ['String', '0..255', octets([0, 255])],
    ['String', '0-255 bytes', octets([0, 255])],
    ['String', '1..64 Bytes', octets([1, 64])],
    ['String', '0 or 26 Bytes', octets([0, 0], [26, 26])],
    ['Opaque', '16,32,48', octets([16, 16], [32, 32], [48, 48])],
    ['Opaque', '6 bytes', octets([0, 6])],
    ['Corelnk', '12', octets([0, 12])],
  ])('%s %j', (type, range, expected) => expect(parseValueRange({ type, range })).toEqual(expected));

  test.each<[ResourceType, string | undefined]>([
    ['Integer', undefined],
    ['Integer', ''],
    ['Integer', '255'],
    ['Integer', '8-Bits'],
    ['Integer', '16-bit'],
    ['Integer', '2 bytes'],
    ['Integer', '2 Instances'],
    ['Integer', '[1:4]'],
    ['Integer', '<7 to >12.5'],
    ['Integer', '-30..-120'],
    ['Unsigned Integer', '0: CONFIGURED_ON 1: FULL_ON 2: RECALL'],
    ['Float', 'ON;OFF'],
    ['Opaque', '16-32-48 bytes'],
    ['String', 'The possible values are those listed in the LwM2M Core Specification'],
    ['Boolean', '0..65535'],
    ['Time', '0..5'],
    ['Objlnk', '0..5'],
    ['', '0..5'],
  ])('%s %j is no check', (type, range) => {
    expect(parseValueRange(range === undefined ? { type } : { type, range })).toBeUndefined();
  });

  test('a range has 128 characters, not 129', () => {
    const range = `0..1${',2'.repeat(62)}`;
    expect(range).toHaveLength(128);
    expect(parseValueRange({ type: 'Integer', range })?.intervals).toHaveLength(63);
    expect(parseValueRange({ type: 'Integer', range: `${range} ` })).toBeUndefined();
  });

  test('the same facts are read once', () => {
    const spec = { type: 'Integer', range: '0..1' } as const;
    expect(parseValueRange(spec)).toBe(parseValueRange(spec));
  });
});

describe('isInRange', () => {
  test.each<[number | bigint, boolean]>([
    [-1, false],
    [0, true],
    [247, true],
    [247.5, false],
    [248, false],
    [254n, false],
    [255n, true],
    [256, false],
    [Number.NaN, false],
  ])('%s in 0..247, 255: %s', (value, expected) => {
    const range = parseValueRange({ type: 'Integer', range: '0..247, 255' });
    expect(range !== undefined && isInRange(range, value)).toBe(expected);
  });
});
