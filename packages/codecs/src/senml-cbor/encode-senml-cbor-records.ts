import {
  type CborWriter,
  putNumber,
  writeBigint,
  writeBoolean,
  writeBytes,
  writeFloat,
  writeHead,
  writeNull,
  writeNumber,
  writeText,
} from '../cbor/cbor-writer.ts';
import * as MajorType from '../cbor/major-type.ts';
import { ContentError } from '../content-error.ts';
import type { SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { formatObjectLink, isObjectLink } from '../values/object-link-text.ts';
import { beginWriting, finishWriting, makeRoom, writeByte } from '../values/payload-writer.ts';
import * as Label from './labels.ts';
import { LINK_LABEL } from './link-label.ts';

const PLAIN_TEXT_LENGTH_MAX = 23;
/** A head, four labels, two texts, two numbers. */
const PLAIN_RECORD_BYTES_MAX = 72;
const NOT_PLAIN = -1;
/** The initial byte of {@link Label.BaseName}, −2. */
const BASE_NAME = 0x21;

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
  writeHead(writer, MajorType.ARRAY, records.length);
  let index = writePlainRecords(writer, records, 0);
  for (let record = records[index]; record !== undefined; record = records[index]) {
    writeRecord(writer, record);
    index = writePlainRecords(writer, records, index + 1);
  }
  return finishWriting(writer);
}

/**
 * Most records are a short name, a number and perhaps a time, the first one with a base name: these are written with one
 * check for room and the place in a local variable, in a third of the time.
 *
 * @returns the index of the first record from `index` on that is none of these
 */
function writePlainRecords(writer: CborWriter, records: readonly SenmlRecord[], index: number): number {
  let next = index;
  for (; next < records.length; next++) {
    const record = records[next] as SenmlRecord;
    const { baseName, name, value, time } = record;
    if (name === undefined || typeof value !== 'number' || hasOtherFields(record)) break;
    // A float with a fraction is one anyway.
    if (record.isFloat === true && Number.isInteger(value)) break;
    const start = makeRoom(writer, PLAIN_RECORD_BYTES_MAX);
    const { bytes } = writer;
    let at = start + 1;
    let count = 2;
    if (baseName !== undefined) {
      at = putPlainText(bytes, at, BASE_NAME, baseName);
      count++;
    }
    at = putPlainText(bytes, at, Label.Name, name);
    if (at < 0) break;
    if (time !== undefined) {
      bytes[at] = Label.Time;
      at = putNumber(writer, at + 1, finite(time));
      count++;
    }
    bytes[start] = (MajorType.MAP << 5) | count;
    bytes[at] = Label.Value;
    writer.offset = putNumber(writer, at + 1, finite(value));
  }
  return next;
}

function hasOtherFields(record: SenmlRecord): boolean {
  const { baseTime, baseUnit, baseValue, baseSum, baseVersion, unit, updateTime, sum } = record;
  return (baseTime ?? baseUnit ?? baseValue ?? baseSum ?? baseVersion ?? unit ?? updateTime ?? sum) !== undefined;
}

/** Writes a label and short ASCII text. @returns the index behind it; {@link NOT_PLAIN} for any other text, and behind that */
function putPlainText(bytes: Uint8Array, start: number, label: number, text: string): number {
  const { length } = text;
  if (length > PLAIN_TEXT_LENGTH_MAX || start < 0) return NOT_PLAIN;
  bytes[start] = label;
  bytes[start + 1] = (MajorType.TEXT << 5) | length;
  let seen = 0;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    seen |= unit;
    bytes[start + 2 + index] = unit;
  }
  return seen < 0x80 ? start + 2 + length : NOT_PLAIN;
}

/** The head, of fewer than 24 fields, is written last. */
function writeRecord(writer: CborWriter, record: SenmlRecord): void {
  const head = makeRoom(writer, 1) - writer.start;
  writer.offset++;
  const { value } = record;
  let count =
    writeField(writer, Label.BaseName, record.baseName) +
    writeField(writer, Label.BaseTime, record.baseTime) +
    writeField(writer, Label.BaseUnit, record.baseUnit) +
    writeField(writer, Label.BaseValue, record.baseValue) +
    writeField(writer, Label.BaseSum, record.baseSum) +
    writeField(writer, Label.BaseVersion, record.baseVersion) +
    writeField(writer, Label.Name, record.name) +
    writeField(writer, Label.Unit, record.unit) +
    writeField(writer, Label.Time, record.time) +
    writeField(writer, Label.UpdateTime, record.updateTime);
  if (value !== undefined) {
    writeValue(writer, value, record.isFloat === true);
    count++;
  }
  count += writeField(writer, Label.Sum, record.sum);
  writer.bytes[writer.start + head] = (MajorType.MAP << 5) | count;
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
