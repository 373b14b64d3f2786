import { DecodeError, decodeUtf8, encodeUtf8, fromHex } from '@motestack/bytes';
import { type LwM2mNode, objectLookup, parsePath, type ResourceType, type ResourceValue } from '@motestack/model';
import suite from '@motestack/test-vectors/text-plain.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { decodeText, encodeText } from './text.ts';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly dataType: string;
  readonly text: string;
  readonly value?: string | boolean;
  readonly error?: string;
}

const rows = suite.vectors as unknown as readonly Row[];
const valid = rows.filter(({ kind }) => kind === 'valid');
const invalid = rows.filter(({ kind }) => kind === 'invalid');
const path = parsePath('/1/2/3');
const TYPES: Readonly<Record<string, ResourceType>> = {
  string: 'String',
  integer: 'Integer',
  unsigned: 'Unsigned Integer',
  float: 'Float',
  boolean: 'Boolean',
  opaque: 'Opaque',
  time: 'Time',
  objlnk: 'Objlnk',
};

function contextOf(type: ResourceType | undefined, multiple = false): PayloadContext {
  const resources = type === undefined ? {} : { it: { id: 3, type, operations: 'RW' as const, multiple } };
  return { path, lookup: objectLookup([{ id: 1, name: 'Row', resources }]) };
}

function expectedValue({ dataType, value }: Row): unknown {
  const text = String(value);
  switch (dataType) {
    case 'integer':
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
    case 'float':
      return Number(text);
    case 'time':
      return new Date(Number(text) * 1000);
    case 'opaque':
      return fromHex(text);
    case 'objlnk': {
      const [objectId, objectInstanceId] = text.split(':').map(Number);
      return { objectId, objectInstanceId };
    }
    default:
      return value;
  }
}

function read(type: ResourceType | undefined, text: string): unknown {
  return decodeText(encodeUtf8(text), contextOf(type))[0]?.value;
}

function write(type: ResourceType | undefined, value: ResourceValue): string {
  return decodeUtf8(encodeText([{ path, value }], contextOf(type)));
}

describe('text vectors', () => {
  test('every row of the suite is used', () => {
    expect(valid.length + invalid.length).toBe(suite.count);
  });

  test.each(valid)('$id', (row) => {
    const context = contextOf(TYPES[row.dataType]);
    const nodes = decodeText(encodeUtf8(row.text), context);
    expect(nodes).toEqual([{ path, value: expectedValue(row) }]);
    // An exponent is read and not written (LwM2M Core 1.1.1 Appendix C).
    const written = row.id === 'text-float-exp' ? '0.00000000006667' : row.text;
    expect(decodeUtf8(encodeText(nodes, context))).toBe(written);
  });

  test.each(invalid)('$id is refused: $error', (row) => {
    const code = row.error === 'out-of-range' ? 'out-of-range' : 'wrong-type';
    expect(() => read(TYPES[row.dataType], row.text)).toThrow(
      expect.objectContaining({ name: 'ContentError', code, path }),
    );
  });

  test.each(valid)('every prefix of $id is decoded or rejected', (row) => {
    const bytes = encodeUtf8(row.text);
    for (let end = 0; end < bytes.length; end++) {
      try {
        decodeText(bytes.subarray(0, end), contextOf(TYPES[row.dataType]));
      } catch (error) {
        expect(ContentError.is(error) || DecodeError.is(error)).toBe(true);
      }
    }
  });
});

describe('decodeText', () => {
  test.each<[ResourceType | undefined, string, unknown]>([
    [undefined, '12', '12'],
    ['', '12', '12'],
    ['Corelnk', '</3/0>', '</3/0>'],
    ['String', '', ''],
    ['Integer', '-0', 0],
    ['Integer', '007', 7],
    ['Unsigned Integer', '18446744073709551615', 18446744073709551615n],
    ['Float', '+.5', 0.5],
    ['Float', '5.', 5],
    ['Float', '1E3', 1000],
    ['Time', '-1', new Date(-1000)],
    ['Objlnk', 'FFFF:ffff', { objectId: 65_535, objectInstanceId: 65_535 }],
    ['Opaque', '-_8', fromHex('fbff')],
  ])('%s %j', (type, text, value) => {
    expect(read(type, text)).toEqual(value);
  });

  test.each<[ResourceType, string, string]>([
    ['Integer', '9223372036854775808', 'out-of-range'],
    ['Integer', '-9223372036854775809', 'out-of-range'],
    ['Unsigned Integer', '-1', 'out-of-range'],
    ['Unsigned Integer', '18446744073709551616', 'out-of-range'],
    ['Integer', '+1', 'wrong-type'],
    ['Integer', ' 1', 'wrong-type'],
    ['Integer', '1\n', 'wrong-type'],
    ['Integer', '1'.repeat(1101), 'wrong-type'],
    ['Integer', '1'.repeat(1100), 'out-of-range'],
    ['Float', '1e999', 'out-of-range'],
    ['Float', 'NaN', 'wrong-type'],
    ['Float', '.', 'wrong-type'],
    ['Float', '', 'wrong-type'],
    ['Float', '0x10', 'wrong-type'],
    ['Time', '8640000000001', 'out-of-range'],
    ['Boolean', '', 'wrong-type'],
    ['Boolean', '2', 'wrong-type'],
    ['Opaque', 'a', 'wrong-type'],
    ['Objlnk', '1:', 'wrong-type'],
  ])('%s %j is refused: %s', (type, text, code) => {
    expect(() => read(type, text)).toThrow(expect.objectContaining({ name: 'ContentError', code }));
  });

  test('bytes that are no UTF-8', () => {
    expect(() => decodeText(fromHex('c328'), contextOf('String'))).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: 'bad-utf8' }),
    );
  });

  test('payloadBytesMax: at the limit and one past it', () => {
    const context = { ...contextOf('String'), limits: { payloadBytesMax: 3 } };
    expect(decodeText(encodeUtf8('abc'), context)).toHaveLength(1);
    expect(() => decodeText(encodeUtf8('abcd'), context)).toThrow(expect.objectContaining({ code: 'too-long' }));
  });

  test('leniencies: singleForMultiple, base64Variants, hexadecimalNullLink', () => {
    const multiple = contextOf('Integer', true);
    const instance = { ...path, resourceInstanceId: 0 };
    expect(decodeText(encodeUtf8('5'), multiple)).toEqual([{ path: instance, value: 5 }]);
    expect(() => decodeText(encodeUtf8('5'), { ...multiple, leniency: { singleForMultiple: false } })).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format', contentFormat: 0 }),
    );
    const opaque = { ...contextOf('Opaque'), leniency: { base64Variants: false } };
    expect(() => decodeText(encodeUtf8('-_8'), opaque)).toThrow(expect.objectContaining({ code: 'wrong-type' }));
    const link = { ...contextOf('Objlnk'), leniency: { hexadecimalNullLink: false } };
    expect(() => decodeText(encodeUtf8('FFFF:FFFF'), link)).toThrow(expect.objectContaining({ code: 'wrong-type' }));
  });

  test.each(['/', '/1', '/1/2'])('%s holds more than one value', (asked) => {
    expect(() => decodeText(encodeUtf8('1'), { ...contextOf('String'), path: parsePath(asked) })).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format' }),
    );
  });
});

describe('encodeText', () => {
  test.each<[ResourceType | undefined, ResourceValue, string]>([
    ['Float', 1e21, '1000000000000000000000'],
    ['Float', 1.5e300, `15${'0'.repeat(299)}`],
    ['Float', -5e-324, `-0.${'0'.repeat(323)}5`],
    ['Float', -0, '-0'],
    ['Float', 23, '23'],
    ['Time', new Date(1999), '1'],
    [undefined, true, '1'],
    [undefined, 12n, '12'],
    [undefined, 'text', 'text'],
    [undefined, new Date(-1), '-1'],
    [undefined, { objectId: 66, objectInstanceId: 0 }, '66:0'],
    [undefined, fromHex('fbff'), '+/8='],
  ])('%s %s', (type, value, text) => {
    expect(write(type, value)).toBe(text);
  });

  test.each<[ResourceType | undefined, ResourceValue, string]>([
    ['Float', Number.NaN, 'not-representable'],
    ['Float', Number.POSITIVE_INFINITY, 'not-representable'],
    ['Float', 1n, 'wrong-type'],
    ['Integer', 1.5, 'wrong-type'],
    ['Integer', 1e300, 'out-of-range'],
    ['Time', 5, 'wrong-type'],
    ['Boolean', 1, 'wrong-type'],
    ['String', 1, 'wrong-type'],
    ['Opaque', 'AQ==', 'wrong-type'],
    ['Objlnk', '1:2', 'wrong-type'],
    ['Objlnk', { objectId: 65_536, objectInstanceId: 0 }, 'out-of-range'],
    [undefined, 2n ** 64n, 'out-of-range'],
    [undefined, 'half of a pair: \udc00', 'not-representable'],
  ])('%s %s is refused: %s', (type, value, code) => {
    expect(() => write(type, value)).toThrow(expect.objectContaining({ name: 'ContentError', code }));
  });

  test.each<[string, readonly LwM2mNode[], string]>([
    ['no node', [], 'not-acceptable'],
    [
      'two nodes',
      [
        { path, value: 1 },
        { path, value: 2 },
      ],
      'not-acceptable',
    ],
    ['no value', [{ path }], 'not-acceptable'],
    [
      'a resource instance where the resource was asked',
      [{ path: { ...path, resourceInstanceId: 0 }, value: 1 }],
      'not-acceptable',
    ],
    ['another resource', [{ path: parsePath('/1/2/4'), value: 1 }], 'unexpected-path'],
  ])('%s', (_title, nodes, code) => {
    expect(() => encodeText(nodes, contextOf(undefined))).toThrow(expect.objectContaining({ code }));
  });

  test('an object or instance was asked', () => {
    const context = { ...contextOf(undefined), path: parsePath('/1/2') };
    expect(() => encodeText([{ path, value: 1 }], context)).toThrow(
      expect.objectContaining({ code: 'not-acceptable' }),
    );
  });
});
