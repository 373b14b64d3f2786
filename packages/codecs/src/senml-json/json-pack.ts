import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { decodeBase64 } from '../base64/base64.ts';
import type { DecodeLimits, Leniency } from '../payload-context.ts';
import { type SenmlRecord, SenmlRecordBuilder, type SenmlValue } from '../senml/senml-record.ts';
import { checkLength } from '../values/check-length.ts';
import { parseObjectLink } from '../values/object-link-text.ts';
import type { JsonValue } from './json-reader.ts';
import { parseJson } from './parse-json.ts';

const SECTION = 'RFC 8428 §5';

/**
 * Reads the records of a SenML-JSON pack one after the other.
 *
 * @param payload UTF-8
 * @param leniency `base64Variants` and `hexadecimalNullLink` count here
 * @param limits `parsedTextBytesMax`, `nodesMax` and `nestingMax` count here
 * @param onRecord gets each record; the object is filled anew for the next one
 * @throws {DecodeError} what `decodeSenmlJson` lists; the offset is an index into the text for syntax, and the index of
 *   the record for anything within one
 */
export function readJsonPack(
  payload: Uint8Array,
  leniency: Leniency,
  limits: DecodeLimits,
  onRecord: (record: SenmlRecordBuilder, index: number) => void,
): void {
  checkLength(payload, limits.parsedTextBytesMax, SECTION);
  const pack = parseJson(payload, limits.nestingMax, SECTION);
  if (!Array.isArray(pack)) throw new DecodeError('bad-type', { offset: 0, section: SECTION });
  if (pack.length > limits.nodesMax) throw new DecodeError('too-many', { offset: 0, section: SECTION });
  const builder = new SenmlRecordBuilder();
  for (const [index, item] of pack.entries()) {
    builder.reset();
    fillRecord(builder, item, { index, leniency, nestingMax: limits.nestingMax });
    onRecord(builder, index);
  }
}

/**
 * Reads one record of a pack.
 *
 * @param bytes one JSON object in UTF-8
 * @param leniency as for {@link readJsonPack}
 * @param nestingMax objects and arrays within each other, the pack counted
 * @returns the record, base fields not applied
 * @throws {DecodeError} as {@link readJsonPack}
 */
export function readJsonRecord(bytes: Uint8Array, leniency: Leniency, nestingMax: number): SenmlRecord {
  const item = parseJson(bytes, nestingMax - 1, SECTION);
  const record = new SenmlRecordBuilder();
  fillRecord(record, item, { index: 0, leniency, nestingMax });
  return record.copy();
}

interface Reading {
  readonly index: number;
  readonly leniency: Leniency;
  readonly nestingMax: number;
}

function fillRecord(record: SenmlRecordBuilder, item: JsonValue, reading: Reading): void {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) throw fault('bad-type', reading);
  // Neither parser gives an object that inherits anything enumerable, and no list of the labels is made this way.
  for (const label in item) fillField(record, label, item[label] ?? null, reading);
}

function fillField(record: SenmlRecordBuilder, label: string, value: JsonValue, reading: Reading): void {
  switch (label) {
    case 'n':
      record.name = asText(value, reading);
      break;
    case 'v':
      setValue(record, value === null ? null : asNumber(value, reading), reading);
      break;
    case 'vs':
      setValue(record, asText(value, reading), reading);
      break;
    case 'vb':
      if (typeof value !== 'boolean') throw fault('bad-type', reading);
      setValue(record, value, reading);
      break;
    case 'vd':
      setValue(record, asData(value, reading), reading);
      break;
    case 'vlo':
      setValue(record, asLink(value, reading), reading);
      break;
    case 't':
      record.time = asSeconds(value, reading);
      break;
    case 'u':
      record.unit = asText(value, reading);
      break;
    case 's':
      record.sum = asNumber(value, reading);
      break;
    case 'ut':
      record.updateTime = asSeconds(value, reading);
      break;
    default:
      fillBaseField(record, label, value, reading);
  }
}

function fillBaseField(record: SenmlRecordBuilder, label: string, value: JsonValue, reading: Reading): void {
  switch (label) {
    case 'bn':
      record.baseName = asText(value, reading);
      break;
    case 'bt':
      record.baseTime = asSeconds(value, reading);
      break;
    case 'bu':
      record.baseUnit = asText(value, reading);
      break;
    case 'bv':
      record.baseValue = asNumber(value, reading);
      break;
    case 'bs':
      record.baseSum = asNumber(value, reading);
      break;
    case 'bver':
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw fault('bad-type', reading);
      record.baseVersion = value;
      break;
    default:
      // "…MUST ignore fields they don't recognize unless that field has a label name that ends with '_'" (RFC 8428 §4.4).
      if (label.endsWith('_')) throw fault('bad-value', reading);
      checkNesting(value, reading.nestingMax - 2, reading);
  }
}

/** One value in each record (RFC 8428 §4.2). */
function setValue(record: SenmlRecordBuilder, value: SenmlValue | null, reading: Reading): void {
  if (record.value !== undefined) throw fault('duplicate', reading);
  record.value = value;
}

function asText(value: JsonValue, reading: Reading): string {
  if (typeof value !== 'string') throw fault('bad-type', reading);
  return value;
}

function asNumber(value: JsonValue, reading: Reading): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') throw fault('bad-type', reading);
  if (!Number.isFinite(value)) throw fault('bad-value', reading);
  return value;
}

function asSeconds(value: JsonValue, reading: Reading): number {
  return Number(asNumber(value, reading));
}

function asData(value: JsonValue, reading: Reading): Uint8Array {
  const text = asText(value, reading);
  try {
    return decodeBase64(text, { alphabet: 'base64url', lenient: reading.leniency.base64Variants });
  } catch (cause) {
    if (!DecodeError.is(cause)) throw cause;
    throw new DecodeError('bad-value', { offset: reading.index, section: SECTION, cause });
  }
}

function asLink(value: JsonValue, reading: Reading): SenmlValue {
  const link = parseObjectLink(asText(value, reading), reading.leniency.hexadecimalNullLink);
  if (link === undefined || link === 'out-of-range') throw fault('bad-value', reading);
  return link;
}

/** The platform's parser knows no limit: what is ignored is held to it too. */
function checkNesting(value: JsonValue, left: number, reading: Reading): void {
  if (typeof value !== 'object' || value === null) return;
  if (left <= 0) throw fault('too-deep', reading);
  for (const item of Object.values(value)) checkNesting(item, left - 1, reading);
}

function fault(code: DecodeErrorCode, { index }: Reading): DecodeError {
  return new DecodeError(code, { offset: index, section: SECTION });
}
