import { DecodeError, fromHex } from '@motestack/bytes';
import suite from '@motestack/test-vectors/cbor.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import {
  atBreak,
  atNull,
  begin,
  beginReading,
  type CborReader,
  finishReading,
  INDEFINITE,
  readBoolean,
  readBytes,
  readInteger,
  readNumber,
  readText,
} from './cbor-reader.ts';
import * as MajorType from './major-type.ts';
import { skipItem } from './skip-item.ts';

const READ = {
  text: readText,
  bytes: readBytes,
  number: readNumber,
  integer: readInteger,
  boolean: readBoolean,
  array: (reader: CborReader): number => begin(reader, MajorType.ARRAY),
  map: (reader: CborReader): number => begin(reader, MajorType.MAP),
};

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
  readonly error?: string;
  readonly errorKind?: string;
  readonly subkind?: number;
  readonly title?: string;
}

const vectors = suite.vectors as unknown as readonly Row[];
const notWellFormed = suite.notWellFormed as unknown as readonly Row[];
const derived = suite.derived as unknown as readonly Row[];
const NESTING_MAX = 16;

function hexOf({ hex, parts }: Row): string {
  return hex ?? (parts ?? []).map((part) => part.hex ?? (part.repeat ?? '').repeat(part.times ?? 0)).join('');
}

function readerOf(hex: string, nestingMax = NESTING_MAX): CborReader {
  return beginReading(fromHex(hex), 'test', nestingMax);
}

function passOver(hex: string, nestingMax?: number): void {
  const reader = readerOf(hex, nestingMax);
  skipItem(reader);
  finishReading(reader);
}

function refusal(code: string): unknown {
  return expect.objectContaining({ name: 'DecodeError', code });
}

/** The code for an error of RFC 8949 Appendix F. */
function codeOf({ error, errorKind, subkind = 0 }: Row): string {
  if (error === 'not-well-formed' && errorKind === 'too-little-data') return 'truncated';
  if (errorKind === 'too-much-data') return 'trailing-bytes';
  return subkind === 1 || subkind === 2 ? 'reserved-value' : 'bad-syntax';
}

describe('well-formedness', () => {
  test.each(vectors)('$id $hex is one item', ({ hex }) => {
    expect(() => passOver(hex ?? '')).not.toThrow();
  });

  test.each(vectors)('every prefix of $id is rejected', ({ hex = '' }) => {
    for (let end = 0; end < hex.length; end += 2) {
      expect(() => passOver(hex.slice(0, end))).toThrow(refusal('truncated'));
    }
  });

  test.each(notWellFormed)('$id $hex is refused: $title', (row) => {
    // f-026 and others nest without end: they are cut off before.
    expect(() => passOver(row.hex ?? '')).toThrow(refusal(codeOf(row)));
  });

  test.each(derived.filter(({ error }) => error === 'not-well-formed'))('$id is refused', (row) => {
    expect(() => passOver(hexOf(row))).toThrow(refusal(codeOf(row)));
  });

  test('x-nested-deep is refused before the stack overflows; nestingMax at the limit and one past it', () => {
    const deep = derived.find(({ id }) => id === 'x-nested-deep');
    expect(() => passOver(hexOf(deep ?? { id: '', kind: '' }))).toThrow(refusal('too-deep'));
    expect(() => passOver('81'.repeat(3).concat('00'), 3)).not.toThrow();
    expect(() => passOver('81'.repeat(4).concat('00'), 3)).toThrow(refusal('too-deep'));
    expect(() => passOver('c1'.repeat(3).concat('00'), 3)).not.toThrow();
    expect(() => passOver('c1'.repeat(4).concat('00'), 3)).toThrow(refusal('too-deep'));
    expect(readNumber(readerOf('c1'.repeat(3).concat('05'), 3))).toBe(5);
    expect(() => readNumber(readerOf('c1'.repeat(4).concat('05'), 3))).toThrow(refusal('too-deep'));
  });
});

/** Reads an item as the vectors write it. */
function readItem(reader: CborReader, item: Item): unknown {
  switch (item.t) {
    case 'uint':
    case 'nint':
      return String(readInteger(reader));
    case 'float':
      return readNumber(reader);
    case 'text':
      return readText(reader);
    case 'bytes':
      return readBytes(reader);
    case 'bool':
      return readBoolean(reader);
    case 'null':
      return atNull(reader) ? null : undefined;
    case 'array':
      return readItems(reader, begin(reader, MajorType.ARRAY), item.v as Item[]);
    case 'map': {
      const pairs = item.v as [Item, Item][];
      const count = begin(reader, MajorType.MAP);
      return readItems(reader, count === INDEFINITE ? count : count * 2, pairs.flat());
    }
    default:
      throw new Error(`${item.t} is not read`);
  }
}

function readItems(reader: CborReader, count: number, items: readonly Item[]): unknown[] {
  const read = items.map((item) => readItem(reader, item));
  if (count === INDEFINITE) expect(atBreak(reader)).toBe(true);
  else expect(count).toBe(items.length);
  return read;
}

function expectedOf(item: Item): unknown {
  switch (item.t) {
    case 'float':
      return Number(item.v);
    case 'bytes':
      return fromHex(String(item.v));
    case 'null':
      return null;
    case 'array':
      return (item.v as Item[]).map(expectedOf);
    case 'map':
      return (item.v as [Item, Item][]).flat().map(expectedOf);
    default:
      return item.v;
  }
}

const isRead = ({ decoded }: Row): boolean =>
  decoded !== undefined && !['tag', 'undefined', 'simple'].includes(decoded.t);

describe('reading items', () => {
  test.each([...vectors, ...derived].filter(isRead))('$id $hex', ({ hex, decoded }) => {
    const reader = readerOf(hex ?? '');
    expect(readItem(reader, decoded ?? { t: '' })).toEqual(expectedOf(decoded ?? { t: '' }));
    finishReading(reader);
  });

  test('rows with undefined and simple values are passed over, never read: SenML has none', () => {
    const left = vectors.filter((row) => !isRead(row) && row.decoded?.t !== 'tag').map(({ id }) => id);
    expect(left).toEqual(['a-044', 'a-045', 'a-046']);
  });

  test.each([
    ['a-012', 'c249010000000000000000', 18446744073709551616n],
    ['a-014', 'c349010000000000000000', -18446744073709551617n],
    ['a-047', 'c074323031332d30332d32315432303a30343a30305a', 1363896240],
    ['a-048', 'c11a514b67b0', 1363896240],
    ['a-049', 'c1fb41d452d9ec200000', 1363896240.5],
    ['x-bignum-leading-zero', 'c2420001', 1],
    ['decimal fraction 273.15 (RFC 8949 §3.4.4)', 'c48221196ab3', 273.15],
    ['decimal fraction of a bignum', 'c48200c249010000000000000000', 18446744073709551616n],
    ['decimal fraction 3e20', 'c4821403', 300000000000000000000n],
    ['bigfloat 1.5 (RFC 8949 §3.4.4)', 'c5822003', 1.5],
    ['bigfloat 2^60', 'c582183c01', 1152921504606846976n],
    ['an unknown tag around an integer', 'd9d9f705', 5],
    ['tag 1 around a decimal fraction', 'c1c48220 18fb', 25.1],
  ])('tagged number: %s', (_title, hex, value) => {
    const reader = readerOf(hex);
    expect(readNumber(reader)).toBe(value);
    finishReading(reader);
  });

  test('tags around strings are passed over: a-050, a-051, a-052', () => {
    expect(readBytes(readerOf('d74401020304'))).toEqual(fromHex('01020304'));
    expect(readBytes(readerOf('d818456449455446'))).toEqual(fromHex('6449455446'));
    expect(readText(readerOf('d82076687474703a2f2f7777772e6578616d706c652e636f6d'))).toBe('http://www.example.com');
  });

  test.each([
    ['text that is no UTF-8', '62c328', 'text', 'bad-utf8'],
    ['a character split over two chunks', '7f61c361bcff', 'text', 'bad-utf8'],
    ['bytes for text', '4161', 'text', 'bad-type'],
    ['text for bytes', '6161', 'bytes', 'bad-type'],
    ['text for a number', '6161', 'number', 'bad-type'],
    ['true for a number', 'f5', 'number', 'bad-type'],
    ['a number for true', '01', 'boolean', 'bad-type'],
    ['text for an integer', '6161', 'integer', 'bad-type'],
    ['a date that is none', 'c06161', 'number', 'bad-value'],
    ['a date in a month that is none', 'c074323031332d31332d32315432303a30343a30305a', 'number', 'bad-value'],
    ['a bignum of 129 bytes', `c25881${'01'.repeat(129)}`, 'number', 'too-long'],
    ['a mantissa of 129 bytes', `c48201c25881${'01'.repeat(129)}`, 'number', 'too-long'],
    ['a decimal fraction beyond a double', 'c48219014001', 'number', 'bad-value'],
    ['an exponent of 2^63', 'c4821b800000000000000001', 'number', 'bad-value'],
    ['a bigfloat beyond a double', 'c58219040001', 'number', 'bad-value'],
    ['a decimal fraction of three', 'c483010203', 'number', 'bad-type'],
    ['a map for an array', 'a0', 'array', 'bad-type'],
    ['an array for a map', '80', 'map', 'bad-type'],
  ] as const)('%s is refused', (_title, hex, method, code) => {
    expect(() => READ[method](readerOf(hex))).toThrow(refusal(code));
  });

  test('a bignum of 128 bytes is read', () => {
    expect(readNumber(readerOf(`c25880${'00'.repeat(127)}07`))).toBe(7);
  });

  test('the offset of a fault within a text counts from the start of the payload', () => {
    try {
      const reader = readerOf('8262616262c328');
      begin(reader, MajorType.ARRAY);
      readText(reader);
      readText(reader);
      expect.unreachable();
    } catch (error) {
      expect(DecodeError.is(error) && error.offset).toBe(5);
    }
  });
});
