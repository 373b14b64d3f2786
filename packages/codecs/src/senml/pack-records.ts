import { addDecimals } from './decimal.ts';
import type { ResolvedRecord, SenmlRecord } from './senml-record.ts';

/**
 * Makes a pack of resolved records: what the names begin with becomes the base name, a unit of all records the base unit, the
 * first time the base time if the differences to it are exact. `resolveRecords` gives the same records back.
 *
 * @param records resolved, in any order; times absolute, or left relative
 * @returns the records to encode
 * @see RFC 8428 §4.1, §4.5
 */
export function packRecords(records: readonly ResolvedRecord[]): SenmlRecord[] {
  const several = records.length > 1;
  const baseName = several ? commonPrefix(records.map(({ name }) => name)) : '';
  const baseUnit = several ? sharedUnit(records) : undefined;
  const baseTime = several ? baseTimeOf(records) : undefined;
  const base = present({ baseName: baseName === '' ? undefined : baseName, baseTime, baseUnit });
  return records.map(({ name, unit, value, sum, time, updateTime }, index) => ({
    ...(index === 0 ? base : {}),
    ...present({
      name: name.length > baseName.length ? name.slice(baseName.length) : undefined,
      unit: baseUnit === undefined ? unit : undefined,
      value,
      sum,
      time: baseTime === undefined ? time : differenceTo(baseTime, time),
      updateTime,
    }),
  }));
}

function differenceTo(baseTime: number, time = baseTime): number | undefined {
  return time === baseTime ? undefined : addDecimals(time, -baseTime);
}

/** The fields that hold something. */
function present(fields: SenmlRecord): SenmlRecord {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
}

/** What all names begin with, up to a slash or colon, or all of it if they are the same. */
function commonPrefix(names: readonly string[]): string {
  let prefix = names[0] ?? '';
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, shared(prefix, name));
  if (names.every((name) => name === prefix)) return prefix;
  return prefix.slice(0, 1 + Math.max(prefix.lastIndexOf('/'), prefix.lastIndexOf(':')));
}

function shared(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function sharedUnit(records: readonly ResolvedRecord[]): string | undefined {
  const unit = records[0]?.unit;
  return records.every((record) => record.unit === unit) ? unit : undefined;
}

function baseTimeOf(records: readonly ResolvedRecord[]): number | undefined {
  const first = records[0]?.time;
  if (first === undefined) return undefined;
  const exact = records.every(
    ({ time }) => time !== undefined && addDecimals(first, addDecimals(time, -first)) === time,
  );
  return exact ? first : undefined;
}
