import type { LwM2mNode } from '@motestack/model';
import { type PayloadContext, resolveContext } from '../payload-context.ts';
import { NodeMaker } from '../senml/record-node.ts';
import type { PackMode } from '../senml/senml-record.ts';
import { readCborPack } from './cbor-pack.ts';

/**
 * Decodes SenML-CBOR (Content-Format 112) into nodes with whole paths and values by type.
 *
 * Every encoding of a number is read: integers, floats of 16, 32 and 64 bits, decimal fractions, bignums, times in tag 0
 * or 1; strings, arrays and maps of definite and indefinite length. One path may come more than once, with different
 * times, say.
 *
 * @param payload one CBOR array; opaque values are views of it, unless they came in chunks
 * @param context the path that was asked and the definitions
 * @param mode `fetch` for the paths of a composite read (nodes without values), `patch` for Content-Format 322 of a
 *   composite write (`null` is a node without a value: to be removed)
 * @returns the nodes in the order of the pack
 * @throws {DecodeError} `truncated`, `trailing-bytes`, `reserved-value` and `bad-syntax` (not well-formed), `bad-utf8`,
 *   `bad-type` (a field of another type, no array of maps), `bad-value` (an integer label that RFC 8428 does not define, a
 *   field that the mode does not have or that must be known), `missing` (no name, or no value and no sum), `duplicate` (a
 *   label twice, two values in a record), `unknown-version`, `too-long`, `too-many`, `too-deep`
 * @throws {ContentError} `unexpected-path` (not what was asked, or no path), `wrong-type`, `out-of-range`
 * @see RFC 8428 §6; RFC 8790; RFC 8949 §3; LwM2M Core 1.1.1 §7.4.5
 */
export function decodeSenmlCbor(payload: Uint8Array, context: PayloadContext, mode: PackMode = 'senml'): LwM2mNode[] {
  const settings = resolveContext(context);
  const maker = new NodeMaker(settings, mode);
  const nodes: LwM2mNode[] = [];
  readCborPack(payload, settings.leniency.hexadecimalNullLink, settings.limits, (record, offset) => {
    const node = maker.node(record, offset);
    if (node !== undefined) nodes.push(node);
  });
  return nodes;
}
