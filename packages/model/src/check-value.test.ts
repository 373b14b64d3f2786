import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkValue, checkValueType, ValueError } from './check-value.ts';
import type { ResourceType } from './resource-value.ts';

const link = { objectId: 1, objectInstanceId: 2 };

describe('checkValueType', () => {
  test.each<[ResourceType, unknown, unknown]>([
    ['String', '', ''],
    ['Corelnk', '</3/0>', '</3/0>'],
    ['Integer', -5, -5],
    ['Integer', 2 ** 53 - 1, 2 ** 53 - 1],
    ['Integer', 2n ** 53n - 1n, 2 ** 53 - 1],
    ['Integer', 2n ** 53n, 2n ** 53n],
    ['Integer', 2n ** 63n - 1n, 2n ** 63n - 1n],
    ['Integer', -(2n ** 63n), -(2n ** 63n)],
    ['Unsigned Integer', 0, 0],
    ['Unsigned Integer', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['Float', 0.1, 0.1],
    ['Float', 1e300, 1e300],
    ['Float', 5n, 5],
    ['Boolean', false, false],
    ['Opaque', Uint8Array.of(1), Uint8Array.of(1)],
    ['Time', new Date(0), new Date(0)],
    ['Objlnk', { ...link, more: 1 }, link],
    ['Objlnk', { objectId: 3, objectInstanceId: 65_535 }, { objectId: 3, objectInstanceId: 65_535 }],
    ['Objlnk', { objectId: 65_535, objectInstanceId: 65_535 }, { objectId: 65_535, objectInstanceId: 65_535 }],
  ])('%s takes %o', (type, value, expected) => expect(checkValueType(type, value)).toStrictEqual(expected));

  test.each<[ResourceType, unknown, string]>([
    ['Integer', 2 ** 53, 'not-exact'],
    ['Integer', -(2 ** 53), 'not-exact'],
    ['Integer', 1e300, 'not-exact'],
    ['Integer', 2n ** 63n, 'out-of-range'],
    ['Integer', -(2n ** 63n) - 1n, 'out-of-range'],
    ['Integer', 0.5, 'wrong-type'],
    ['Integer', Number.NaN, 'wrong-type'],
    ['Integer', '5', 'wrong-type'],
    ['Unsigned Integer', -1, 'out-of-range'],
    ['Unsigned Integer', 2n ** 64n, 'out-of-range'],
    ['Unsigned Integer', 2 ** 53, 'not-exact'],
    ['Float', '1', 'wrong-type'],
    ['Float', 2n ** 53n + 1n, 'not-exact'],
    ['Float', 10n ** 400n, 'out-of-range'],
    ['Boolean', 1, 'wrong-type'],
    ['String', 5, 'wrong-type'],
    ['String', null, 'wrong-type'],
    ['Opaque', 'AQ==', 'wrong-type'],
    ['Opaque', [1], 'wrong-type'],
    ['Opaque', new Uint16Array(1), 'wrong-type'],
    ['Time', 5, 'wrong-type'],
    ['Time', new Date(Number.NaN), 'wrong-type'],
    ['Objlnk', '1:2', 'wrong-type'],
    ['Objlnk', { objectId: 1 }, 'wrong-type'],
    ['Objlnk', { objectId: '1', objectInstanceId: 2 }, 'wrong-type'],
    ['Objlnk', { objectId: 65_536, objectInstanceId: 2 }, 'out-of-range'],
    ['Objlnk', { objectId: 65_535, objectInstanceId: 2 }, 'out-of-range'],
    ['Objlnk', { objectId: 1, objectInstanceId: -1 }, 'out-of-range'],
    ['', undefined, 'wrong-type'],
    ['', 'x', 'wrong-type'],
  ])('%s refuses %o: %s', (type, value, code) => {
    expect(() => checkValueType(type, value)).toThrow(expect.objectContaining({ code, type }));
  });

  test('octets and times of another realm are known', () => {
    expect(checkValueType('Opaque', vm.runInNewContext('Uint8Array.of(1)'))).toHaveLength(1);
    expect(Number(checkValueType('Time', vm.runInNewContext('new Date(7)')))).toBe(7);
  });

  test('anything is taken or refused with a ValueError', () => {
    const types = [
      'String',
      'Integer',
      'Unsigned Integer',
      'Float',
      'Boolean',
      'Opaque',
      'Time',
      'Objlnk',
      'Corelnk',
      '',
    ] as const;
    const anything = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withNullPrototype: true });
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.oneof(anything, fc.bigInt(), fc.double()), (type, value) => {
        try {
          const checked = checkValueType(type, value);
          return checkValueType(type, checked) !== undefined;
        } catch (error) {
          return ValueError.is(error);
        }
      }),
    );
  });
});

describe('checkValue', () => {
  const facts = { id: 1, operations: 'RW' } as const;

  test.each<[ResourceType, string, unknown]>([
    ['Integer', '0..100', 0],
    ['Integer', '0..100', 100],
    ['Integer', '0..100', 100n],
    ['Float', '0.0..1.0', 1],
    ['String', '0..4', 'aé€'.slice(0, 2)],
    ['String', '0..4', '😀'],
    ['Opaque', '16,32,48', new Uint8Array(32)],
    ['Integer', '8-Bits', 100_000],
    ['Boolean', '0..65535', true],
  ])('%s %j takes %o', (type, range, value) =>
    expect(checkValue({ ...facts, type, range }, value)).toEqual(value === 100n ? 100 : value),
  );

  test.each<[ResourceType, string, unknown, string]>([
    ['Integer', '0..100', -1, 'out-of-range'],
    ['Integer', '0..100', 101, 'out-of-range'],
    ['Integer', '0..100', '5', 'wrong-type'],
    ['Float', '0.0..1.0', Number.NaN, 'out-of-range'],
    ['String', '0..4', '😀a', 'out-of-range'],
    ['String', '0..4', 'aéb€', 'out-of-range'],
    ['String', '1..4', '', 'out-of-range'],
    ['Opaque', '16,32,48', new Uint8Array(17), 'out-of-range'],
  ])('%s %j refuses %o: %s', (type, range, value, code) => {
    expect(() => checkValue({ ...facts, type, range }, value)).toThrow(expect.objectContaining({ code }));
  });

  test('a message says what was expected and never the text or octets that were given', () => {
    const check = (value: unknown) => () => checkValue({ ...facts, type: 'String', range: '0..4' }, value);
    expect(check('secret')).toThrow('out-of-range: length in octets 6 is not in 0..4');
    expect(check(5)).toThrow('wrong-type: String expected, number given');
  });

  test('the error is known by its name', () => {
    expect(ValueError.is(new ValueError('wrong-type', 'Float', ''))).toBe(true);
    expect(ValueError.is(new Error('wrong-type'))).toBe(false);
  });
});
