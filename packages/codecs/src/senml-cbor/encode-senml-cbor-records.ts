import { MajorType } from '../cbor/cbor-reader.ts';
import {
  beginWriting,
  type CborWriter,
  finishWriting,
  makeRoom,
  writeBigint,
  writeBoolean,
  writeByte,
  writeBytes,
  writeFloat,
  writeHead,
  writeNull,
  writeNumber,
  writeText,
} from '../cbor/cbor-writer.ts';
import { ContentError } from '../content-error.ts';
import type { SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { formatObjectLink, isObjectLink } from '../values/object-link-text.ts';
import { Label, LINK_LABEL } from './labels.ts';

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
  const writer = beginWriting(options.halfFloats);
  writeHead(writer, MajorType.Array, records.length);
  for (const record of records) writeRecord(writer, record);
  return finishWriting(writer);
}

/** The head, of fewer than 24 fields, is written last. */
function writeRecord(writer: CborWriter, record: SenmlRecord): void {
  const head = makeRoom(writer, 1) - writer.start;
  writer.offset++;
  const { baseName, baseTime, baseUnit, baseValue, baseSum, baseVersion, sum, value } = record;
  let count =
    writeField(writer, Label.BaseName, baseName) +
    writeField(writer, Label.BaseTime, baseTime) +
    writeField(writer, Label.BaseUnit, baseUnit) +
    writeField(writer, Label.BaseValue, baseValue) +
    writeField(writer, Label.BaseSum, baseSum) +
    writeField(writer, Label.BaseVersion, baseVersion) +
    writeField(writer, Label.Name, record.name) +
    writeField(writer, Label.Unit, record.unit) +
    writeField(writer, Label.Time, record.time) +
    writeField(writer, Label.UpdateTime, record.updateTime);
  if (value !== undefined) {
    writeValue(writer, value, record.isFloat === true);
    count++;
  }
  count += writeField(writer, Label.Sum, sum);
  writer.bytes[writer.start + head] = (MajorType.Map << 5) | count;
}

/** @returns how many fields it wrote */
function writeField(writer: CborWriter, label: number, value: string | number | bigint | undefined): number {
  if (value === undefined) return 0;
  writeByte(writer, label < 0 ? 0x1f - label : label);
  if (typeof value === 'string') writeText(writer, value);
  else if (typeof value === 'bigint') writeBigint(writer, value);
  else writeNumber(writer, finite(value));
  return 1;
}

function writeValue(writer: CborWriter, value: SenmlValue | null, isFloat: boolean): void {
  if (typeof value === 'number' && isFloat) {
    writeByte(writer, Label.Value);
    writeFloat(writer, finite(value));
  } else if (typeof value === 'number' || typeof value === 'bigint') writeField(writer, Label.Value, value);
  else if (typeof value === 'string') writeField(writer, Label.StringValue, value);
  else if (typeof value === 'boolean') {
    writeByte(writer, Label.BooleanValue);
    writeBoolean(writer, value);
  } else if (value === null) {
    writeByte(writer, Label.Value);
    writeNull(writer);
  } else if (isObjectLink(value)) {
    writeText(writer, LINK_LABEL);
    writeText(writer, formatObjectLink(value));
  } else {
    writeByte(writer, Label.DataValue);
    writeBytes(writer, value);
  }
}

/** NaN and the infinities are refused: CBOR "is equivalent to the JSON representation" (RFC 8428 §6), which has none. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new ContentError('not-representable');
  return value;
}
