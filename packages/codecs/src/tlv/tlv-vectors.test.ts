import { DecodeError, fromHex, toHex } from '@motestack/bytes';
import { formatPath, type LwM2mNode, objectLookup, type Path, parsePath, type ResourceType } from '@motestack/model';
import suite from '@motestack/test-vectors/tlv.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import { lenient, strict } from '../payload-context.ts';
import type { ValueType } from '../values/typed-value.ts';
import { decodeTlv } from './decode-tlv.ts';
import { encodeTlv } from './encode-tlv.ts';
import { decodeTlvEntries, encodeTlvEntries, type TlvEntry } from './tlv-entries.ts';
import { decodeTlvValue, encodeTlvValue, type TlvValuePlace } from './tlv-value.ts';
import { beginTlv, finishTlv } from './tlv-writer.ts';

interface EntryRow {
  readonly type: TlvEntry['type'];
  readonly id: number;
  readonly value?: string;
  readonly valueRepeat?: { readonly hex: string; readonly times: number };
  readonly children?: readonly EntryRow[];
}
interface Row {
  readonly id: string;
  readonly kind: string;
  readonly hex?: string;
  readonly parts?: readonly { readonly hex?: string; readonly repeat?: string; readonly times?: number }[];
  readonly decoded?: readonly EntryRow[];
  readonly input?: readonly EntryRow[];
  readonly canonical?: boolean;
  readonly request?: string;
  readonly typed?: unknown;
  readonly error?: string;
}

const rows = suite.vectors as unknown as readonly Row[];
const valid = rows.filter(({ kind }) => kind === 'valid');
const invalid = rows.filter(({ kind }) => kind === 'invalid');
const semantic = rows.filter(({ kind }) => kind === 'semantic');
const unencodable = rows.filter(({ kind }) => kind === 'encode-error');
const typed = valid.filter((row) => row.typed !== undefined);

/** Our codes for the classes of error that the vectors tell apart. */
const CODES: Readonly<Record<string, string>> = {
  'truncated-identifier': 'truncated',
  'truncated-length': 'truncated',
  'truncated-value': 'truncated',
  'invalid-nesting': 'bad-type',
  'reserved-id': 'reserved-value',
  'duplicate-id': 'duplicate-path',
  'path-mismatch': 'unexpected-path',
};
/** Rows with two faults, where ours is not the one that the row names: an Object Instance TLV within another, here. */
const FIRST_FAULTS: Readonly<Record<string, string>> = { 'ets-1630-misprint': 'bad-type' };
const TYPES: Readonly<Record<string, ValueType>> = {
  string: 'String',
  integer: 'Integer',
  unsigned: 'Unsigned Integer',
  float: 'Float',
  boolean: 'Boolean',
  opaque: 'Opaque',
  time: 'Time',
  objlnk: 'Objlnk',
};

function bytesOf({ hex, parts }: Row): Uint8Array {
  if (hex !== undefined) return fromHex(hex);
  return concatenate((parts ?? []).map((part) => repeated(part.hex ?? part.repeat ?? '', part.times ?? 1)));
}

function repeated(hex: string, times: number): Uint8Array {
  const unit = fromHex(hex);
  if (unit.length === 1) return new Uint8Array(times).fill(unit[0] ?? 0);
  return concatenate(Array.from({ length: times }, () => unit));
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function entriesOf(entries: readonly EntryRow[]): TlvEntry[] {
  return entries.map(({ type, id, value, valueRepeat, children }) => {
    if (type === 'objectInstance' || type === 'multipleResource')
      return { type, id, children: entriesOf(children ?? []) };
    const bytes = valueRepeat === undefined ? fromHex(value ?? '') : repeated(valueRepeat.hex, valueRepeat.times);
    return { type, id, value: bytes };
  });
}

/** A byte-wise comparison: `toEqual` takes seconds for 16 MB. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

describe('TLV entries', () => {
  test('every row of the suite is used', () => {
    expect(valid.length + invalid.length + semantic.length + unencodable.length).toBe(rows.length);
    expect(rows.length + suite.values.length).toBe(suite.count);
  });

  test.each(valid)('$id', (row) => {
    const bytes = bytesOf(row);
    const decoded = decodeTlvEntries(bytes);
    const wanted = entriesOf(row.decoded ?? []);
    if (row.parts === undefined) expect(decoded).toEqual(wanted);
    expect(sameBytes(encodeTlvEntries(decoded), encodeTlvEntries(wanted))).toBe(true);
    expect(sameBytes(encodeTlvEntries(decoded), bytes)).toBe(row.canonical !== false);
  });

  test.each(invalid)('$id is refused: $error', (row) => {
    expect(() => decodeTlvEntries(bytesOf(row))).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: FIRST_FAULTS[row.id] ?? CODES[row.error ?? ''] }),
    );
  });

  test.each(unencodable)('$id', (row) => {
    expect(() => encodeTlvEntries(entriesOf(row.input ?? []))).toThrow(
      expect.objectContaining({ name: 'ContentError', code: 'not-representable' }),
    );
  });

  test.each(valid.filter((row) => row.parts === undefined))('every prefix of $id is decoded or rejected', (row) => {
    const bytes = bytesOf(row);
    for (let end = 0; end < bytes.length; end++) {
      try {
        decodeTlvEntries(bytes.subarray(0, end));
      } catch (error) {
        expect(DecodeError.is(error)).toBe(true);
      }
    }
  });
});

/** The nodes that a row's `typed` stands for, as `[path, type, value]`. */
function leavesOf(path: Path, value: unknown): [Path, string, unknown][] {
  if (Array.isArray(value)) {
    const [type, held] = value as [string, unknown];
    const many = typeof held === 'object' && held !== null;
    if (!many) return [[path, type, held]];
    return Object.entries(held as object).map(([id, one]) => [{ ...path, resourceInstanceId: Number(id) }, type, one]);
  }
  const deeper = path.objectInstanceId === undefined ? 'objectInstanceId' : 'resourceId';
  return Object.entries(value as object).flatMap(([id, below]) => leavesOf({ ...path, [deeper]: Number(id) }, below));
}

function typedValue(type: string, value: unknown): LwM2mNode['value'] {
  if (type === 'time') return new Date(Number(value) * 1000);
  if (type === 'opaque') return fromHex(String(value));
  if (type !== 'objlnk') return value as string | number | boolean;
  const [objectId = 0, objectInstanceId = 0] = String(value).split(':').map(Number);
  return { objectId, objectInstanceId };
}

describe('TLV nodes', () => {
  test.each(typed)('$id', (row) => {
    const path = parsePath((row.request ?? '').replace(/^[A-Z]+ /, ''));
    const leaves = leavesOf(path, row.typed);
    const resources: Record<string, { id: number; type: ResourceType; operations: 'RW'; multiple: boolean }> = {};
    for (const [{ resourceId = 0, resourceInstanceId }, type] of leaves) {
      const multiple = resourceInstanceId !== undefined;
      resources[`r${resourceId}`] = { id: resourceId, type: TYPES[type] ?? '', operations: 'RW', multiple };
    }
    const lookup = objectLookup([{ id: path.objectId ?? 0, name: 'Row', multiple: true, resources }]);
    const nodes = decodeTlv(bytesOf(row), { path, lookup });
    expect(nodes).toEqual(leaves.map(([leaf, type, value]) => ({ path: leaf, value: typedValue(type, value) })));
    const inMultiple = row.id !== 'frag-instances-only'; // a deviation: never written
    if (inMultiple) expect(toHex(encodeTlv(nodes, { path, lookup }))).toBe(row.hex);
    else expect(toHex(encodeTlv(nodes, { path, lookup }))).not.toBe(row.hex);
  });

  test.each(semantic)('$id is refused: $error', (row) => {
    const context = { path: parsePath(row.request ?? '/'), lookup: () => undefined };
    expect(decodeTlvEntries(bytesOf(row))).toHaveLength(row.id.startsWith('dup') ? 2 : 1);
    expect(() => decodeTlv(bytesOf(row), context)).toThrow(
      expect.objectContaining({ name: 'ContentError', code: CODES[row.error ?? ''] }),
    );
  });

  test('without definitions values are bytes, and unexpected multiplicity is kept as it was sent', () => {
    const row = valid.find(({ id }) => id === 'spec-device-instance');
    const nodes = decodeTlv(fromHex(row?.hex ?? ''), { path: parsePath('/3/0'), lookup: () => undefined });
    expect(nodes.map(({ path }) => formatPath(path))).toContain('/3/0/6/1');
    expect(nodes.every(({ value }) => value instanceof Uint8Array)).toBe(true);
  });
});

interface ValueRow {
  readonly id: string;
  readonly kind: string;
  readonly dataType: string;
  readonly hex: string;
  readonly value?: string | boolean;
}

const valueRows = suite.values as unknown as readonly ValueRow[];
const path = parsePath('/1/2/3');
/** What deployed devices send, and is therefore read unless it is told not to be. */
const LENIENT = ['int-badlen-0', 'int-badlen-3'];

function expectedValue({ dataType, value }: ValueRow): unknown {
  switch (dataType) {
    case 'integer':
    case 'unsigned':
      return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(String(value));
    case 'float':
      return Number(value);
    default:
      return typedValue(dataType, value);
  }
}

const placeOf = (hex: string): TlvValuePlace => ({
  bytes: fromHex(`ff${hex}00`),
  valueStart: 1,
  valueEnd: 1 + hex.length / 2,
});

function encodedValue(type: ValueType | undefined, value: LwM2mNode['value']): string {
  const writer = beginTlv();
  encodeTlvValue(writer, type, value ?? '', path);
  return toHex(finishTlv(writer));
}

describe('TLV values', () => {
  test.each(valueRows.filter(({ kind }) => kind === 'valid'))('$id', (row) => {
    const type = TYPES[row.dataType];
    const value = decodeTlvValue(type, placeOf(row.hex), path, strict);
    expect(value).toEqual(expectedValue(row));
    // Longer than need be: read, not written.
    const longer = ['int-wide-ok', 'float_3ff0000000000000', 'float_c0e4820000000000'].includes(row.id);
    // Wider than the row, so that a decoder that knows signed integers alone reads the same.
    const wider: Readonly<Record<string, string>> = { uint_255: '00ff', uint_65535: '0000ffff' };
    if (longer) expect(encodedValue(type, value).length).toBeLessThan(row.hex.length);
    else expect(encodedValue(type, value)).toBe(wider[row.id] ?? row.hex);
  });

  test.each(valueRows.filter(({ kind }) => kind === 'invalid'))('$id is refused', (row) => {
    const decode = (): unknown => decodeTlvValue(TYPES[row.dataType], placeOf(row.hex), path, strict);
    if (row.dataType === 'string') expect(decode).toThrow(expect.objectContaining({ code: 'bad-utf8' }));
    else expect(decode).toThrow(expect.objectContaining({ name: 'ContentError', code: 'wrong-type', path }));
  });

  test('what is read although it is not valid', () => {
    const read = valueRows.filter(({ kind, dataType, hex }) => {
      if (kind !== 'invalid') return false;
      try {
        decodeTlvValue(TYPES[dataType], placeOf(hex), path, lenient);
        return true;
      } catch (error) {
        expect(ContentError.is(error) || DecodeError.is(error)).toBe(true);
        return false;
      }
    });
    expect(read.map(({ id }) => id)).toEqual(LENIENT);
  });
});
