import { DecodeError, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import suite from '@motestack/test-vectors/link-format.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { type Leniency, strict } from '../payload-context.ts';
import { decodeObjectLinks, encodeObjectLinks, type ObjectInventory } from './object-links.ts';

interface Meaning {
  readonly objects?: Readonly<Record<string, readonly number[]>>;
  readonly contentFormats?: readonly number[];
  readonly objectVersions?: Readonly<Record<string, string>>;
  readonly rootPath?: string;
}
interface Row {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly meaning?: Meaning;
}

const rows = suite.vectors as unknown as readonly Row[];
const registrations = rows.filter(({ kind, id }) => kind === 'valid' && /^(?:m-|l-reg|ets-106)/.test(id));
const invalid = rows.filter(({ kind }) => kind === 'invalid');

const read = (text: string): ObjectInventory => decodeObjectLinks(encodeUtf8(text));
const write = (inventory: ObjectInventory): string => decodeUtf8(encodeObjectLinks(inventory));
/** Objects as `3:1.1[0]`. */
const objects = (text: string): string[] =>
  read(text).objects.map(({ objectId, version, instances }) => `${objectId}:${version ?? ''}[${instances.join()}]`);

describe('decodeObjectLinks', () => {
  test('the rows that are registrations are used', () => {
    expect(registrations.map(({ id }) => id)).toEqual(expect.arrayContaining(['m-reg', 'm-alt', 'l-reg', 'm-q-print']));
    expect(registrations.length).toBeGreaterThanOrEqual(14);
  });

  test.each(registrations)('$id', ({ text, meaning = {} }) => {
    const inventory = read(text);
    expect(inventory.rootPath).toBe(meaning.rootPath ?? '/');
    if (meaning.contentFormats !== undefined) expect(inventory.contentFormats).toEqual(meaning.contentFormats);
    for (const [objectId, version] of Object.entries(meaning.objectVersions ?? {})) {
      expect(inventory.objects.find((object) => object.objectId === Number(objectId))?.version).toBe(version);
    }
    for (const [objectId, instances] of Object.entries(meaning.objects ?? {})) {
      expect(inventory.objects.find((object) => object.objectId === Number(objectId))?.instances).toEqual(instances);
    }
    expect(inventory.objects.length).toBeGreaterThan(0);
    expect(read(write(inventory))).toEqual(inventory);
  });

  test.each(invalid)('$id is refused', ({ id, text }) => {
    // A comma behind the last link is a leniency with a name.
    if (id === 'inv-19') expect(read(text).objects).toEqual([]);
    expect(() => decodeObjectLinks(encodeUtf8(text), {}, strict)).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: 'bad-syntax' }),
    );
  });

  test.each(registrations)('every prefix of $id is decoded or rejected', ({ text }) => {
    for (let end = 0; end < text.length; end++) {
      try {
        read(text.slice(0, end));
      } catch (error) {
        expect(DecodeError.is(error)).toBe(true);
      }
    }
  });

  test.each([
    ['', []],
    ['</1/0>, </1/1>,\n</3/0>', ['1:[0,1]', '3:[0]']],
    ['</1>;ver="1.1",</1/0>', ['1:1.1[0]']],
    ['</44/0>;ver=2.2', ['44:2.2[0]']],
    ['</44/0>;ver=2.2,</44>;ver=1.1', ['44:1.1[0]']],
    ['</44>;ver=1.1,</44/0>;ver=2.2', ['44:1.1[0]']],
    ['</5>', ['5:[]']],
    ['</3/0>,</3/0>,</3>', ['3:[0]']],
    ['</3/1>,</3/0>,</1/0>', ['1:[0]', '3:[0,1]']],
    ['</0/0>,</21/0>,</23/0>,</1/0>', ['1:[0]']],
    ['</3/0/1>,</a/0>,<coap://x/3/0>,</65535/0>,</3/65535>,</03/0>,<3/0>', []],
    ['</3>;ver=new,</3/0>;foo;bar="x"', ['3:[0]']],
    ['</lwm2m/>;rt="oma.lwm2m",</lwm2m/1/0>,</1/1>', ['1:[0]']],
    ['</x>;rt="a oma.lwm2m b",</x/1/0>', ['1:[0]']],
  ])('%s', (text, wanted) => {
    expect(objects(text)).toEqual(wanted);
  });

  test.each([
    ['</>;ct=110', [110]],
    ['</>;rt="oma.lwm2m";ct="60 110 112 11542 11543"', [60, 110, 112, 11542, 11543]],
    ['</>;ct="110,112";rt="oma.lwm2m"', [110, 112]],
    ['</>;rt="oma.lwm2m";ct="x 110 65536 123456"', [110]],
    ['</>;rt="oma.lwm2m";ct', []],
    ['</1/0>;ct=110', []],
  ])('content formats of %s', (text, wanted) => {
    expect(read(text).contentFormats).toEqual(wanted);
  });

  test.each<[keyof Leniency, string]>([
    ['linkSpaces', '</>;ct="60 110", </1/0>'],
    ['linkTrailingComma', '</>;ct="60 110",</1/0>,'],
    ['linkUnquotedLists', '</>;ct=60 110,</1/0>'],
  ])('leniency %s', (name, text) => {
    const inventory = read(text);
    expect(inventory.contentFormats).toEqual([60, 110]);
    expect(inventory.objects).toEqual([{ objectId: 1, version: undefined, instances: [0] }]);
    expect(() => decodeObjectLinks(encodeUtf8(text), {}, { [name]: false })).toThrow(
      expect.objectContaining({ code: 'bad-syntax' }),
    );
  });

  test('bytes that are no UTF-8', () => {
    expect(() => decodeObjectLinks(Uint8Array.of(0x3c, 0xc3, 0x28))).toThrow(
      expect.objectContaining({ code: 'bad-utf8' }),
    );
  });

  test('limits: at the limit and one past it', () => {
    const payload = encodeUtf8('</1/0>,</3/0>');
    expect(decodeObjectLinks(payload, { nodesMax: 2 }).objects).toHaveLength(2);
    expect(() => decodeObjectLinks(payload, { nodesMax: 1 })).toThrow(expect.objectContaining({ code: 'too-many' }));
    expect(decodeObjectLinks(payload, { parsedTextBytesMax: 13 }).objects).toHaveLength(2);
    expect(() => decodeObjectLinks(payload, { parsedTextBytesMax: 12 })).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });
});

describe('encodeObjectLinks', () => {
  const list = [
    { objectId: 1, version: '1.1', instances: [0, 1] },
    { objectId: 3, version: undefined, instances: [0] },
    { objectId: 5, version: undefined, instances: [] },
    { objectId: 0, version: undefined, instances: [0] },
  ];

  test.each([
    ['/', [], '</1>;ver=1.1,</1/0>,</1/1>,</3/0>,</5>'],
    ['/', [110], '</>;rt="oma.lwm2m";ct=110,</1>;ver=1.1,</1/0>,</1/1>,</3/0>,</5>'],
    ['/', [112, 110], '</>;rt="oma.lwm2m";ct="112 110",</1>;ver=1.1,</1/0>,</1/1>,</3/0>,</5>'],
    ['/lwm2m', [], '</lwm2m>;rt="oma.lwm2m",</lwm2m/1>;ver=1.1,</lwm2m/1/0>,</lwm2m/1/1>,</lwm2m/3/0>,</lwm2m/5>'],
  ])('root %s, formats %j', (rootPath, contentFormats, text) => {
    expect(write({ rootPath, contentFormats, objects: list })).toBe(text);
  });

  test('an empty inventory is an empty payload', () => {
    expect(write({ rootPath: '/', contentFormats: [], objects: [] })).toBe('');
  });

  test('mistakes of the caller', () => {
    const one = (objectId: number, instance: number, version?: string): ObjectInventory => ({
      rootPath: '/',
      contentFormats: [],
      objects: [{ objectId, version, instances: [instance] }],
    });
    expect(() => write(one(65_535, 0))).toThrow(RangeError);
    expect(() => write(one(3, 65_535))).toThrow(RangeError);
    expect(() => write(one(3, 0, '1 1'))).toThrow(TypeError);
    expect(() => write({ ...one(3, 0), rootPath: '/a b' })).toThrow(TypeError);
  });
});
