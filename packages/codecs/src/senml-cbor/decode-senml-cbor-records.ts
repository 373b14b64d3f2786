import { type DecodeLimits, type Leniency, resolveLimits } from '../payload-context.ts';
import type { SenmlRecord } from '../senml/senml-record.ts';
import { readCborPack } from './cbor-pack.ts';

/**
 * Decodes SenML-CBOR into the records as they are written, for packs that are not LwM2M's. See `resolveRecords`.
 *
 * @param payload one CBOR array
 * @param options limits and leniencies that differ from the defaults
 * @returns the records, base fields not applied
 * @throws {DecodeError} as `decodeSenmlCbor`
 * @see RFC 8428 §6
 */
export function decodeSenmlCborRecords(
  payload: Uint8Array,
  options: { readonly limits?: Partial<DecodeLimits>; readonly leniency?: Partial<Leniency> } = {},
): SenmlRecord[] {
  const records: SenmlRecord[] = [];
  // The one leniency that counts here, so that the table of all stays out of small bundles.
  const hexadecimalNullLink = options.leniency?.hexadecimalNullLink !== false;
  readCborPack(payload, hexadecimalNullLink, resolveLimits(options.limits), (record) => {
    records.push(record);
  });
  return records;
}
