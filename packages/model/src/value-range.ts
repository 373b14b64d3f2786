import type { ResourceSpec } from './object-spec.ts';

/** From `min` to `max`, both included. One number is both. */
export interface Interval {
  /** The least value. */
  readonly min: number | bigint;
  /** The greatest value. */
  readonly max: number | bigint;
}

/** What a value must lie in: one of the intervals, in ascending order as the registry lists them. */
export interface ValueRange {
  /** Whether the numbers are the value itself, or its length in octets (String, Corelnk and Opaque). */
  readonly of: 'value' | 'octets';
  /** At least one. */
  readonly intervals: readonly Interval[];
}

/**
 * Reads the range of a resource, as far as it can be read: `0..100`, `-30..46`, `0-255 bytes`, `0..247, 255`, `16,32,48`.
 *
 * The registry's texts follow no grammar. What is not understood (prose, `8-Bits`, a list of names) is no check, never an
 * error. A single number on a text or octets (`64`, `6 bytes`) is understood as the greatest length, on a number not at all.
 *
 * @param spec the facts; only `type` and `range` are looked at
 * @returns the range, or `undefined` where there is nothing to check; the answer for each `spec` is remembered
 */
export function parseValueRange(spec: Pick<ResourceSpec, 'type' | 'range'>): ValueRange | undefined {
  if (spec.range === undefined) return undefined;
  if (!parsed.has(spec)) parsed.set(spec, readRange(spec.type, spec.range));
  return parsed.get(spec);
}

/** Whether a number lies in a range. */
export function isInRange(range: ValueRange, value: number | bigint): boolean {
  return range.intervals.some(({ min, max }) => value >= min && value <= max);
}

const parsed = /* @__PURE__ */ new WeakMap<object, ValueRange | undefined>();

/** Longer texts are prose. */
const RANGE_TEXT_LENGTH_MAX = 128;

function readRange(type: ResourceSpec['type'], text: string): ValueRange | undefined {
  const of = rangeSubject(type);
  if (of === undefined || text.length > RANGE_TEXT_LENGTH_MAX) return undefined;
  const [, numbers = '', bytes] = /^(.*?)(\s*bytes)?$/i.exec(text.trim()) ?? [];
  if (bytes !== undefined && of === 'value') return undefined;
  const parts = numbers.split(/\s*(?:[,;]| or )\s*/);
  const intervals: Interval[] = [];
  for (const part of parts) {
    const interval = readInterval(part);
    if (interval === undefined) return undefined;
    intervals.push(interval);
  }
  const [only] = intervals;
  if (intervals.length > 1 || only === undefined || only.min !== only.max) return { of, intervals };
  return of === 'octets' ? { of, intervals: [{ min: 0, max: only.max }] } : undefined;
}

/** What a range counts for values of a type (on String and Opaque the registry's ranges are lengths). */
function rangeSubject(type: ResourceSpec['type']): ValueRange['of'] | undefined {
  switch (type) {
    case 'Integer':
    case 'Unsigned Integer':
    case 'Float':
      return 'value';
    case 'String':
    case 'Corelnk':
    case 'Opaque':
      return 'octets';
    case 'Boolean':
    case 'Time':
    case 'Objlnk':
    case '':
      return undefined;
  }
}

function readInterval(part: string): Interval | undefined {
  const match = /^(-?\d+(?:\.\d+)?)(?:(?:\.{2,3}|-)(-?\d+(?:\.\d+)?))?$/.exec(part);
  if (match === null) return undefined;
  const [, first = '', last = first] = match;
  const min = readNumber(first);
  const max = readNumber(last);
  return min <= max ? { min, max } : undefined;
}

/** A bound beyond ±(2^53 − 1) stays exact. */
function readNumber(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(digits) : value;
}
