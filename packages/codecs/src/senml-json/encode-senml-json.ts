import type { LwM2mNode } from '@motestack/model';
import { encodeBase64 } from '../base64/base64.ts';
import type { PayloadContext } from '../payload-context.ts';
import { recordsOfNodes } from '../senml/plan-pack.ts';
import type { PackMode, SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { formatObjectLink, isObjectLink } from '../values/object-link-text.ts';
import { beginWriting, finishWriting, type PayloadWriter, writeByte } from '../values/payload-writer.ts';
import { writeAscii, writeJsonNumber, writeJsonText } from './json-writer.ts';

const ARRAY_BEGINS = 0x5b;
const ARRAY_ENDS = 0x5d;
const OBJECT_BEGINS = 0x7b;

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
  const writer = beginWriting();
  writeByte(writer, ARRAY_BEGINS);
  for (const record of records) writeRecord(writer, record);
  // Over the comma behind the last record.
  if (records.length > 0) writer.offset--;
  writeByte(writer, ARRAY_ENDS);
  return finishWriting(writer);
}

/** Each field has a comma in front; an object begins where the first one stands. */
function writeRecord(writer: PayloadWriter, record: SenmlRecord): void {
  const before = writer.offset - writer.start;
  const { value } = record;
  writeField(writer, ',"bn":', record.baseName);
  writeField(writer, ',"bt":', record.baseTime);
  writeField(writer, ',"bu":', record.baseUnit);
  writeField(writer, ',"bv":', record.baseValue);
  writeField(writer, ',"bs":', record.baseSum);
  writeField(writer, ',"bver":', record.baseVersion);
  writeField(writer, ',"n":', record.name);
  writeField(writer, ',"u":', record.unit);
  writeField(writer, ',"t":', record.time);
  writeField(writer, ',"ut":', record.updateTime);
  if (value !== undefined) writeValue(writer, value);
  writeField(writer, ',"s":', record.sum);
  if (writer.offset - writer.start === before) writer.offset++;
  writeAscii(writer, '},');
  writer.bytes[writer.start + before] = OBJECT_BEGINS;
}

function writeField(writer: PayloadWriter, label: string, value: string | number | bigint | undefined): void {
  if (value === undefined) return;
  writeAscii(writer, label);
  if (typeof value === 'string') writeJsonText(writer, value);
  else writeJsonNumber(writer, value);
}

function writeValue(writer: PayloadWriter, value: SenmlValue | null): void {
  if (typeof value === 'number' || typeof value === 'bigint') writeField(writer, ',"v":', value);
  else if (typeof value === 'string') writeField(writer, ',"vs":', value);
  else if (typeof value === 'boolean') writeAscii(writer, value ? ',"vb":true' : ',"vb":false');
  else if (value === null) writeAscii(writer, ',"v":null');
  else if (isObjectLink(value)) writeField(writer, ',"vlo":', formatObjectLink(value));
  else writeField(writer, ',"vd":', encodeBase64(value, { alphabet: 'base64url' }));
}
