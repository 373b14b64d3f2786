import { defineObject } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import { Definitions } from './definitions.ts';

const thing = (version: string) => defineObject({ id: 42_800, version, name: 'Thing', resources: {} });
const lookupFor = (definitions: Definitions, version: string | undefined, lwm2mVersion: '1.0' | '1.1' = '1.1') =>
  definitions.lookupFor({
    lwm2mVersion,
    inventory: { rootPath: '/', contentFormats: [], objects: [{ objectId: 42_800, version, instances: [0] }] },
  });

describe('Definitions', () => {
  const definitions = new Definitions([thing('1.0'), thing('1.2').definition, thing('2.0')]);

  test.each([
    ['1.0', '1.0'],
    ['1.2', '1.2'],
    ['1.1', '1.2'],
    [undefined, '1.0'],
    ['2.3', '2.0'],
    ['3.0', undefined],
  ])('a device that registers version %s is read by %s', (version, expected) => {
    expect(lookupFor(definitions, version)(42_800)?.version).toBe(expected);
  });

  test('has objects 0 to 7 and 3303', () => {
    const lookup = lookupFor(new Definitions(), undefined);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 3303].map((id) => lookup(id)?.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 3303]);
    expect(lookup(42_800)).toBeUndefined();
  });
});
