import type { LwM2mNode } from '@motestack/model';
import type { PayloadContext } from '../payload-context.ts';
import { recordsOfNodes } from '../senml/plan-pack.ts';
import type { PackMode } from '../senml/senml-record.ts';
import { encodeSenmlCborRecords } from './encode-senml-cbor-records.ts';

/**
 * Encodes nodes as SenML-CBOR (Content-Format 112, or 322 of a composite write). The levels that all paths share become
 * the base name, the first time the base time.
 *
 * A Float is written as a CBOR float even where it is whole. RFC 8428 §6 allows an integer for it, but deployed decoders
 * (Leshan 2.0 among them) take the CBOR type for the type of the resource and refuse integers. Floats have 32 bits where
 * that is exact, and else 64: decoders of constrained devices need not know those of 16 (Wakaama can be built without).
 *
 * @param nodes values by type; those without a value are left out, except in `patch` mode, where they remove
 * @param context the path that was asked and the definitions
 * @param mode `patch` for 322
 * @returns one CBOR array of definite length
 * @throws {ContentError} `unexpected-path`, `wrong-type`, `out-of-range`, `not-representable` (NaN and the infinities)
 * @see RFC 8428 §6; LwM2M Core 1.1.1 §7.4.5
 */
export function encodeSenmlCbor(
  nodes: readonly LwM2mNode[],
  context: PayloadContext,
  mode: PackMode = 'senml',
): Uint8Array {
  return encodeSenmlCborRecords(recordsOfNodes(nodes, context, mode), { halfFloats: false });
}
