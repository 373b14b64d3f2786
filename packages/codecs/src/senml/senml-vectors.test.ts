import { DecodeError, decodeUtf8, encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { formatPath, parsePath } from '@motestack/model';
import cborSuite from '@motestack/test-vectors/senml-cbor.json' with { type: 'json' };
import jsonSuite from '@motestack/test-vectors/senml-json.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { decodeSenmlCbor } from '../senml-cbor/decode-senml-cbor.ts';
import { decodeSenmlCborRecords } from '../senml-cbor/decode-senml-cbor-records.ts';
import { encodeSenmlCborRecords } from '../senml-cbor/encode-senml-cbor-records.ts';
import { decodeSenmlJson, decodeSenmlJsonRecords } from '../senml-json/decode-senml-json.ts';
import { encodeSenmlJsonRecords } from '../senml-json/encode-senml-json.ts';
import { applyFetchPack, applyPatchPack } from './apply-pack.ts';
import { resolveRecords } from './pack-resolver.ts';
import type { PackMode, ResolvedRecord, SenmlRecord } from './senml-record.ts';

type Labels = Readonly<Record<string, unknown>>;
interface Row {
  readonly id: string;
  readonly kind: string;
  readonly hex?: string;
  readonly pack?: unknown;
  readonly resolved?: readonly Labels[];
  readonly profile?: string;
  readonly mode?: string;
  readonly now?: number;
  readonly error?: string;
  readonly rootPath?: string;
  readonly node?: string;
  readonly vdHex?: string | Readonly<Record<string, string>>;
}

const jsonRows = jsonSuite.vectors as unknown as readonly Row[];
const cborRows = cborSuite.vectors as unknown as readonly Row[];
const isValid = ({ kind }: Row): boolean => kind === 'valid';

/** The names of these are no paths of ours: they are resolved, but no nodes are made of them. */
const NO_NODES: Readonly<Record<string, string>> = {
  'l-gateway': 'the prefix of a gateway (/d01) belongs to the Gateway enabler',
};
/** The row's 273.15000000000003 is 27315 × 10⁻² in doubles; the double nearest to the decimal 273.15 is 273.15. */
const CORRECTED: Readonly<Record<string, number>> = { 'x-decfrac': 273.15 };

/** Our codes for the classes of error that the vectors tell apart. */
const CODES: Readonly<Record<string, string>> = {
  'unknown-mandatory-field': 'bad-value',
  'unsupported-version': 'unknown-version',
  'version-mismatch': 'bad-value',
  'multiple-values': 'duplicate',
  'no-value': 'missing',
  'bad-name': 'bad-value',
  'bad-type': 'bad-type',
  'not-an-array': 'bad-type',
  'record-not-object': 'bad-type',
  'value-in-fetch': 'bad-value',
  'field-not-allowed-in-fetch': 'bad-value',
  'unknown-integer-label': 'bad-value',
  'too little data': 'truncated',
};
const MODES: Readonly<Record<string, PackMode>> = { 'senml-etch-fetch': 'fetch', 'senml-etch-patch': 'patch' };

const modeOf = ({ mode = '' }: Row): PackMode => MODES[mode] ?? 'senml';
const textOf = (row: Row): string => JSON.stringify(row.pack);
const isLwm2m = (row: Row): boolean => row.profile === 'lwm2m';

/** A resolved record as the vectors write it. */
function readable(record: ResolvedRecord, now?: number): Labels {
  const { name, unit, value, sum, updateTime } = record;
  const time = record.time ?? now; // "a time of zero indicates … roughly now" (RFC 8428 §4.5.3)
  const fields = { n: name, u: unit, s: sum, t: time, ut: updateTime, ...readableValue(value) };
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
}

function readableValue(value: ResolvedRecord['value']): Labels {
  if (typeof value === 'string') return { vs: value };
  if (typeof value === 'boolean') return { vb: value };
  if (value instanceof Uint8Array) return { vd: Buffer.from(value).toString('base64url') };
  if (typeof value !== 'object' || value === null) return { v: value };
  return { vlo: `${value.objectId}:${value.objectInstanceId}` };
}

/** What a row says, with what is known to be wrong or spelled otherwise put right. */
function wanted(row: Row): Labels[] {
  return (row.resolved ?? []).map((record) => {
    const corrected = CORRECTED[row.id] === undefined ? record : { ...record, v: CORRECTED[row.id] };
    return withDecimalLink(corrected);
  });
}

/** The null link is printed in hexadecimal, and written in decimal. */
function withDecimalLink(record: Labels): Labels {
  return Object.values(record).includes('FFFF:FFFF') ? { ...record, vlo: '65535:65535' } : record;
}

function resolve(records: readonly SenmlRecord[], row: Row): Labels[] {
  const names = row.profile === undefined ? 'rfc8428' : 'lwm2m';
  const options = { mode: modeOf(row), nowSeconds: row.now, names } as const;
  return resolveRecords(records, options).map((record) => readable(record, row.now));
}

function contextOf(row: Row): PayloadContext {
  return { path: {}, lookup: () => undefined, nowSeconds: row.now, rootPath: row.rootPath };
}

function expectDecodedOrRejected(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(DecodeError.is(error) || ContentError.is(error)).toBe(true);
  }
}

describe('SenML-JSON vectors', () => {
  test('every row is used or named', () => {
    const used = jsonRows.filter(({ kind }) => kind === 'valid' || kind === 'invalid');
    expect(used.length + jsonSuite.etchApply.length).toBe(jsonSuite.count);
    expect(jsonSuite.etchApply.map(({ op }) => op).every((op) => op === 'fetch' || op === 'patch')).toBe(true);
  });

  test.each(jsonRows.filter(isValid))('$id', (row) => {
    const records = decodeSenmlJsonRecords(encodeUtf8(textOf(row)));
    expect(resolve(records, row)).toEqual(wanted(row));
    const again = encodeSenmlJsonRecords(records);
    expect(decodeSenmlJsonRecords(again)).toEqual(records);
    expect(JSON.parse(decodeUtf8(again))).toEqual(packAsWritten(row));
  });

  test.each(jsonRows.filter((row) => !isValid(row)))('$id is refused: $error', (row) => {
    const decode = (): unknown => resolve(decodeSenmlJsonRecords(encodeUtf8(textOf(row))), row);
    if (row.id === 'l-name-bad') {
      // A name of SenML, but no path of LwM2M.
      expect(() => decodeSenmlJson(encodeUtf8(textOf(row)), contextOf(row))).toThrow(
        expect.objectContaining({ name: 'ContentError', code: 'unexpected-path' }),
      );
    } else expect(decode).toThrow(expect.objectContaining({ name: 'DecodeError', code: CODES[row.error ?? ''] }));
  });

  test.each(jsonRows.filter(isValid))('every prefix of $id is decoded or rejected', (row) => {
    const bytes = encodeUtf8(textOf(row));
    for (let end = 0; end < bytes.length; end++) {
      expectDecodedOrRejected(() => decodeSenmlJsonRecords(bytes.subarray(0, end)));
      expectDecodedOrRejected(() => decodeSenmlJson(bytes.subarray(0, end), contextOf(row), modeOf(row)));
    }
  });

  test.each(jsonRows.filter((row) => isValid(row) && isLwm2m(row)))('$id as nodes', (row) => {
    const nodes = decodeSenmlJson(encodeUtf8(textOf(row)), contextOf(row), modeOf(row));
    const names = (row.resolved ?? []).map(({ n }) => n);
    expect(nodes.map(({ path }) => formatPath(path))).toEqual(names);
    expect(nodes.map(({ time }) => time)).toEqual((row.resolved ?? []).map(({ t }) => t));
  });

  test('names below an alternate path: l-alt-path', () => {
    const row = jsonRows.find(({ id }) => id === 'l-alt-path');
    const payload = encodeUtf8(textOf(row ?? { id: '', kind: '' }));
    const [node] = decodeSenmlJson(payload, { ...contextOf({ id: '', kind: '' }), rootPath: row?.rootPath });
    expect(node?.path).toEqual(parsePath(row?.node ?? ''));
  });

  test.each(Object.keys(NO_NODES))('%s makes no nodes', (id) => {
    const row = jsonRows.find((candidate) => candidate.id === id);
    expect(() => decodeSenmlJson(encodeUtf8(textOf(row ?? { id, kind: '' })), contextOf({ id, kind: '' }))).toThrow(
      expect.objectContaining({ code: 'unexpected-path' }),
    );
  });

  test('vdHex: the bytes of data values', () => {
    for (const { vdHex, ...row } of jsonRows.filter((candidate) => candidate.vdHex !== undefined)) {
      const resolved = resolveRecords(decodeSenmlJsonRecords(encodeUtf8(textOf(row))));
      const data = resolved.filter(({ value }) => value instanceof Uint8Array);
      const expected = typeof vdHex === 'string' ? [vdHex] : Object.values(vdHex ?? {});
      expect(data.map(({ value }) => toHex(value as Uint8Array))).toEqual(expected);
    }
  });
});

interface Application {
  readonly id: string;
  readonly op: string;
  readonly target: unknown;
  readonly fetch?: unknown;
  readonly patch?: unknown;
  readonly resolvedResult: readonly Labels[];
}

describe('applying Fetch and Patch Packs', () => {
  const resolved = (pack: unknown, mode: PackMode): ResolvedRecord[] =>
    resolveRecords(decodeSenmlJsonRecords(encodeUtf8(JSON.stringify(pack))), { mode });

  test.each(jsonSuite.etchApply as unknown as readonly Application[])(
    '$id',
    ({ op, target, fetch, patch, resolvedResult }) => {
      const records = resolved(target, 'senml');
      const applied =
        op === 'fetch'
          ? applyFetchPack(records, resolved(fetch, 'fetch'))
          : applyPatchPack(records, resolved(patch, 'patch'));
      expect(applied.map((record) => readable(record))).toEqual(resolvedResult);
    },
  );
});

/** The pack of a row without the fields that are not kept: those that nobody knows. */
function packAsWritten(row: Row): unknown {
  return (row.pack as Labels[]).map(({ foo: _, ...record }) => withDecimalLink(record));
}

/** Valid payloads that no encoder of ours would write: an indefinite length, a decimal fraction, another order of labels, an unknown label. */
const NOT_WRITTEN = ['x-indef-array', 'x-decfrac', 'x-key-order', 'x-unknown-str'];

describe('SenML-CBOR vectors', () => {
  test('every row is used', () => {
    expect(cborRows.filter(({ kind }) => kind === 'valid' || kind === 'invalid').length).toBe(cborSuite.count);
  });

  test.each(cborRows.filter(isValid))('$id', (row) => {
    const records = decodeSenmlCborRecords(fromHex(row.hex ?? ''));
    expect(resolve(records, row)).toEqual(wanted(row));
    const again = encodeSenmlCborRecords(records);
    expect(decodeSenmlCborRecords(again)).toEqual(records);
    if (NOT_WRITTEN.includes(row.id)) expect(toHex(again)).not.toBe(row.hex);
    else expect(toHex(again)).toBe(row.hex);
  });

  test.each(cborRows.filter((row) => !isValid(row)))('$id is refused: $error', (row) => {
    expect(() => resolve(decodeSenmlCborRecords(fromHex(row.hex ?? '')), row)).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: CODES[row.error ?? ''] }),
    );
  });

  test.each(cborRows.filter(isValid))('every prefix of $id is rejected', (row) => {
    const bytes = fromHex(row.hex ?? '');
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeSenmlCborRecords(bytes.subarray(0, end))).toThrow(
        expect.objectContaining({ name: 'DecodeError', code: 'truncated' }),
      );
      expectDecodedOrRejected(() => decodeSenmlCbor(bytes.subarray(0, end), contextOf(row), modeOf(row)));
    }
  });

  test.each(cborRows.filter((row) => isValid(row) && isLwm2m(row)))('$id as nodes', (row) => {
    const nodes = decodeSenmlCbor(fromHex(row.hex ?? ''), contextOf(row), modeOf(row));
    expect(nodes.map(({ path }) => formatPath(path))).toEqual((row.resolved ?? []).map(({ n }) => n));
  });
});
