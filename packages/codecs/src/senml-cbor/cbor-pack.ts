import {
  atNull,
  begin,
  beginReading,
  type CborReader,
  finishReading,
  hasNext,
  peekMajor,
  readBoolean,
  readBytes,
  readInteger,
  readNumber,
  readPlainNumber,
  readText,
  refuse,
} from '../cbor/cbor-reader.ts';
import * as MajorType from '../cbor/major-type.ts';
import { skipItem } from '../cbor/skip-item.ts';
import type { DecodeLimits } from '../payload-context.ts';
import type { SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
import { checkLength } from '../values/check-length.ts';
import { parseObjectLink } from '../values/object-link-text.ts';
import * as Label from './labels.ts';
import { LINK_LABEL } from './link-label.ts';

/** The initial byte of an empty map: those of up to 23 fields follow. */
const PLAIN_MAP = 0xa0;
/** The initial byte of empty text. */
const SHORT_TEXT = 0x60;
/** The first initial byte of text whose length does not fit into it. */
const SHORT_TEXT_END = 0x78;
const SECTION = 'RFC 8428 §6';
/** The nesting that the pack and its records use up before a field begins. */
const FIELD_NESTING = 2;
/** Stands for LwM2M's label, which is a string. */
const LINK = Label.DataValue + 1;
/** Stands for a label that is not known; its value is passed over. */
const IGNORED = LINK + 1;
/** The bits of the labels that hold the value, label −6 being bit 0. */
const VALUES =
  ((1 << Label.Value) | (1 << Label.StringValue) | (1 << Label.BooleanValue) | (1 << Label.DataValue) | (1 << LINK)) <<
  -Label.BaseSum;

/** A record while it is being read. */
type Draft = { -readonly [Field in keyof SenmlRecord]: SenmlRecord[Field] };

/**
 * Reads the records of a SenML-CBOR pack one after the other.
 *
 * @param payload one CBOR array, of definite or indefinite length
 * @param hexadecimalNullLink the leniency of that name
 * @param limits `payloadBytesMax`, `nodesMax` and `nestingMax` count here
 * @param onRecord gets each record and the offset of its map
 * @throws {DecodeError} what `decodeSenmlCbor` lists
 */
export function readCborPack(
  payload: Uint8Array,
  hexadecimalNullLink: boolean,
  limits: DecodeLimits,
  onRecord: (record: SenmlRecord, offset: number) => void,
): void {
  checkLength(payload, limits.payloadBytesMax, SECTION);
  const reader = beginReading(payload, SECTION, limits.nestingMax);
  const count = begin(reader, MajorType.ARRAY);
  for (let index = 0; hasNext(reader, index, count); index++) {
    const { offset } = reader;
    if (index >= limits.nodesMax) refuse(reader, 'too-many');
    onRecord(readPlainRecord(reader) ?? readRecord(reader, hexadecimalNullLink), offset);
  }
  finishReading(reader);
}

/**
 * Reads one record of a pack.
 *
 * @param bytes one CBOR map
 * @param hexadecimalNullLink the leniency of that name
 * @param nestingMax containers within each other, the pack counted
 * @returns the record, base fields not applied
 * @throws {DecodeError} as {@link readCborPack}
 */
export function readCborRecord(bytes: Uint8Array, hexadecimalNullLink: boolean, nestingMax: number): SenmlRecord {
  const reader = beginReading(bytes, SECTION, nestingMax);
  const record = readRecord(reader, hexadecimalNullLink);
  finishReading(reader);
  return record;
}

/**
 * Most records are a short name, a number or short text and perhaps a time: these are read with as few looks as can be, in
 * two thirds of the time. Whatever is not just that, faults too, is left to {@link readRecord}.
 *
 * @returns `undefined` for any other record; the place is unchanged then
 */
function readPlainRecord(reader: CborReader): SenmlRecord | undefined {
  const { bytes, offset } = reader;
  const count = (bytes[offset] ?? 0) - PLAIN_MAP;
  if (count !== 2 && count !== 3) return undefined;
  let name: string | undefined;
  let value: number | string | undefined;
  let time: number | undefined;
  reader.offset = offset + 1;
  for (let index = 0; index < count; index++) {
    const label = bytes[reader.offset++] ?? IGNORED;
    const before = label === Label.Name ? name : label === Label.Time ? time : value;
    // A field twice, and anything that is no short text or number, ends it here.
    const field = before === undefined ? readPlainField(reader, label) : undefined;
    if (field === undefined) break;
    if (label === Label.Name) name = field as string;
    else if (label === Label.Time) time = field as number;
    else value = field;
  }
  const record = plainRecord(count, name, value, time);
  if (record === undefined) reader.offset = offset;
  return record;
}

/** Two fields are name and value; of three the third is the time. */
function plainRecord(
  count: number,
  name: string | undefined,
  value: number | string | undefined,
  time: number | undefined,
): SenmlRecord | undefined {
  if (name === undefined || value === undefined) return undefined;
  if (count === 2) return { name, value };
  return time === undefined ? undefined : { name, value, time };
}

function readPlainField(reader: CborReader, label: number): string | number | undefined {
  switch (label) {
    case Label.Name:
    case Label.StringValue:
      return shortText(reader);
    case Label.Value:
      return shortNumber(reader);
    case Label.Time: {
      const time = shortNumber(reader);
      return Number.isFinite(time) ? time : undefined;
    }
    default:
      return undefined;
  }
}

/** Text of up to 23 bytes. */
function shortText(reader: CborReader): string | undefined {
  const initial = reader.bytes[reader.offset] ?? 0;
  return initial >= SHORT_TEXT && initial < SHORT_TEXT_END ? readText(reader) : undefined;
}

/** A float, or an integer that is exact as a number; without a tag. */
function shortNumber(reader: CborReader): number | undefined {
  const initial = reader.bytes[reader.offset] as number;
  if (initial >= 0x40 && (initial < 0xf9 || initial > 0xfb)) return undefined;
  const number = readPlainNumber(reader);
  return typeof number === 'number' ? number : undefined;
}

/** The usual fields are held apart: records that have no others are all of one or two shapes. */
function readRecord(reader: CborReader, hexadecimalNullLink: boolean): SenmlRecord {
  let name: string | undefined;
  let value: SenmlValue | null | undefined;
  let time: number | undefined;
  let others: Draft | undefined;
  let seen = 0;
  const count = begin(reader, MajorType.MAP);
  for (let index = 0; hasNext(reader, index, count); index++) {
    const start = reader.offset;
    const label = readLabel(reader);
    if (label === IGNORED) continue;
    // A label twice, or two values in one record (RFC 8428 §4.2).
    const bit = 1 << (label - Label.BaseSum);
    if ((seen & ((bit & VALUES) === 0 ? bit : VALUES)) !== 0) refuse(reader, 'duplicate', start);
    seen |= bit;
    if (label === Label.Name) name = readText(reader);
    else if (label === Label.Time) time = Number(readFinite(reader));
    else if ((bit & VALUES) !== 0) value = readValue(reader, label, hexadecimalNullLink);
    else {
      others ??= {};
      readOther(reader, others, label);
    }
  }
  if (others === undefined && name !== undefined && value !== undefined) {
    return time === undefined ? { name, value } : { name, value, time };
  }
  return withUsual(others ?? {}, name, value, time);
}

function withUsual(
  record: Draft,
  name: string | undefined,
  value: SenmlValue | null | undefined,
  time: number | undefined,
): SenmlRecord {
  if (name !== undefined) record.name = name;
  if (value !== undefined) record.value = value;
  if (time !== undefined) record.time = time;
  return record;
}

/** Reads a label. What has one that is not known is passed over. */
function readLabel(reader: CborReader): number {
  const start = reader.offset;
  const byte = reader.bytes[start] as number;
  if (byte <= Label.DataValue) {
    reader.offset++;
    return byte;
  }
  if (peekMajor(reader) === MajorType.TEXT) {
    const text = readText(reader);
    if (text === LINK_LABEL) return LINK;
    // "…MUST ignore fields they don't recognize unless that field has a label name that ends with '_'" (RFC 8428 §4.4).
    if (text.endsWith('_')) refuse(reader, 'bad-value', start);
    skipItem(reader, FIELD_NESTING);
    return IGNORED;
  }
  const label = readInteger(reader);
  if (!(label >= Label.BaseSum && label <= Label.DataValue)) refuse(reader, 'bad-value', start);
  return Number(label);
}

function readValue(reader: CborReader, label: number, hexadecimalNullLink: boolean): SenmlValue | null {
  switch (label) {
    case Label.Value:
      return atNull(reader) ? null : readNumber(reader);
    case Label.StringValue:
      return readText(reader);
    case Label.BooleanValue:
      return readBoolean(reader);
    case Label.DataValue:
      return readBytes(reader);
    default: {
      const start = reader.offset;
      const link = parseObjectLink(readText(reader), hexadecimalNullLink);
      return link === undefined || link === 'out-of-range' ? refuse(reader, 'bad-value', start) : link;
    }
  }
}

function readOther(reader: CborReader, record: Draft, label: number): void {
  switch (label) {
    case Label.BaseName:
      record.baseName = readText(reader);
      break;
    case Label.BaseUnit:
      record.baseUnit = readText(reader);
      break;
    case Label.Unit:
      record.unit = readText(reader);
      break;
    case Label.BaseTime:
      record.baseTime = Number(readFinite(reader));
      break;
    case Label.UpdateTime:
      record.updateTime = Number(readFinite(reader));
      break;
    case Label.BaseValue:
      record.baseValue = readFinite(reader);
      break;
    case Label.BaseSum:
      record.baseSum = readFinite(reader);
      break;
    case Label.Sum:
      record.sum = readFinite(reader);
      break;
    default:
      // "For the version number, only an unsigned integer is allowed" (RFC 8428 §6).
      if (peekMajor(reader) !== MajorType.UNSIGNED) refuse(reader, 'bad-type');
      record.baseVersion = Number(readInteger(reader));
  }
}

function readFinite(reader: CborReader): number | bigint {
  const start = reader.offset;
  const value = readNumber(reader);
  return typeof value === 'number' && !Number.isFinite(value) ? refuse(reader, 'bad-value', start) : value;
}
