import type { LwM2mNode } from '@motestack/model';
import {
  type DecodeLimits,
  type Leniency,
  type PayloadContext,
  resolveContext,
  resolveLeniency,
  resolveLimits,
} from '../payload-context.ts';
import { NodeMaker } from '../senml/record-node.ts';
import type { PackMode, SenmlRecord } from '../senml/senml-record.ts';
import { readJsonPack } from './json-pack.ts';

/**
 * Decodes SenML-JSON (Content-Format 110) into nodes with whole paths and values by type.
 *
 * Integers are exact up to 64 bits. Of two fields with one label in a record the later counts. One path may come more
 * than once, with different times, say.
 *
 * @param payload UTF-8
 * @param context the path that was asked and the definitions
 * @param mode `fetch` for the paths of a composite read (nodes without values), `patch` for Content-Format 320 of a
 *   composite write (`null` is a node without a value: to be removed)
 * @returns the nodes in the order of the pack
 * @throws {DecodeError} `bad-utf8`, `bad-syntax`, `truncated`, `trailing-bytes`, `bad-type` (a field of another type, no
 *   array of objects), `bad-value` (a field that the mode does not have or that must be known, base64, a number beyond a
 *   double), `missing` (no name, or no value and no sum), `duplicate` (two values in a record), `unknown-version`,
 *   `too-long`, `too-many`, `too-deep`. Its offset is an index into the text for syntax, and the index of the record for
 *   anything within one.
 * @throws {ContentError} `unexpected-path` (not what was asked, or no path), `wrong-type`, `out-of-range`
 * @see RFC 8428 §5; RFC 8790; LwM2M Core 1.1.1 §7.4.4
 */
export function decodeSenmlJson(payload: Uint8Array, context: PayloadContext, mode: PackMode = 'senml'): LwM2mNode[] {
  const settings = resolveContext(context);
  const maker = new NodeMaker(settings, mode);
  const nodes: LwM2mNode[] = [];
  readJsonPack(payload, settings.leniency, settings.limits, (record, index) => {
    const node = maker.node(record, index);
    if (node !== undefined) nodes.push(node);
  });
  return nodes;
}

/**
 * Decodes SenML-JSON into the records as they are written, for packs that are not LwM2M's. See `resolveRecords`.
 *
 * @param payload UTF-8
 * @param options limits and leniencies that differ from the defaults
 * @returns the records, base fields not applied
 * @throws {DecodeError} as {@link decodeSenmlJson}
 * @see RFC 8428 §5
 */
export function decodeSenmlJsonRecords(
  payload: Uint8Array,
  options: { readonly limits?: Partial<DecodeLimits>; readonly leniency?: Partial<Leniency> } = {},
): SenmlRecord[] {
  const records: SenmlRecord[] = [];
  readJsonPack(payload, resolveLeniency(options.leniency), resolveLimits(options.limits), (record) => {
    records.push(record.copy());
  });
  return records;
}
