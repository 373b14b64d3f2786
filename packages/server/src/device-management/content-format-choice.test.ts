import { defineObject, type LwM2mNode, objectLookup, parsePath } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import { readFormat, writeFormat } from './content-format-choice.ts';

const Thing = defineObject({
  id: 42_800,
  name: 'Thing',
  resources: {
    text: { id: 1, operations: 'RW', type: 'String' },
    bytes: { id: 2, operations: 'RW', type: 'Opaque' },
    many: { id: 3, operations: 'RW', type: 'Integer', multiple: true },
  },
});
const lookup = objectLookup([Thing]);
const device = (lwm2mVersion: '1.0' | '1.1' | '1.2', ...contentFormats: number[]) => ({ lwm2mVersion, contentFormats });
const node = (path: string, value?: LwM2mNode['value']): LwM2mNode => ({ path: parsePath(path), value });

describe('readFormat', () => {
  test.each([
    ['a 1.0 device', device('1.0'), 11542],
    ['a 1.0 device that names JSON', device('1.0', 11543), 11542],
    ['a device that names all', device('1.1', 60, 110, 112, 11542, 11543), 112],
    ['a device that names SenML-JSON and TLV', device('1.1', 11542, 110), 110],
    ['a 1.2 device that names TLV alone', device('1.2', 11542), 11542],
    ['a device that names what is not spoken here', device('1.1', 11543), undefined],
    ['a device that names none', device('1.1'), undefined],
  ])('%s', (_name, said, expected) => {
    expect(readFormat(said)).toBe(expected);
  });
});

describe('writeFormat', () => {
  test('is that of a Read where there is one', () => {
    expect(writeFormat(device('1.0'), parsePath('/42800/0/1'), [node('/42800/0/1', 'x')], lookup)).toBe(11542);
    expect(
      writeFormat(device('1.1', 112), parsePath('/42800/0/2'), [node('/42800/0/2', Uint8Array.of(1))], lookup),
    ).toBe(112);
  });

  test.each([
    ['a single text', '/42800/0/1', [node('/42800/0/1', 'x')], 0],
    ['single bytes', '/42800/0/2', [node('/42800/0/2', Uint8Array.of(1))], 42],
    ['bytes of an unknown object', '/9/0/2', [node('/9/0/2', Uint8Array.of(1))], 42],
    ['a multiple resource', '/42800/0/3', [node('/42800/0/3/0', 1)], 11542],
    ['an empty multiple resource', '/42800/0/3', [node('/42800/0/3')], 11542],
    ['an instance', '/42800/0', [node('/42800/0/1', 'x')], 11542],
  ])('else it is what every client reads: %s', (_name, path, nodes, expected) => {
    expect(writeFormat(device('1.1'), parsePath(path), nodes, lookup)).toBe(expected);
  });
});
