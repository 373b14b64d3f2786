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

/**
 * Encodes records as they are, with the shortest integers and floats. A number without a fraction is written as an integer
 * unless `isFloat` says otherwise.
 *
 * @param records base fields included
 * @param options `halfFloats: false` for decoders that know floats of 32 and 64 bits alone
 * @returns one CBOR array of definite length
 * @throws {ContentError} `not-representable` for NaN and the infinities
 * @see RFC 8428 §6
 */
export function encodeSenmlCborRecords(
  records: readonly SenmlRecord[],
  options: { readonly halfFloats?: boolean | undefined } = {},
): Uint8Array {
  const writer = new CborWriter(options);
  writer.array(records.length);
  for (const record of records) writeRecord(writer, record);
  return writer.finish();
}

function writeRecord(writer: CborWriter, record: SenmlRecord): void {
  const start = writer.beginShortMap();
  const { name, value, time } = record;
  let count = writeBase(writer, record);
  if (name !== undefined) count += writeText(writer, Label.Name, name);
  if (record.unit !== undefined) count += writeText(writer, Label.Unit, record.unit);
  if (time !== undefined) count += writeNumber(writer, Label.Time, time);
  if (record.updateTime !== undefined) count += writeNumber(writer, Label.UpdateTime, record.updateTime);
  if (value === null) {
    writer.label(Label.Value);
    writer.null();
    count++;
  } else if (record.isFloat === true && typeof value === 'number' && Number.isFinite(value)) {
    writer.label(Label.Value);
    writer.float(value);
    count++;
  } else if (value !== undefined) count += writeValue(writer, value);
  if (record.sum !== undefined) count += writeNumber(writer, Label.Sum, record.sum);
  writer.endShortMap(start, count);
}

/** Every function that writes fields says how many it wrote. */
function writeBase(writer: CborWriter, record: SenmlRecord): number {
  let count = 0;
  if (record.baseName !== undefined) count += writeText(writer, Label.BaseName, record.baseName);
  if (record.baseTime !== undefined) count += writeNumber(writer, Label.BaseTime, record.baseTime);
  if (record.baseUnit !== undefined) count += writeText(writer, Label.BaseUnit, record.baseUnit);
  if (record.baseValue !== undefined) count += writeNumber(writer, Label.BaseValue, record.baseValue);
  if (record.baseSum !== undefined) count += writeNumber(writer, Label.BaseSum, record.baseSum);
  if (record.baseVersion !== undefined) count += writeNumber(writer, Label.BaseVersion, record.baseVersion);
  return count;
}

function writeValue(writer: CborWriter, value: SenmlValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return writeNumber(writer, Label.Value, value);
  if (typeof value === 'string') return writeText(writer, Label.StringValue, value);
  if (typeof value === 'boolean') {
    writer.label(Label.BooleanValue);
    writer.boolean(value);
  } else if (isObjectLink(value)) {
    writer.text(LINK_LABEL);
    writer.text(formatObjectLink(value));
  } else {
    writer.label(Label.DataValue);
    writer.bytes(value);
  }
  return 1;
}

function writeText(writer: CborWriter, label: number, text: string): number {
  writer.label(label);
  writer.text(text);
  return 1;
}

/** NaN and the infinities are refused: CBOR "is equivalent to the JSON representation" (RFC 8428 §6), which has none. */
function writeNumber(writer: CborWriter, label: number, value: number | bigint): number {
  writer.label(label);
  if (typeof value === 'bigint') writer.bigint(value);
  else if (Number.isFinite(value)) writer.number(value);
  else throw new ContentError('not-representable');
  return 1;
}
