import { fromHex, toHex } from '@motestack/bytes';
import suite from '@motestack/test-vectors/cbor.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import {
  CborFloat,
  type CborInput,
  CborSimple,
  CborTag,
  type CborValue,
  type DecodeCborOptions,
  DecodeError,
  decodeCbor,
  deterministicOrder,
  encodeCbor,
  formatDiagnostic,
  numberTags,
} from './index.ts';

interface Item {
  readonly t: string;
  readonly v?: unknown;
  readonly tag?: string;
}
interface Row {
  readonly id: string;
  readonly kind: string;
  readonly hex?: string;
  readonly parts?: readonly { readonly hex?: string; readonly repeat?: string; readonly times?: number }[];
  readonly decoded?: Item;
  readonly diagnostic?: string;
  readonly roundtrip?: boolean;
  readonly error?: string;
  readonly keysInOrder?: readonly string[];
}
const vectors = suite.vectors as unknown as readonly Row[];
const derived = suite.derived as unknown as readonly Row[];
const notWellFormed = suite.notWellFormed as unknown as readonly Row[];

const exact: DecodeCborOptions = { keepFloats: true };
const bytesOf = ({ hex, parts = [] }: Row): Uint8Array =>
  fromHex(hex ?? parts.map((part) => part.hex ?? (part.repeat ?? '').repeat(part.times ?? 0)).join(''));
const refusal = (code: string): unknown => expect.objectContaining({ name: 'DecodeError', code });

/** What a row's tree is in JavaScript, nothing applied and nothing dropped. */
function plainOf({ t, v, tag }: Item): CborValue {
  switch (t) {
    case 'uint':
    case 'nint':
      return Number.isSafeInteger(Number(v)) ? Number(v) : BigInt(String(v));
    case 'float':
      return Number.isInteger(Number(v)) ? new CborFloat(Number(v)) : Number(v);
    case 'bytes':
      return fromHex(String(v));
    case 'array':
      return (v as Item[]).map(plainOf);
    case 'map':
      return new Map((v as [Item, Item][]).map(([key, value]) => [plainOf(key), plainOf(value)]));
    case 'tag':
      return new CborTag(Number(tag), plainOf(v as Item));
    case 'simple':
      return new CborSimple(Number(v));
    case 'undefined':
      return undefined;
    case 'null':
      return null;
    default:
      return v as CborValue;
  }
}

describe('vectors', () => {
  const readable = [...vectors, ...derived].filter(({ decoded }) => decoded !== undefined);

  test.each(readable)('$id $hex is decoded', (row) => {
    expect(decodeCbor(bytesOf(row), exact)).toEqual(plainOf(row.decoded ?? { t: '' }));
  });

  test.each(readable)('$id $hex is encoded again, the same if it was in preferred serialization', (row) => {
    const again = toHex(encodeCbor(decodeCbor(bytesOf(row), exact)));
    if (row.roundtrip === true) expect(again).toBe(row.hex);
    // Shorter, or with a definite length.
    else expect(again).not.toBe(row.hex);
    expect(decodeCbor(fromHex(again), exact)).toEqual(decodeCbor(bytesOf(row), exact));
  });

  test.each(vectors)('$id in diagnostic notation: $diagnostic', (row) => {
    expect(formatDiagnostic(bytesOf(row))).toBe(row.diagnostic);
  });

  test.each([...notWellFormed, ...derived.filter(({ kind }) => kind === 'invalid')])('$id is refused', (row) => {
    const code = row.error === 'duplicate-key' ? 'duplicate' : row.error === 'invalid-utf8' ? 'bad-utf8' : undefined;
    expect(() => decodeCbor(bytesOf(row), { tags: numberTags })).toThrow(
      code === undefined ? DecodeError : refusal(code),
    );
    if (code !== 'duplicate') expect(() => formatDiagnostic(bytesOf(row))).toThrow(DecodeError);
  });

  test.each(vectors)('every prefix of $id is refused', (row) => {
    const bytes = bytesOf(row);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeCbor(bytes.subarray(0, end))).toThrow(refusal('truncated'));
      expect(() => formatDiagnostic(bytes.subarray(0, end))).toThrow(refusal('truncated'));
    }
  });

  test('x-nested-deep', () => {
    const deep = bytesOf(derived.find(({ id }) => id === 'x-nested-deep') ?? { id: '', kind: '' });
    expect(() => decodeCbor(deep)).toThrow(refusal('too-deep'));
    expect(() => formatDiagnostic(deep)).toThrow(refusal('too-deep'));
  });

  test('x-det-order: keys in deterministic order', () => {
    const keys = derived.find(({ id }) => id === 'x-det-order')?.keysInOrder ?? [];
    const shuffled = keys.toReversed().map((hex): [CborValue, CborValue] => [decodeCbor(fromHex(hex)), 0]);
    const sorted = toHex(encodeCbor(new Map(shuffled), { sortKeys: deterministicOrder }));
    expect(sorted).toBe(`a8${keys.map((hex) => `${hex}00`).join('')}`);
  });
});

describe('decodeCbor', () => {
  test('tags 0 to 5 are kept where nobody applies them, and give the same bytes back', () => {
    const hex = '82c11a514b67b0c249010000000000000000';
    const kept = decodeCbor(fromHex(hex));
    expect(kept).toEqual([new CborTag(1, 1363896240), new CborTag(2, fromHex('010000000000000000'))]);
    expect(toHex(encodeCbor(kept))).toBe(hex);
  });

  test.each<[string, string, CborValue]>([
    ['tag 0', 'c074323031332d30332d32315432303a30343a30305a', new Date(1363896240000)],
    ['tag 1', 'c11a514b67b0', new Date(1363896240000)],
    ['tag 1 with a fraction', 'c1fb41d452d9ec200000', new Date(1363896240500)],
    ['tag 2', 'c249010000000000000000', 18446744073709551616n],
    ['tag 2 in chunks', 'c25f41014100ff', 256],
    ['tag 3', 'c349010000000000000000', -18446744073709551617n],
    ['tag 4', 'c48221196ab3', 273.15],
    ['tag 5', 'c5822003', 1.5],
    ['tag 24', 'd818456449455446', new CborTag(24, fromHex('6449455446'))],
    ['tag 2^64 - 1', 'dbffffffffffffffff00', new CborTag(18446744073709551615n, 0)],
    ['tags in tags', 'd820d82161 61', new CborTag(32, new CborTag(33, 'a'))],
    ['a whole float', 'f93c00', 1],
    ['2^53', '1b0020000000000000', 9007199254740992n],
    ['-2^53', '3b001fffffffffffff', -9007199254740992n],
    ['2^53 - 1', '1b001fffffffffffff', 9007199254740991],
  ])('%s', (_title, hex, value) => {
    expect(decodeCbor(fromHex(hex), { tags: numberTags })).toEqual(value);
  });

  test.each([
    ['tag 0 of a number', 'c001', 'bad-type'],
    ['tag 0 of no date', 'c06161', 'bad-value'],
    ['tag 1 of text', 'c16161', 'bad-type'],
    ['tag 1 beyond what a Date holds', 'c11b0000ffffffffffff', 'bad-value'],
    ['tag 1 of NaN', 'c1f97e00', 'bad-value'],
    ['tag 1 in tag 1', 'c1c100', 'bad-type'],
    ['tag 2 of text', 'c26161', 'bad-type'],
    ['tag 4 of one', 'c48101', 'bad-type'],
    ['tag 24 of text', 'd8186161', 'bad-type'],
    ['a byte array key twice', 'a24101004101 00', 'duplicate'],
    ['an array key twice, in chunks', 'a29fff009fff00', 'duplicate'],
    ['a text key twice', 'bf61610061 6100ff', 'duplicate'],
    ['1 and 1.0', 'a20100f93c0000', 'duplicate'],
  ])('%s is refused: %s', (_title, hex, code) => {
    expect(() => decodeCbor(fromHex(hex), { tags: numberTags })).toThrow(refusal(code));
  });

  test('duplicateKeys last, and floats told apart', () => {
    expect(decodeCbor(fromHex('a201020103'), { duplicateKeys: 'last' })).toEqual(new Map([[1, 3]]));
    expect(decodeCbor(fromHex('a2410102410103'), { duplicateKeys: 'last' })).toHaveProperty('size', 2);
    expect(decodeCbor(fromHex('a20100f93c0000'), { keepFloats: true })).toHaveProperty('size', 2);
  });

  test('mapsAsObjects: text keys alone make an object, and none of them is special', () => {
    const options = { mapsAsObjects: true };
    expect(decodeCbor(fromHex('a2616101616280'), options)).toEqual({ a: 1, b: [] });
    expect(decodeCbor(fromHex('a0'), options)).toEqual({});
    expect(decodeCbor(fromHex('a2616101026162'), options)).toEqual(
      new Map<CborValue, CborValue>([
        ['a', 1],
        [2, 'b'],
      ]),
    );
    const odd = decodeCbor(fromHex('a1695f5f70726f746f5f5fa1617801'), options) as object;
    expect(Object.keys(odd)).toEqual(['__proto__']);
    expect('x' in odd).toBe(false);
    expect(toHex(encodeCbor(odd as CborInput))).toBe('a1695f5f70726f746f5f5fa1617801');
  });

  test('byte strings are views', () => {
    const bytes = fromHex('420102');
    expect((decodeCbor(bytes) as Uint8Array).buffer).toBe(bytes.buffer);
  });

  test.each(['decodeCbor', 'formatDiagnostic'] as const)('limits of %s: at the limit and one past it', (name) => {
    const read = name === 'decodeCbor' ? decodeCbor : formatDiagnostic;
    const bytes = fromHex('8181818100');
    expect(() => read(bytes, { limits: { nestingMax: 4, itemsMax: 5, payloadBytesMax: 5 } })).not.toThrow();
    expect(() => read(bytes, { limits: { nestingMax: 3 } })).toThrow(refusal('too-deep'));
    expect(() => read(bytes, { limits: { itemsMax: 4 } })).toThrow(refusal('too-many'));
    expect(() => read(bytes, { limits: { payloadBytesMax: 4 } })).toThrow(refusal('too-long'));
    const tagged = fromHex('d820d82000');
    expect(() => read(tagged, { limits: { nestingMax: 2, itemsMax: 3 } })).not.toThrow();
    expect(() => read(tagged, { limits: { nestingMax: 1 } })).toThrow(refusal('too-deep'));
    expect(() => read(fromHex('a10000'), { limits: { nestingMax: 0 } })).toThrow(refusal('too-deep'));
  });
});

describe('encodeCbor', () => {
  test.each<[string, CborInput]>([
    ['a2616101616283f7f6f5', { a: 1, b: [undefined, null, true] }],
    ['a16161f98000', Object.assign(Object.create(null), { a: -0 })],
    ['c1f93e00', new Date(1500)],
    ['c120', new Date(-1000)],
    ['f93c00', new CborFloat(1)],
    ['f8ff', new CborSimple(255)],
    ['dbffffffffffffffff00', new CborTag(2n ** 64n - 1n, 0)],
    ['c249010000000000000000', 2n ** 64n],
    ['c34a01000000000000000000', -(2n ** 72n) - 1n],
    ['fa5f800000', 2 ** 64],
    ['f97e00', Number.NaN],
    [`7850${'c3bc'.repeat(40)}`, 'ü'.repeat(40)],
    ['a181014100', new Map<CborInput, CborInput>([[[1], new Uint8Array(1)]])],
  ])('%s', (hex, value) => {
    expect(toHex(encodeCbor(value))).toBe(hex);
  });

  test('deterministic: objects and maps within each other', () => {
    const value = {
      bb: 0,
      a: new Map([
        ['z', 1],
        ['y', 2],
      ]),
    };
    expect(toHex(encodeCbor(value, { sortKeys: deterministicOrder }))).toBe('a26161a2617902617a0162626200');
    expect(toHex(encodeCbor(value))).toBe('a26262620061 61a2617a01617902'.replaceAll(' ', ''));
  });

  test('halfFloats off', () => {
    expect(toHex(encodeCbor([1.5, 1], { halfFloats: false }))).toBe('82fa3fc0000001');
  });

  test.each<[string, unknown, typeof TypeError | typeof RangeError]>([
    ['a function', (): void => {}, TypeError],
    ['a symbol', Symbol('a'), TypeError],
    ['a Set', new Set(), TypeError],
    ['half a surrogate pair', '\ud800', TypeError],
    ['half a surrogate pair as a key', { '\udc00': 1 }, TypeError],
    ['no Date', new Date(Number.NaN), RangeError],
  ])('%s is refused', (_title, value, error) => {
    expect(() => encodeCbor(value as CborInput)).toThrow(error);
  });

  test('a value that contains itself, and 256 levels and one more', () => {
    const round: CborValue[] = [];
    round.push(round);
    expect(() => encodeCbor(round)).toThrow(RangeError);
    const nested = (levels: number): CborInput => (levels === 0 ? 0 : [nested(levels - 1)]);
    expect(encodeCbor(nested(256))).toHaveLength(257);
    expect(() => encodeCbor(nested(257))).toThrow(RangeError);
  });

  test.each([20, 31, -1, 256, 1.5])('%d is no simple value', (value) => {
    expect(() => new CborSimple(value)).toThrow(RangeError);
  });

  test.each([-1, 2 ** 53, 2n ** 64n, -1n])('%s is no tag', (tag) => {
    expect(() => new CborTag(tag, 0)).toThrow(RangeError);
  });
});

describe('formatDiagnostic', () => {
  test.each([
    ['5fff', "''_"],
    ['7fff', '""_'],
    ['bfff', '{_ }'],
    ['c4820a01', '4([10, 1])'],
    ['c26161', '2("a")'],
    ['dbffffffffffffffff00', '18446744073709551615(0)'],
    ['617f', '"\\u007f"'],
    ['6465e2808b', 'truncated'],
  ])('%s', (hex, text) => {
    if (text === 'truncated') expect(() => formatDiagnostic(fromHex(`${hex}ff`))).toThrow(DecodeError);
    else expect(formatDiagnostic(fromHex(hex))).toBe(text);
  });
});
