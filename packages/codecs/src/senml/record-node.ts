import { isWithin, type LwM2mNode, type Path, resourceSpecAt } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { DecodeSettings } from '../payload-context.ts';
import { valueFromWire } from '../values/typed-value.ts';
import { parseName } from './name-path.ts';
import type { ResolvedRecord } from './senml-record.ts';

/**
 * Makes a node of a resolved record.
 *
 * @param record its name is a path
 * @param settings the path that was asked and the definitions; `singleForMultiple` counts here
 * @returns the node; without a value for a record of a Fetch Pack, and for the `null` of a Patch Pack
 * @throws {ContentError} `unexpected-path`, `wrong-type`, `out-of-range`
 */
export function nodeOfRecord(record: ResolvedRecord, settings: DecodeSettings): LwM2mNode {
  const { value, time } = record;
  let path: Path = parseName(record.name, settings);
  if (!isWithin(path, settings.path)) throw new ContentError('unexpected-path', { path });
  if (value === undefined || value === null) return time === undefined ? { path } : { path, time };
  if (path.resourceId === undefined) throw new ContentError('unexpected-path', { path });
  const spec = resourceSpecAt(settings.lookup, path);
  if (spec?.multiple === true && path.resourceInstanceId === undefined && settings.leniency.singleForMultiple) {
    path = { ...path, resourceInstanceId: 0 };
  }
  const typed = valueFromWire(spec?.type === '' ? undefined : spec?.type, value, path);
  return time === undefined ? { path, value: typed } : { path, value: typed, time };
}
