import type { ResolvedRecord, SenmlValue } from './senml-record.ts';

/** How a secondary unit becomes the unit of RFC 8428: value × `numerator` ÷ `denominator` + `offset`. */
interface Conversion {
  readonly unit: string;
  readonly numerator: number;
  readonly denominator: number;
  readonly offset: number;
}

/** Unit, scale as a fraction, offset (RFC 8798 table 2). Fractions, since 1/1000 is no double. */
const SECONDARY_UNITS: Readonly<
  Record<string, readonly [unit: string, numerator: number, denominator?: number, offset?: number]>
> = {
  ms: ['s', 1, 1000],
  min: ['s', 60],
  h: ['s', 3600],
  MHz: ['Hz', 1e6],
  kW: ['W', 1000],
  kVA: ['VA', 1000],
  kvar: ['var', 1000],
  Ah: ['C', 3600],
  Wh: ['J', 3600],
  kWh: ['J', 3_600_000],
  varh: ['vars', 3600],
  kvarh: ['vars', 3_600_000],
  kVAh: ['VAs', 3_600_000],
  'Wh/km': ['J/m', 18, 5],
  KiB: ['B', 1024],
  GB: ['B', 1e9],
  'Mbit/s': ['bit/s', 1e6],
  'B/s': ['bit/s', 8],
  'MB/s': ['bit/s', 8e6],
  mV: ['V', 1, 1000],
  mA: ['A', 1, 1000],
  dBm: ['dBW', 1, 1, -30],
  'ug/m3': ['kg/m3', 1, 1e9],
  'mm/h': ['m/s', 1, 3_600_000],
  'm/h': ['m/s', 1, 3600],
  ppm: ['/', 1, 1e6],
  '/100': ['/', 1, 100],
  '/1000': ['/', 1, 1000],
  hPa: ['Pa', 100],
  mm: ['m', 1, 1000],
  cm: ['m', 1, 100],
  km: ['m', 1000],
  'km/h': ['m/s', 5, 18],
};

/**
 * Converts a record in a secondary unit to the unit that it stands for, such as `kWh` to `J`.
 *
 * @param record a resolved record
 * @returns the record with value, sum and unit converted; the same record if its unit is no secondary one, and if it holds a
 *   sum in a unit with an offset (`dBm`), which has no meaning
 * @see RFC 8798 §3
 */
export function toPrimaryUnit(record: ResolvedRecord): ResolvedRecord {
  const conversion = conversionOf(record.unit);
  if (conversion === undefined || (record.sum !== undefined && conversion.offset !== 0)) return record;
  return {
    ...record,
    unit: conversion.unit,
    value: isNumber(record.value) ? convert(record.value, conversion) : record.value,
    sum: record.sum === undefined ? undefined : convert(record.sum, conversion),
  };
}

function conversionOf(unit: string | undefined): Conversion | undefined {
  if (unit === undefined || !Object.hasOwn(SECONDARY_UNITS, unit)) return undefined;
  const [primary = '', numerator = 1, denominator = 1, offset = 0] = SECONDARY_UNITS[unit] ?? [];
  return { unit: primary, numerator, denominator, offset };
}

function isNumber(value: SenmlValue | null | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A `bigint` stays exact where the factor is whole. */
function convert(value: number | bigint, { numerator, denominator, offset }: Conversion): number | bigint {
  if (typeof value === 'bigint' && denominator === 1 && offset === 0) return value * BigInt(numerator);
  return (Number(value) * numerator) / denominator + offset;
}
