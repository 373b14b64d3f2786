import type { LwM2mNode } from '@motestack/model';
import { CborWriter } from '../cbor/cbor-writer.ts';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { recordsOfNodes } from '../senml/plan-pack.ts';
import type { PackMode, SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { formatObjectLink } from '../values/object-link-text.ts';
import { isObjectLink } from '../values/typed-value.ts';
import { Label, LINK_LABEL } from './cbor-pack.ts';

/**
 * Encodes nodes as SenML-CBOR (Content-Format 112, or 322 of a composite write), with the shortest integers and floats.
 * The levels that all paths share become the base name, the first time the base time.
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
  return encodeSenmlCborRecords(recordsOfNodes(nodes, context, mode));
}

/**
 * Encodes records as they are.
 *
 * @param records base fields included
 * @returns one CBOR array of definite length
 * @throws {ContentError} `not-representable` for NaN and the infinities
 * @see RFC 8428 §6
 */
export function encodeSenmlCborRecords(records: readonly SenmlRecord[]): Uint8Array {
  const writer = new CborWriter();
  writer.array(records.length);
  for (const record of records) writeRecord(writer, record);
  return writer.finish();
}

function writeRecord(writer: CborWriter, record: SenmlRecord): void {
  const { value } = record;
  writer.map(countFields(record));
  writeText(writer, Label.BaseName, record.baseName);
  writeNumber(writer, Label.BaseTime, record.baseTime);
  writeText(writer, Label.BaseUnit, record.baseUnit);
  writeNumber(writer, Label.BaseValue, record.baseValue);
  writeNumber(writer, Label.BaseSum, record.baseSum);
  writeNumber(writer, Label.BaseVersion, record.baseVersion);
  writeText(writer, Label.Name, record.name);
  writeText(writer, Label.Unit, record.unit);
  writeNumber(writer, Label.Time, record.time);
  writeNumber(writer, Label.UpdateTime, record.updateTime);
  if (value === null) {
    writer.number(Label.Value);
    writer.null();
  } else if (value !== undefined) writeValue(writer, value);
  writeNumber(writer, Label.Sum, record.sum);
}

function countFields(record: SenmlRecord): number {
  let count = 0;
  if (record.baseName !== undefined) count++;
  if (record.baseTime !== undefined) count++;
  if (record.baseUnit !== undefined) count++;
  if (record.baseValue !== undefined) count++;
  if (record.baseSum !== undefined) count++;
  if (record.baseVersion !== undefined) count++;
  if (record.name !== undefined) count++;
  if (record.unit !== undefined) count++;
  if (record.value !== undefined) count++;
  if (record.sum !== undefined) count++;
  if (record.time !== undefined) count++;
  if (record.updateTime !== undefined) count++;
  return count;
}

function writeValue(writer: CborWriter, value: SenmlValue): void {
  if (typeof value === 'number' || typeof value === 'bigint') writeNumber(writer, Label.Value, value);
  else if (typeof value === 'string') writeText(writer, Label.StringValue, value);
  else if (typeof value === 'boolean') {
    writer.number(Label.BooleanValue);
    writer.boolean(value);
  } else if (isObjectLink(value)) {
    writer.text(LINK_LABEL);
    writer.text(formatObjectLink(value));
  } else {
    writer.number(Label.DataValue);
    writer.bytes(value);
  }
}

function writeText(writer: CborWriter, label: number, text: string | undefined): void {
  if (text === undefined) return;
  writer.number(label);
  writer.text(text);
}

/** NaN and the infinities are refused: CBOR "is equivalent to the JSON representation" (RFC 8428 §6), which has none. */
function writeNumber(writer: CborWriter, label: number, value: number | bigint | undefined): void {
  if (value === undefined) return;
  writer.number(label);
  if (typeof value === 'bigint') writer.bigint(value);
  else if (Number.isFinite(value)) writer.number(value);
  else throw new ContentError('not-representable');
}
