import { encodeUtf8 } from '@motestack/bytes';
import type { LwM2mNode } from '@motestack/model';
import { encodeBase64 } from '../base64/base64.ts';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { recordsOfNodes } from '../senml/plan-pack.ts';
import type { PackMode, SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { formatObjectLink } from '../values/object-link-text.ts';
import { isObjectLink } from '../values/typed-value.ts';

/**
 * Encodes nodes as SenML-JSON (Content-Format 110, or 320 of a composite write). The levels that all paths share become
 * the base name, the first time the base time.
 *
 * @param nodes values by type; those without a value are left out, except in `patch` mode, where they remove
 * @param context the path that was asked and the definitions
 * @param mode `patch` for 320
 * @returns UTF-8
 * @throws {ContentError} `unexpected-path`, `wrong-type`, `out-of-range`, `not-representable` (NaN and the infinities)
 * @see RFC 8428 §5; LwM2M Core 1.1.1 §7.4.4
 */
export function encodeSenmlJson(
  nodes: readonly LwM2mNode[],
  context: PayloadContext,
  mode: PackMode = 'senml',
): Uint8Array {
  return encodeSenmlJsonRecords(recordsOfNodes(nodes, context, mode));
}

/**
 * Encodes records as they are.
 *
 * @param records base fields included
 * @returns UTF-8
 * @throws {ContentError} `not-representable` for NaN and the infinities
 * @see RFC 8428 §5
 */
export function encodeSenmlJsonRecords(records: readonly SenmlRecord[]): Uint8Array {
  return encodeUtf8(`[${records.map(formatRecord).join(',')}]`);
}

function formatRecord(record: SenmlRecord): string {
  const { value } = record;
  let text = '';
  if (record.baseName !== undefined) text += `,"bn":${JSON.stringify(record.baseName)}`;
  if (record.baseTime !== undefined) text += `,"bt":${formatNumber(record.baseTime)}`;
  if (record.baseUnit !== undefined) text += `,"bu":${JSON.stringify(record.baseUnit)}`;
  if (record.baseValue !== undefined) text += `,"bv":${formatNumber(record.baseValue)}`;
  if (record.baseSum !== undefined) text += `,"bs":${formatNumber(record.baseSum)}`;
  if (record.baseVersion !== undefined) text += `,"bver":${formatNumber(record.baseVersion)}`;
  if (record.name !== undefined) text += `,"n":${JSON.stringify(record.name)}`;
  if (record.unit !== undefined) text += `,"u":${JSON.stringify(record.unit)}`;
  if (record.time !== undefined) text += `,"t":${formatNumber(record.time)}`;
  if (record.updateTime !== undefined) text += `,"ut":${formatNumber(record.updateTime)}`;
  if (value !== undefined) text += value === null ? ',"v":null' : formatValue(value);
  if (record.sum !== undefined) text += `,"s":${formatNumber(record.sum)}`;
  return `{${text.slice(1)}}`;
}

function formatValue(value: SenmlValue): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `,"v":${formatNumber(value)}`;
  if (typeof value === 'string') return `,"vs":${JSON.stringify(value)}`;
  if (typeof value === 'boolean') return `,"vb":${value}`;
  if (isObjectLink(value)) return `,"vlo":"${formatObjectLink(value)}"`;
  return `,"vd":"${encodeBase64(value, { alphabet: 'base64url' })}"`;
}

function formatNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (!Number.isFinite(value)) throw new ContentError('not-representable');
  return Object.is(value, -0) ? '-0' : String(value);
}
