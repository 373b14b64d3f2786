import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import type { ResolvedRecord } from './senml-record.ts';

/**
 * Selects the records that a Fetch Pack names.
 *
 * @param target resolved records
 * @param fetch the Fetch Pack, resolved in mode `fetch`
 * @returns the records whose name is in the Fetch Pack, and whose time and unit are those of the Fetch Record where it has
 *   them; each once, in the order of the target
 * @throws {DecodeError} `missing` for a Fetch Pack without records
 * @see RFC 8790 §3.1
 */
export function applyFetchPack(target: readonly ResolvedRecord[], fetch: readonly ResolvedRecord[]): ResolvedRecord[] {
  if (fetch.length === 0) throw error('missing', 0, 'RFC 8790 §3.1');
  const wanted = new Map<string, ResolvedRecord[]>();
  for (const record of fetch) {
    const sameName = wanted.get(record.name);
    if (sameName === undefined) wanted.set(record.name, [record]);
    else sameName.push(record);
  }
  return target.filter((record) => wanted.get(record.name)?.some((one) => isSelected(record, one)) === true);
}

function isSelected(record: ResolvedRecord, { time, unit }: ResolvedRecord): boolean {
  return (time === undefined || time === record.time) && (unit === undefined || unit === record.unit);
}

/**
 * Applies a Patch Pack, all of it or nothing.
 *
 * @param target resolved records
 * @param patch the Patch Pack, resolved in mode `patch`
 * @returns the target with the records of one name, time and unit replaced where they stood, those that are new behind them,
 *   and those that are patched with `null` gone
 * @throws {DecodeError} `duplicate` for a Patch Record that matches more than one record; the offset is its index
 * @see RFC 8790 §3.2
 */
export function applyPatchPack(target: readonly ResolvedRecord[], patch: readonly ResolvedRecord[]): ResolvedRecord[] {
  const patched = new Map<string, ResolvedRecord[]>();
  for (const record of target) {
    const key = keyOf(record);
    const same = patched.get(key);
    if (same === undefined) patched.set(key, [record]);
    else same.push(record);
  }
  const touched = new Map<string, ResolvedRecord | undefined>();
  for (const [index, record] of patch.entries()) {
    const key = keyOf(record);
    if ((patched.get(key)?.length ?? 0) > 1) throw error('duplicate', index, 'RFC 8790 §3.2');
    // What was removed and is set again stands behind the others, as what is new does.
    if (touched.has(key) && touched.get(key) === undefined) touched.delete(key);
    touched.set(key, record.value === null ? undefined : record);
    if (record.value === null) patched.delete(key);
  }
  const kept = target.flatMap((record) => {
    const key = keyOf(record);
    if (!patched.has(key)) return [];
    return [touched.get(key) ?? record];
  });
  const added = [...touched].flatMap(([key, record]) => (record === undefined || patched.has(key) ? [] : [record]));
  return [...kept, ...added];
}

/** "The time values and units either do not exist in both Records or are equal" (RFC 8790 §3.2). */
function keyOf({ name, time, unit }: ResolvedRecord): string {
  return JSON.stringify([name, time ?? null, unit ?? null]);
}

function error(code: DecodeErrorCode, offset: number, section: string): DecodeError {
  return new DecodeError(code, { offset, section });
}
