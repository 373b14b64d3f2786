import { decodeUtf8, encodeUtf8, fromHex } from '@motestack/bytes';
import { objectLookup, parsePath } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import {
  ContentError,
  ContentFormat,
  canCarry,
  decodePaths,
  decodePayload,
  encodePaths,
  encodePayload,
  OLD_JSON_CONTENT_FORMAT,
  OLD_TLV_CONTENT_FORMAT,
  readableContentFormats,
  writableContentFormats,
} from './index.ts';

const lookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      level: { id: 9, type: 'Integer', operations: 'R' },
      powers: { id: 6, type: 'Integer', operations: 'R', multiple: true },
      key: { id: 5, type: 'Opaque', operations: 'R' },
    },
  },
]);
const context = { path: parsePath('/3/0/9'), lookup };
const nodes = [{ path: context.path, value: 100 }];

describe('decodePayload and encodePayload', () => {
  test.each([
    [ContentFormat.TextPlain, '313030'],
    [ContentFormat.Tlv, 'c10964'],
    [ContentFormat.Cbor, '1864'],
    [ContentFormat.LwM2mCbor, 'a1830300091864'],
    [ContentFormat.LwM2mJson, '7b22626e223a222f332f302f39222c2265223a5b7b2276223a3130307d5d7d'],
    [ContentFormat.SenmlJson, '5b7b22626e223a222f332f302f39222c2276223a3130307d5d'],
    [ContentFormat.SenmlCbor, '81a221662f332f302f39021864'],
    [ContentFormat.SenmlEtchJson, '5b7b22626e223a222f332f302f39222c2276223a3130307d5d'],
    [ContentFormat.SenmlEtchCbor, '81a221662f332f302f39021864'],
  ])('%i', (contentFormat, hex) => {
    expect(encodePayload(contentFormat, nodes, context)).toEqual(fromHex(hex));
    expect(decodePayload(contentFormat, fromHex(hex), context)).toEqual(nodes);
    expect(readableContentFormats).toContain(contentFormat);
    expect(writableContentFormats).toContain(contentFormat);
  });

  test('42', () => {
    const opaque = { path: parsePath('/3/0/5'), lookup };
    const one = [{ path: opaque.path, value: fromHex('0102') }];
    expect(encodePayload(42, one, opaque)).toEqual(fromHex('0102'));
    expect(decodePayload(42, fromHex('0102'), opaque)).toEqual(one);
  });

  test.each([
    [OLD_TLV_CONTENT_FORMAT, fromHex('c10964')],
    [OLD_JSON_CONTENT_FORMAT, encodeUtf8('{"e":[{"n":"/3/0/9","v":100}]}')],
  ])('the old number %i is read and not written', (contentFormat, payload) => {
    expect(decodePayload(contentFormat, payload, context)).toEqual(nodes);
    expect(() => encodePayload(contentFormat, nodes, context)).toThrow(
      expect.objectContaining({ code: 'not-acceptable', contentFormat }),
    );
    expect(writableContentFormats).not.toContain(contentFormat);
  });

  test.each([ContentFormat.LinkFormat, 65_535])('%i is not known', (contentFormat) => {
    expect(() => decodePayload(contentFormat, new Uint8Array(0), context)).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format', contentFormat }),
    );
    expect(() => encodePayload(contentFormat, nodes, context)).toThrow(
      expect.objectContaining({ code: 'not-acceptable', contentFormat }),
    );
    expect(canCarry(contentFormat, context.path, lookup)).toBe(false);
  });

  test('null of a Patch Pack is a node without a value, and the other way round', () => {
    const payload = encodeUtf8('[{"bn":"/3/0/6/1","v":null}]');
    const removed = [{ path: parsePath('/3/0/6/1') }];
    expect(decodePayload(320, payload, { path: {}, lookup })).toEqual(removed);
    expect(encodePayload(320, removed, { path: {}, lookup })).toEqual(payload);
    expect(() => decodePayload(110, payload, { path: {}, lookup })).toThrow(
      expect.objectContaining({ code: 'bad-type' }),
    );
  });
});

describe('canCarry', () => {
  test.each([
    ['/', [110, 112, 320, 322, 11544]],
    ['/3', [110, 112, 11542, 11543, 11544, 1542, 1543]],
    ['/3/0', [110, 112, 11542, 11543, 11544, 1542, 1543]],
    ['/3/0/9', [0, 60, 110, 112, 11542, 11543, 11544, 1542, 1543]],
    ['/3/0/6', [110, 112, 11542, 11543, 11544, 1542, 1543]],
    ['/3/0/6/1', [0, 60, 110, 112, 11542, 11543, 11544, 1542, 1543]],
    ['/3/0/5', [0, 42, 60, 110, 112, 11542, 11543, 11544, 1542, 1543]],
    ['/9/0/1', [0, 42, 60, 110, 112, 11542, 11543, 11544, 1542, 1543]],
  ])('%s', (path, formats) => {
    const known = [0, 40, 42, 60, 110, 112, 320, 322, 11542, 11543, 11544, 1542, 1543];
    expect(known.filter((contentFormat) => canCarry(contentFormat, parsePath(path), lookup))).toEqual(formats);
  });
});

describe('decodePaths and encodePaths', () => {
  const paths = ['/', '/3', '/3/0', '/3/0/9', '/3/0/6/1'].map(parsePath);

  test.each([110, 112, 320, 322])('%i', (contentFormat) => {
    const payload = encodePaths(contentFormat, paths);
    expect(decodePaths(contentFormat, payload, { path: {}, lookup })).toEqual(paths.map((path) => ({ path })));
  });

  test('names are written whole', () => {
    expect(decodeUtf8(encodePaths(110, paths.slice(2, 4)))).toBe('[{"n":"/3/0"},{"n":"/3/0/9"}]');
  });

  test('a base name by itself names something', () => {
    const read = (text: string): unknown => decodePaths(320, encodeUtf8(text), { path: {}, lookup });
    expect(read('[{"bn":"/3/0/"},{"n":"9","t":300000000}]')).toEqual([
      { path: parsePath('/3/0') },
      { path: parsePath('/3/0/9'), time: 300_000_000 },
    ]);
  });

  test('a value is refused', () => {
    expect(() => decodePaths(110, encodeUtf8('[{"n":"/3/0/9","v":1}]'), { path: {}, lookup })).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: 'bad-value', section: 'RFC 8790 §3.1' }),
    );
  });

  test.each([0, 42, 11542, 11544])('%i names no paths', (contentFormat) => {
    expect(() => decodePaths(contentFormat, new Uint8Array(0), { path: {}, lookup })).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format' }),
    );
    expect(() => encodePaths(contentFormat, paths)).toThrow(expect.objectContaining({ code: 'not-acceptable' }));
  });
});

describe('ContentError', () => {
  test('says where and what, and is known across copies of the package', () => {
    const cause = new Error('why');
    const error = new ContentError('wrong-type', { path: { objectId: 3303, resourceId: 5700 }, cause });
    expect(error.message).toBe('wrong-type at /3303/?/5700');
    expect(error.cause).toBe(cause);
    expect(ContentError.is(error)).toBe(true);
    expect(ContentError.is(Object.assign(new Error('copy'), { name: 'ContentError', code: 'wrong-type' }))).toBe(true);
    expect(ContentError.is(new Error('another'))).toBe(false);
    expect(new ContentError('not-acceptable', { path: {}, contentFormat: 60 }).message).toBe(
      'not-acceptable at / (Content-Format 60)',
    );
  });
});
