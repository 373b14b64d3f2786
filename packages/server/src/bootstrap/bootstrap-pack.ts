import { ContentFormat, encodePayload } from '@motestack/codecs';
import { type LwM2mNode, type ObjectLookup, parsePath } from '@motestack/model';
import { nodesFromValue } from '../device-management/nodes-from-values.ts';
import type { BootstrapConfiguration } from './bootstrap-configuration.ts';
import { planBootstrap } from './bootstrap-plan.ts';

/** The formats of a pack, best first (LwM2M Transport 1.2 §6.4.2). */
const PACK_FORMATS: readonly number[] = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson, ContentFormat.LwM2mCbor];

/**
 * The format that a pack is sent in.
 *
 * @param accept what the client asks for; `undefined`: the smallest
 * @returns `undefined` where nobody could
 */
export function packFormat(accept: number | undefined): number | undefined {
  return accept === undefined ? PACK_FORMATS[0] : PACK_FORMATS.find((format) => format === accept);
}

/**
 * Encodes all that a configuration writes as one pack. A client replaces with it every instance of each object that is in it, save
 * the account of the bootstrap server, so that `delete` needs no word.
 *
 * @param configuration what the client shall have
 * @param contentFormat 110, 112 or 11544
 * @param known the definitions that the server knows
 * @throws {TypeError | RangeError | ValueError} values that do not fit
 * @see LwM2M Core 1.2 §6.1.7.7
 */
export function encodeBootstrapPack(
  configuration: BootstrapConfiguration,
  contentFormat: number,
  known: ObjectLookup,
): Uint8Array {
  const { writes } = planBootstrap(configuration, configuration.bootstrapAccountInstance ?? 0);
  const added = new Map(
    writes.flatMap(({ definition }) => (definition === undefined ? [] : [[definition.id, definition]])),
  );
  const lookup: ObjectLookup = (objectId) => added.get(objectId) ?? known(objectId);
  const nodes: LwM2mNode[] = writes.flatMap(({ path, value }) => nodesFromValue(parsePath(path), value, lookup));
  return encodePayload(contentFormat, nodes, { path: {}, lookup });
}
