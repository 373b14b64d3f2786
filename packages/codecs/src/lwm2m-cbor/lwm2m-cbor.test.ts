import { fromHex, toHex } from '@motestack/bytes';
import { formatPath, type LwM2mNode, objectLookup, type Path, parsePath } from '@motestack/model';
import suite from '@motestack/test-vectors/lwm2m-cbor.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../cbor/index.ts';
import { ContentError } from '../content-error.ts';
import { type PayloadContext, strict } from '../payload-context.ts';
import { decodeLwM2mCbor } from './decode-lwm2m-cbor.ts';
import { encodeLwM2mCbor } from './encode-lwm2m-cbor.ts';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly length: number;
  readonly diagnostic?: string;
  readonly request?: string;
  readonly decoded?: Readonly<Record<string, readonly [string, unknown]>>;
  readonly error?: string;
  readonly requires?: string;
}

const rows = suite.vectors as unknown as readonly Row[];
/** What the rows that ask for a feature are about. */
const REQUIRED: Readonly<Record<string, string>> = {
  'write-relative': 'paths below the object, in 1.2.0 alone, which no receiver can tell from whole ones',
  'gateway-composite': 'the prefixes of a gateway belong to the Gateway enabler',
};
const valid = rows.filter(({ kind, requires }) => kind === 'valid' && requires === undefined);
const invalid = rows.filter(({ kind }) => kind === 'invalid');
/** Encodings that ours spreads over maps as it is here. */
const WRITTEN = ['spec-single', 'spec-multiple', 'spec-device', 'spec-server', 'spec-composite'];
const CODES: Readonly<Record<string, string>> = {
  'not-a-map': 'bad-type',
  'empty-map': 'missing',
  'id-out-of-range': 'unexpected-path',
  'path-too-long': 'unexpected-path',
  'empty-key-array': 'unexpected-path',
  'bad-key-type': 'bad-type',
  'array-value': 'bad-type',
  'duplicate-path': 'duplicate-path',
  'too little data': 'truncated',
  'trailing-data': 'trailing-bytes',
};

const contextOf = ({ request = '/' }: Row): PayloadContext => ({ path: parsePath(request), lookup: () => undefined });

/** The path of a node as the rows write it: 65535 where the device is to choose the instance. */
function pathText(path: Path): string {
  if (path.objectInstanceId !== undefined) return formatPath(path);
  return `/${path.objectId}/65535/${path.resourceId}${path.resourceInstanceId === undefined ? '' : `/${path.resourceInstanceId}`}`;
}

function readable({ value }: LwM2mNode): readonly [string, unknown] {
  if (value === undefined) return ['null', null];
  if (value instanceof Uint8Array) return ['opaque', toHex(value)];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', value] : ['float', String(value)];
  return [typeof value, value];
}

describe('vectors', () => {
  test('every row is used or named', () => {
    const left = rows.filter((row) => !(valid.includes(row) || invalid.includes(row))).map(({ id }) => id);
    expect(left).toEqual(Object.keys(REQUIRED));
  });

  test.each(valid)('$id: $diagnostic', (row) => {
    const bytes = fromHex(row.hex);
    const nodes = decodeLwM2mCbor(bytes, contextOf(row));
    expect(Object.fromEntries(nodes.map((node) => [pathText(node.path), readable(node)]))).toEqual(row.decoded);
    const again = encodeLwM2mCbor(nodes, contextOf(row));
    expect(decodeLwM2mCbor(again, contextOf(row))).toEqual(nodes);
    if (WRITTEN.includes(row.id)) expect(toHex(again)).toBe(row.hex);
    expect(bytes).toHaveLength(row.length);
    if (row.id !== 'bytes-chunked') expect(formatDiagnostic(bytes)).toBe(row.diagnostic);
  });

  test.each(invalid)('$id is refused: $error', (row) => {
    expect(() => decodeLwM2mCbor(fromHex(row.hex), { ...contextOf(row), leniency: strict })).toThrow(
      expect.objectContaining({ code: CODES[row.error ?? ''] }),
    );
  });

  test.each(Object.keys(REQUIRED))('%s is refused', (id) => {
    const row = rows.find((candidate) => candidate.id === id);
    expect(() => decodeLwM2mCbor(fromHex(row?.hex ?? ''), { path: {}, lookup: () => undefined })).toThrow();
  });

  test.each(valid)('every prefix of $id is refused', (row) => {
    const bytes = fromHex(row.hex);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeLwM2mCbor(bytes.subarray(0, end), contextOf(row))).toThrow(
        expect.objectContaining({ name: 'DecodeError', code: 'truncated' }),
      );
    }
  });
});

const lookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      powers: { id: 6, type: 'Integer', operations: 'R', multiple: true },
      level: { id: 9, type: 'Integer', operations: 'R' },
      time: { id: 13, type: 'Time', operations: 'RW' },
      factor: { id: 15, type: 'Float', operations: 'RW' },
      link: { id: 20, type: 'Objlnk', operations: 'RW' },
    },
  },
]);

describe('decodeLwM2mCbor', () => {
  const read = (asked: string, hex: string, leniency = {}): unknown[] =>
    decodeLwM2mCbor(fromHex(hex), { path: parsePath(asked), lookup, leniency }).map(({ path, value }) => [
      formatPath(path),
      value,
    ]);

  test.each([
    ['a time in tag 1', '/3/0', 'a18303000dc11a514b67b0', [['/3/0/13', new Date(1363896240000)]]],
    [
      'a time in tag 0',
      '/3/0',
      'a18303000dc074323031332d30332d32315432303a30343a30305a',
      [['/3/0/13', new Date(1363896240000)]],
    ],
    ['a time without tag', '/3/0', 'a18303000d1a514b67b0', [['/3/0/13', new Date(1363896240000)]]],
    ['a link', '/3/0', 'a1830300146436363a30', [['/3/0/20', { objectId: 66, objectInstanceId: 0 }]]],
    ['the integer of a Float', '/3/0/15', 'a18303000f0a', [['/3/0/15', 10]]],
    ['one value for a multiple resource', '/3/0/6', 'a18303000607', [['/3/0/6/0', 7]]],
    ['an empty multiple resource', '/3/0/6', 'a183030006a0', [['/3/0/6', undefined]]],
    ['an empty instance', '/3', 'a1820300a0', [['/3/0', undefined]]],
    ['nothing', '/3', 'a0', []],
  ])('%s', (_title, asked, hex, nodes) => {
    expect(read(asked, hex)).toEqual(nodes);
  });

  test.each([
    ['null, of a resource that was asked', '/3/0/9', 'a183030009f6', 'bad-type'],
    ['another instance', '/3/0', 'a18303010901', 'unexpected-path'],
    ['a value above a resource', '/', 'a182030001', 'unexpected-path'],
    ['a text that is no link', '/3/0', 'a1830300146136', 'wrong-type'],
    ['a link beyond 16 bits', '/3/0', 'a1830300146836363a3939393939', 'out-of-range'],
    ['a value beside its instance', '/3', 'a283030006 05 8403000600 05', 'duplicate-path'],
    ['a truth value for an Integer', '/3', 'a183030009f5', 'wrong-type'],
    ['undefined', '/3', 'a183030009f7', 'bad-type'],
    ['instance 65535 that holds nothing', '/3', 'a18203 19ffff a0', 'unexpected-path'],
    ['five ids in one key', '/3', 'a1850300060102 05', 'unexpected-path'],
    ['an id of 64 bits', '/3', 'a11bffffffffffffffff05', 'unexpected-path'],
  ])('%s is refused: %s', (_title, asked, hex, code) => {
    expect(() => read(asked, hex.replaceAll(' ', ''))).toThrow(expect.objectContaining({ code }));
  });

  test('emptyMaps can be refused', () => {
    expect(() => read('/3', 'a0', { emptyMaps: false })).toThrow(expect.objectContaining({ code: 'missing' }));
  });

  test('limits: at the limit and one past it', () => {
    const two = { path: parsePath('/3'), lookup };
    const bytes = fromHex('a1820300a209010d02');
    expect(decodeLwM2mCbor(bytes, { ...two, limits: { nodesMax: 2, payloadBytesMax: 9 } })).toHaveLength(2);
    expect(() => decodeLwM2mCbor(bytes, { ...two, limits: { nodesMax: 1 } })).toThrow(
      expect.objectContaining({ code: 'too-many' }),
    );
    expect(() => decodeLwM2mCbor(bytes, { ...two, limits: { payloadBytesMax: 8 } })).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });
});

describe('encodeLwM2mCbor', () => {
  const write = (asked: string, ...nodes: LwM2mNode[]): string =>
    toHex(encodeLwM2mCbor(nodes, { path: parsePath(asked), lookup }));
  const at = (path: string, value?: LwM2mNode['value']): LwM2mNode => ({ path: parsePath(path), value });

  test.each<[string, string, LwM2mNode[]]>([
    ['a0', '/3', []],
    ['a0', '/3', [at('/3/0')]],
    ['a18303000f fa41200000', '/3', [at('/3/0/15', 10)]],
    ['a18303000d 01', '/3', [at('/3/0/13', new Date(1500))]],
    ['a183030014 6436363a30', '/3', [at('/3/0/20', { objectId: 66, objectInstanceId: 0 })]],
    ['a184030006 01 f6', '/', [at('/3/0/6/1')]],
    ['a1820300 a2 09 01 06 a1 02 05', '/3', [at('/3/0/9', 1), at('/3/0/6/2', 5)]],
    ['a18303 19ffff 09 01', '/3', [{ path: { objectId: 3, resourceId: 9 }, value: 1 }]],
    ['a2 83030009 01 83040001 f5', '/', [at('/3/0/9', 1), at('/4/0/1', true)]],
  ])('%s', (hex, asked, nodes) => {
    expect(write(asked, ...nodes)).toBe(hex.replaceAll(' ', ''));
  });

  test.each<[string, string, LwM2mNode[]]>([
    ['duplicate-path', '/3', [at('/3/0/9', 1), at('/3/0/9', 2)]],
    ['unexpected-path', '/3', [at('/3/0/6', 1), at('/3/0/6/1', 2)]],
    ['unexpected-path', '/3', [at('/3/0/6/1', 1), at('/3/0/6', 2)]],
    ['unexpected-path', '/3/0', [at('/3/1/9', 1)]],
    ['unexpected-path', '/3/0', [{ path: { objectId: 3, resourceId: 9 }, value: 1 }]],
    ['unexpected-path', '/', [at('/3/0')]],
    ['wrong-type', '/3', [at('/3/0/9', 'x')]],
  ])('%s: %s', (code, asked, nodes) => {
    expect(() => write(asked, ...nodes)).toThrow(expect.objectContaining({ name: 'ContentError', code }));
    expect(ContentError.is(new ContentError('wrong-type'))).toBe(true);
  });

  test('an id that is none is a mistake of the caller', () => {
    expect(() => write('/3', { path: { objectId: 3, objectInstanceId: 0, resourceId: 65_535 }, value: 1 })).toThrow(
      RangeError,
    );
  });
});
