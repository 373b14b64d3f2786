import type { LwM2mNode } from '@motestack/model';
import type { DecodeSettings } from '../payload-context.ts';
import { receivedNode } from '../values/received-node.ts';
import { parseName } from './name-path.ts';
import type { ResolvedRecord } from './senml-record.ts';

/**
 * Makes a node of a resolved record.
 *
 * @param record its name is a path
 * @param settings the path that was asked and the definitions; `singleForMultiple` and `linkAsString` count here: Leshan
 *   writes an object link as `vs`, where LwM2M Core 1.1.1 §7.4.4 has `vlo` for it
 * @returns the node; without a value for a record of a Fetch Pack, and for the `null` of a Patch Pack
 * @throws {ContentError} `unexpected-path`, `wrong-type`, `out-of-range`
 */
export function nodeOfRecord(record: ResolvedRecord, settings: DecodeSettings): LwM2mNode {
  const path = parseName(record.name, settings);
  const textLinks = settings.leniency.linkAsString;
  return receivedNode({ path, value: record.value ?? undefined, time: record.time, textLinks }, settings);
}
