import { encodeUtf8 } from '@motestack/bytes';
import type { LwM2mNode } from '@motestack/model';
import { encodeBase64 } from '../base64/base64.ts';
import type { PayloadContext } from '../payload-context.ts';
import { recordsOfNodes } from '../senml/plan-pack.ts';
import type { PackMode, SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { formatObjectLink, isObjectLink } from '../values/object-link-text.ts';
import { formatJsonNumber } from './format-number.ts';

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
  let text = '';
  for (const record of records) text += text === '' ? formatRecord(record) : `,${formatRecord(record)}`;
  return encodeUtf8(`[${text}]`);
}

function formatRecord(record: SenmlRecord): string {
  const { value } = record;
  let text = '';
  if (record.baseName !== undefined) text += `,"bn":${formatText(record.baseName)}`;
  if (record.baseTime !== undefined) text += `,"bt":${formatJsonNumber(record.baseTime)}`;
  if (record.baseUnit !== undefined) text += `,"bu":${formatText(record.baseUnit)}`;
  if (record.baseValue !== undefined) text += `,"bv":${formatJsonNumber(record.baseValue)}`;
  if (record.baseSum !== undefined) text += `,"bs":${formatJsonNumber(record.baseSum)}`;
  if (record.baseVersion !== undefined) text += `,"bver":${formatJsonNumber(record.baseVersion)}`;
  if (record.name !== undefined) text += `,"n":${formatText(record.name)}`;
  if (record.unit !== undefined) text += `,"u":${formatText(record.unit)}`;
  if (record.time !== undefined) text += `,"t":${formatJsonNumber(record.time)}`;
  if (record.updateTime !== undefined) text += `,"ut":${formatJsonNumber(record.updateTime)}`;
  if (value !== undefined) text += value === null ? ',"v":null' : formatValue(value);
  if (record.sum !== undefined) text += `,"s":${formatJsonNumber(record.sum)}`;
  return `{${text.slice(1)}}`;
}

function formatValue(value: SenmlValue): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `,"v":${formatJsonNumber(value)}`;
  if (typeof value === 'string') return `,"vs":${formatText(value)}`;
  if (typeof value === 'boolean') return `,"vb":${value}`;
  if (isObjectLink(value)) return `,"vlo":"${formatObjectLink(value)}"`;
  return `,"vd":"${encodeBase64(value, { alphabet: 'base64url' })}"`;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SURROGATES_BEGIN = 0xd800;
const SHORT_TEXT_LENGTH = 40;

/** Most text is short and holds nothing that JSON escapes; to look is faster than to have it written. */
function formatText(text: string): string {
  if (text.length > SHORT_TEXT_LENGTH) return JSON.stringify(text);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < SPACE || unit === QUOTE || unit === BACKSLASH || unit >= SURROGATES_BEGIN) return JSON.stringify(text);
  }
  return `"${text}"`;
}
