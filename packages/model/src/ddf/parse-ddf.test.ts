import { describe, expect, test } from 'vitest';
import { defineObject } from '../define-object.ts';
import { DdfError, type DdfErrorCode } from './ddf-error.ts';
import { ddfText, VALVE } from './ddf-text.fixture.ts';
import { objectSpecOf } from './object-spec-of.ts';
import { parseDdf } from './parse-ddf.ts';

const valve = ddfText(VALVE);
/** The file with one thing changed, which must have been there. */
const withChange = (from: string | RegExp, to: string): string => {
  const changed = valve.replace(from, to);
  expect(changed).not.toBe(valve);
  return changed;
};

describe('parseDdf', () => {
  test('a file as the schema has it', () => expect(parseDdf(valve)).toEqual([VALVE]));

  test('several objects, and several versions of one', () => {
    const older = { ...VALVE, version: '1.0', urn: 'urn:oma:lwm2m:x:42800' };
    const pump = { id: 42_799, version: '1.0', name: 'Pump', mandatory: true, resources: [] };
    expect(parseDdf(ddfText(VALVE, older, pump))).toEqual([VALVE, older, pump]);
  });

  test('an element that the schema does not know is passed over', () => {
    expect(parseDdf(withChange('<Resources>', '<Vendor><Name>x</Name></Vendor><Resources>'))).toEqual([VALVE]);
  });
});

describe('what real files deviate in is taken', () => {
  const without = (pattern: RegExp): string => withChange(pattern, '');
  const first = (file: string) => parseDdf(file)[0]?.resources[0];

  test('a byte order mark', () => expect(parseDdf(`\uFEFF${valve}`)).toEqual([VALVE]));

  test('letters beyond ASCII', () => {
    expect(parseDdf(withChange('<Name>Valve', '<Name>V\u00e4lve \u{1F6B0}'))[0]?.name).toBe('V\u00e4lve \u{1F6B0}');
  });

  test('no RangeEnumeration, no Units, no Description', () => {
    const file = valve.replaceAll(/<(RangeEnumeration|Units|Description)>.*<\/\1>/g, '');
    expect(first(file)).toEqual({ id: 1, name: 'Opening', operations: 'RW', type: 'Float', mandatory: true });
  });

  test('children in another order, Description2 early', () => {
    const file = withChange('<Description2/>', '')
      .replace('<Name>Valve</Name>', '<Description2>x</Description2>')
      .replace('<Resources>', '<Name>Valve</Name><Resources>')
      .replace('<Name>Opening</Name>', '')
      .replace('<Type>Float</Type>', '<Type>Float</Type><Name>Opening</Name>');
    expect(parseDdf(file)).toEqual([VALVE]);
  });

  test('no ObjectVersion: the one of the URN, or else 1.0', () => {
    const file = without(/<ObjectVersion>.*<\/ObjectVersion>/);
    expect(parseDdf(file)).toEqual([VALVE]);
    const plain = file.replace('x:42800:1.1', 'x:42800');
    expect(parseDdf(plain)[0]?.version).toBe('1.0');
    expect(parseDdf(plain.replace('x:42800', 'x:42800:1.0'))[0]?.version).toBe('1.0');
    expect(parseDdf(plain.replace('x:42800', 'x:42800:new'))[0]?.version).toBe('1.0');
    expect(parseDdf(plain.replace(/<ObjectURN>.*<\/ObjectURN>/, ''))[0]?.version).toBe('1.0');
  });

  test('no LWM2MVersion, or an empty one', () => {
    expect(parseDdf(without(/<LWM2MVersion>.*<\/LWM2MVersion>/))[0]).not.toHaveProperty('lwm2mVersion');
    expect(parseDdf(withChange('<LWM2MVersion>1.1', '<LWM2MVersion>'))[0]).not.toHaveProperty('lwm2mVersion');
  });

  test('white space around names and within', () => {
    expect(parseDdf(withChange('<Name>Valve</Name>', '<Name>\n Main\t\n Valve  </Name>'))[0]?.name).toBe('Main Valve');
    expect(first(withChange('<Name>Opening</Name>', '<Name>Opening </Name>'))?.name).toBe('Opening');
  });

  test('a range of several lines becomes one', () => {
    expect(first(withChange('0..100', '0: off\n1: on'))?.range).toBe('0: off 1: on');
  });

  test('resources in any order', () => {
    const file = valve.replace(/(<Item ID="1">[\s\S]*?<\/Item>)([\s\S]*)(<\/Resources>)/, '$2$1$3');
    expect(file.indexOf('ID="3"')).toBeLessThan(file.indexOf('ID="1"'));
    expect(parseDdf(file)).toEqual([VALVE]);
  });

  test('an executable with a type, or with several instances; a readable one without a type', () => {
    const odd = {
      ...VALVE,
      resources: [
        { id: 1, name: 'A', operations: 'E', type: 'String' },
        { id: 2, name: 'B', operations: 'E', type: '', multiple: true },
        { id: 3, name: 'C', operations: 'R', type: '' },
      ],
    } as const;
    expect(parseDdf(ddfText(odd))).toEqual([odd]);
  });
});

describe('what is no definition is refused, with its place', () => {
  test.each<[string, string | RegExp, string, DdfErrorCode, string]>([
    ['another root', /LWM2M(?= |>)/g, 'DDFList', 'not-a-definition', '<DDFList'],
    ['no object', /<Object [\s\S]*<\/Object>/, '', 'not-a-definition', '<LWM2M'],
    ['no ObjectID', '<ObjectID>42800</ObjectID>', '', 'missing', '<Object '],
    ['no Name', '<Name>Valve</Name>', '', 'missing', '<Object '],
    ['an empty Name', '<Name>Valve</Name>', '<Name> </Name>', 'bad-value', '<Object '],
    ['no MultipleInstances', /<MultipleInstances>.*/, '', 'missing', '<Object '],
    ['no Resources', /<Resources>[\s\S]*<\/Resources>/, '', 'missing', '<Object '],
    ['no ID', ' ID="1"', '', 'missing', '<Item>'],
    ['an ID that is none', ' ID="1"', ' ID="one"', 'bad-value', '<Item ID="one"'],
    ['an ID that is too great', ' ID="1"', ' ID="65535"', 'bad-value', '<Item ID="65535"'],
    ['an ID that is written otherwise', ' ID="1"', ' ID="1e3"', 'bad-value', '<Item ID="1e3"'],
    ['an ObjectID that is too great', '<ObjectID>42800', '<ObjectID>65535', 'bad-value', '<ObjectID>'],
    ['two resources with one ID', ' ID="2"', ' ID="1"', 'duplicate', '<Item ID="1">\n        <Name>Pressures'],
    ['two names', '<Name>Valve</Name>', '<Name>Valve</Name><Name />', 'duplicate', '<Name />'],
    ['unknown operations', '<Operations>RW', '<Operations>RWE', 'bad-value', '<Operations>RWE'],
    ['an unknown type', '<Type>Float', '<Type>Double', 'bad-value', '<Type>Double'],
    [
      'neither Multiple nor Single',
      '<MultipleInstances>Multiple',
      '<MultipleInstances>3',
      'bad-value',
      '<MultipleInst',
    ],
    ['neither Mandatory nor Optional', '>Optional<', '>Perhaps<', 'bad-value', '<Mandatory>'],
    ['a version that is none', '<ObjectVersion>1.1', '<ObjectVersion>one', 'bad-value', '<ObjectVersion>'],
    ['an element where text is', '<Name>Valve', '<Name><b />Valve', 'bad-value', '<b />'],
    ['an object that is not closed', /<Object [\s\S]*<\/Object>/, '$&<Object>$&', 'bad-syntax', 'LWM2M>\n'],
  ])('%s', (_, from, to, code, at) => {
    const file = withChange(from, to);
    const offset = code === 'bad-syntax' ? file.lastIndexOf(at) : file.indexOf(at);
    expect(() => parseDdf(file)).toThrow(expect.objectContaining({ code, offset }));
  });

  test('one object twice in one version', () => {
    const file = ddfText(VALVE, VALVE);
    expect(() => parseDdf(file)).toThrow(
      expect.objectContaining({ code: 'duplicate', offset: file.lastIndexOf('<Object ') }),
    );
  });

  test('line and column are told, and who reads it knows what to do', () => {
    const file = withChange('<Type>Float', '<Type>Double');
    let told: unknown;
    try {
      parseDdf(file.replaceAll('\n', '\r\n'));
    } catch (error) {
      told = error;
    }
    expect(DdfError.is(told) && [told.line, told.column]).toEqual([20, 9]);
    expect(String(told)).toBe(
      'DdfError: bad-value at line 20, column 9: Type is one of String, Integer, Unsigned Integer, Float, Boolean, Opaque, Time, Objlnk, Corelnk, nothing',
    );
    expect(DdfError.is(new Error('x'))).toBe(false);
  });
});

describe('objectSpecOf', () => {
  test('is what defineObject takes', () => {
    const [object = VALVE] = parseDdf(valve);
    const spec = objectSpecOf(object);
    expect(spec).toEqual({
      id: 42_800,
      version: '1.1',
      name: 'Valve',
      multiple: true,
      resources: {
        opening: { id: 1, operations: 'RW', type: 'Float', mandatory: true, range: '0..100', units: '/100' },
        pressures: { id: 2, operations: 'R', type: 'Float', multiple: true },
        flush: { id: 3, operations: 'E', type: '' },
      },
    });
    const Valve = defineObject(spec);
    expect(String(Reflect.get(Valve.at(2), 'opening'))).toBe('/42800/2/1');
    expect(Valve.instance({ opening: 1 }).init).toEqual({ opening: 1 });
  });

  test('whatever the names are, each resource has one', () => {
    const names = ['At', 'at', 'to string', '|+|', 'Level', 'level', 'Level 5', '__proto__'];
    const resources = names.map((name, id) => ({ id, name, operations: 'R', type: 'Float' }) as const);
    const definition = defineObject(objectSpecOf({ ...VALVE, resources }));
    expect(Object.keys(definition.definition.resources)).toEqual([
      'at0',
      'at1',
      'toString2',
      'resource3',
      'level',
      'level5',
      'level56',
      'proto',
    ]);
  });
});
