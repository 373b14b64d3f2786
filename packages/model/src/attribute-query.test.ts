import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ATTRIBUTE_INTEGER_MAX,
  formatAttributeQuery,
  formatAttributeValue,
  parseAttributeQuery,
} from './attribute-query.ts';
import { type AttributeChanges, AttributeError, applyAttributeChanges } from './notification-attributes.ts';

interface QueryVector {
  readonly id: string;
  readonly kind: 'valid' | 'invalid';
  readonly query: string;
  readonly attributes?: Readonly<Record<string, number | null>>;
  readonly error?: string;
}

const { writeAttributes } = vectors<{ writeAttributes: QueryVector[] }>('link-format');
const valid = writeAttributes.filter(({ kind }) => kind === 'valid');

/** Bits are booleans here and 0 or 1 in the vectors; unset is `undefined` here and `null` there. */
function readable(changes: AttributeChanges): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, value === undefined ? null : Number(value)]),
  );
}

describe('parseAttributeQuery', () => {
  test.each(valid)('$id: $query', ({ query, attributes }) => {
    const changes = parseAttributeQuery(query.split('&'));
    expect(readable(changes)).toEqual(attributes);
    expect(() => applyAttributeChanges({}, changes)).not.toThrow();
    expect(parseAttributeQuery(formatAttributeQuery(changes))).toStrictEqual(changes);
  });

  test.each(writeAttributes.filter(({ kind }) => kind === 'invalid'))('$id: $query is $error', ({ query, error }) => {
    const apply = () => applyAttributeChanges({}, parseAttributeQuery(query.split('&')));
    expect(apply).toThrow(expect.objectContaining({ code: error }));
  });

  test('bits are booleans', () => {
    expect(parseAttributeQuery(['edge=1', 'con=0'])).toEqual({ edge: true, con: false });
  });

  test.each([
    ['pmin=4294967295', ATTRIBUTE_INTEGER_MAX],
    ['pmin=4294967296', undefined],
    ['pmin=00000000001', undefined],
    [`pmin=${'9'.repeat(1000)}`, undefined],
  ])('%s at and past the greatest integer', (parameter, pmin) => {
    if (pmin === undefined)
      expect(() => parseAttributeQuery([parameter])).toThrow(expect.objectContaining({ code: 'bad-integer' }));
    else expect(parseAttributeQuery([parameter])).toEqual({ pmin });
  });

  test('a number has 32 characters, not 33', () => {
    expect(parseAttributeQuery([`gt=${'1'.repeat(32)}`])).toEqual({ gt: Number('1'.repeat(32)) });
    expect(() => parseAttributeQuery([`gt=${'1'.repeat(33)}`])).toThrow(
      expect.objectContaining({ code: 'bad-number' }),
    );
  });

  test.each([
    [['pmin=1', 'pmin=2'], 'duplicate-attribute'],
    [['pmin', 'pmin=2'], 'duplicate-attribute'],
    [['dim=1'], 'unknown-attribute'],
    [['toString=1'], 'unknown-attribute'],
    [['__proto__=1'], 'unknown-attribute'],
    [['=1'], 'unknown-attribute'],
    [['PMIN=1'], 'unknown-attribute'],
    [['gt=1e3'], 'bad-number'],
    [['gt=+1'], 'bad-number'],
    [['gt=.5'], 'bad-number'],
    [['gt=5.'], 'bad-number'],
    [['gt=--5'], 'bad-number'],
    [['gt=Infinity'], 'bad-number'],
    [['st=-1'], 'bad-number'],
    [['con=true'], 'bad-bit'],
    [['con='], 'bad-bit'],
  ])('%j is %s', (query, code) => {
    expect(() => parseAttributeQuery(query)).toThrow(expect.objectContaining({ code }));
  });

  test.each(valid)('every beginning of $query is read or refused', ({ query }) => {
    for (let end = 0; end < query.length; end++) expectReadOrRefused(query.slice(0, end));
  });

  test('any query is read or refused', () => {
    const nearly = fc.stringMatching(/^(pmin|pmax|gt|lt|st|edge|con|hqmax|epmin)=?[-.0-9e]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), nearly), { maxLength: 4 }), (query) =>
        expectReadOrRefused(query.join('&')),
      ),
    );
  });

  test('the error shows 32 characters at most and is known by its name', () => {
    const error = new AttributeError('unknown-attribute', 'x'.repeat(33));
    expect(error.attribute).toBe('x'.repeat(32));
    expect(AttributeError.is(error)).toBe(true);
    expect(AttributeError.is(new Error('bad-bit'))).toBe(false);
  });
});

describe('formatAttributeQuery', () => {
  test('unset is a name alone; what is not there is left out', () => {
    expect(formatAttributeQuery({ pmax: undefined, pmin: 1, con: true })).toEqual(['pmin=1', 'pmax', 'con=1']);
  });

  test.each([
    [-2.5, '-2.5'],
    [1e-7, '0.0000001'],
    [-1.25e-9, '-0.00000000125'],
    [1e21, '1000000000000000000000'],
    [1.5e22, '15000000000000000000000'],
    [-0, '0'],
  ])('%s is written without exponent', (gt, text) => expect(formatAttributeValue('gt', gt)).toBe(text));

  test.each<AttributeChanges>([
    { pmin: -1 },
    { pmin: 1.5 },
    { pmin: ATTRIBUTE_INTEGER_MAX + 1 },
    { gt: Number.NaN },
    { gt: Number.POSITIVE_INFINITY },
    { gt: 1e-40 },
    { st: -1 },
  ])('%o cannot be written', (changes) => expect(() => formatAttributeQuery(changes)).toThrow(RangeError));

  test('what is written is read again', () => {
    const integer = fc.option(fc.integer({ min: 0, max: ATTRIBUTE_INTEGER_MAX }), { nil: undefined });
    const bit = fc.option(fc.boolean(), { nil: undefined });
    const number = fc.option(
      fc.integer().map((some) => some / 1000),
      { nil: undefined },
    );
    const changes = fc.record(
      {
        pmin: integer,
        pmax: integer,
        gt: number,
        lt: number,
        epmin: integer,
        epmax: integer,
        edge: bit,
        con: bit,
        hqmax: integer,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(changes, (some) => {
        expect(parseAttributeQuery(formatAttributeQuery(some))).toStrictEqual({ ...some });
      }),
    );
  });
});

function expectReadOrRefused(query: string): void {
  try {
    const changes = parseAttributeQuery(query.split('&'));
    expect(parseAttributeQuery(formatAttributeQuery(changes))).toStrictEqual(changes);
  } catch (error) {
    if (!AttributeError.is(error)) throw error;
  }
}
