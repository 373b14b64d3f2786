import { CborReader, INDEFINITE, MajorType } from '../cbor/cbor-reader.ts';
import { skipItem } from '../cbor/skip-item.ts';
import type { DecodeLimits, Leniency } from '../payload-context.ts';
import { type SenmlRecord, SenmlRecordBuilder, type SenmlValue } from '../senml/senml-record.ts';
import { checkLength } from '../values/check-length.ts';
import { parseObjectLink } from '../values/object-link-text.ts';

const SECTION = 'RFC 8428 §6';
/** The nesting that the pack and its records use up before a field begins. */
const FIELD_NESTING = 2;

/** The integer labels (RFC 8428 table 4). "This table is conclusive". */
export const Label = {
  BaseSum: -6,
  BaseValue: -5,
  BaseUnit: -4,
  BaseTime: -3,
  BaseName: -2,
  BaseVersion: -1,
  Name: 0,
  Unit: 1,
  Value: 2,
  StringValue: 3,
  BooleanValue: 4,
  Sum: 5,
  Time: 6,
  UpdateTime: 7,
  DataValue: 8,
} as const;

/** LwM2M's own label, a string in CBOR too (LwM2M Core 1.1.1 §7.4.5). */
export const LINK_LABEL = 'vlo';

/**
 * Reads the records of a SenML-CBOR pack one after the other.
 *
 * @param payload one CBOR array, of definite or indefinite length
 * @param leniency `hexadecimalNullLink` counts here
 * @param limits `payloadBytesMax`, `nodesMax` and `nestingMax` count here
 * @param onRecord gets each record and the offset of its map; the object is filled anew for the next one
 * @throws {DecodeError} what `decodeSenmlCbor` lists
 */
export function readCborPack(
  payload: Uint8Array,
  leniency: Leniency,
  limits: DecodeLimits,
  onRecord: (record: SenmlRecordBuilder, offset: number) => void,
): void {
  checkLength(payload, limits.payloadBytesMax, SECTION);
  const reader = new CborReader(payload, SECTION, limits.nestingMax);
  const builder = new SenmlRecordBuilder();
  const count = reader.beginArray();
  for (let index = 0; count === INDEFINITE ? !reader.atBreak() : index < count; index++) {
    const offset = reader.offset;
    if (index >= limits.nodesMax) throw reader.error('too-many');
    builder.reset();
    readRecord(reader, builder, leniency);
    onRecord(builder, offset);
  }
  reader.finish();
}

/**
 * Reads one record of a pack.
 *
 * @param bytes one CBOR map
 * @param leniency as for {@link readCborPack}
 * @param nestingMax containers within each other, the pack counted
 * @returns the record, base fields not applied
 * @throws {DecodeError} as {@link readCborPack}
 */
export function readCborRecord(bytes: Uint8Array, leniency: Leniency, nestingMax: number): SenmlRecord {
  const reader = new CborReader(bytes, SECTION, nestingMax);
  const record = new SenmlRecordBuilder();
  readRecord(reader, record, leniency);
  reader.finish();
  return record.copy();
}

function readRecord(reader: CborReader, record: SenmlRecordBuilder, leniency: Leniency): void {
  const count = reader.beginMap();
  let seen = 0;
  for (let index = 0; count === INDEFINITE ? !reader.atBreak() : index < count; index++) {
    const start = reader.offset;
    if (reader.peekMajor() === MajorType.Text) {
      const label = reader.text();
      if (label === LINK_LABEL) setValue(reader, record, readLink(reader, leniency), start);
      // "…MUST ignore fields they don't recognize unless that field has a label name that ends with '_'" (RFC 8428 §4.4).
      else if (label.endsWith('_')) throw reader.error('bad-value', start);
      else skipItem(reader, FIELD_NESTING);
      continue;
    }
    const label = Number(reader.integer());
    if (!(label >= Label.BaseSum && label <= Label.DataValue)) throw reader.error('bad-value', start);
    const bit = 1 << (label - Label.BaseSum);
    if ((seen & bit) !== 0) throw reader.error('duplicate', start);
    seen |= bit;
    readField(reader, record, label, start);
  }
}

function readField(reader: CborReader, record: SenmlRecordBuilder, label: number, start: number): void {
  switch (label) {
    case Label.Name:
      record.name = reader.text();
      break;
    case Label.Value:
      setValue(reader, record, reader.atNull() ? null : reader.number(), start);
      break;
    case Label.StringValue:
      setValue(reader, record, reader.text(), start);
      break;
    case Label.BooleanValue:
      setValue(reader, record, reader.boolean(), start);
      break;
    case Label.DataValue:
      setValue(reader, record, reader.bytes(), start);
      break;
    case Label.Time:
      record.time = readSeconds(reader);
      break;
    case Label.Unit:
      record.unit = reader.text();
      break;
    case Label.Sum:
      record.sum = readFinite(reader);
      break;
    case Label.UpdateTime:
      record.updateTime = readSeconds(reader);
      break;
    default:
      readBaseField(reader, record, label);
  }
}

function readBaseField(reader: CborReader, record: SenmlRecordBuilder, label: number): void {
  switch (label) {
    case Label.BaseName:
      record.baseName = reader.text();
      break;
    case Label.BaseTime:
      record.baseTime = readSeconds(reader);
      break;
    case Label.BaseUnit:
      record.baseUnit = reader.text();
      break;
    case Label.BaseValue:
      record.baseValue = readFinite(reader);
      break;
    case Label.BaseSum:
      record.baseSum = readFinite(reader);
      break;
    default:
      // "For the version number, only an unsigned integer is allowed" (RFC 8428 §6).
      if (reader.peekMajor() !== MajorType.Unsigned) throw reader.error('bad-type');
      record.baseVersion = Number(reader.integer());
  }
}

/** One value in each record (RFC 8428 §4.2). */
function setValue(reader: CborReader, record: SenmlRecordBuilder, value: SenmlValue | null, start: number): void {
  if (record.value !== undefined) throw reader.error('duplicate', start);
  record.value = value;
}

function readLink(reader: CborReader, leniency: Leniency): SenmlValue {
  const start = reader.offset;
  const link = parseObjectLink(reader.text(), leniency.hexadecimalNullLink);
  if (link === undefined || link === 'out-of-range') throw reader.error('bad-value', start);
  return link;
}

function readFinite(reader: CborReader): number | bigint {
  const start = reader.offset;
  const value = reader.number();
  if (typeof value === 'number' && !Number.isFinite(value)) throw reader.error('bad-value', start);
  return value;
}

function readSeconds(reader: CborReader): number {
  return Number(readFinite(reader));
}
