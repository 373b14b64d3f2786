import { describe, expect, test } from 'vitest';
import {
  closestObjectVersion,
  compareObjectVersions,
  impliedObjectVersion,
  type LwM2mVersion,
} from './object-version.ts';

describe('impliedObjectVersion', () => {
  test.each<[LwM2mVersion, readonly string[]]>([
    ['1.0', ['1.0', '1.0', '1.0', '1.0', '1.0', '1.0', '1.0', '1.0', '1.0', '1.0', '1.0']],
    ['1.1', ['1.1', '1.1', '1.0', '1.1', '1.2', '1.0', '1.0', '1.0', '1.0', '1.0', '1.0']],
    ['1.2', ['1.2', '1.2', '1.1', '1.2', '1.3', '1.1', '1.0', '1.0', '2.0', '1.0', '1.0']],
  ])('LwM2M %s', (lwm2mVersion, versions) => {
    const ids = [0, 1, 2, 3, 4, 5, 6, 7, 21, 25, 3303];
    expect(ids.map((id) => impliedObjectVersion(lwm2mVersion, id))).toEqual(versions);
  });
});

describe('closestObjectVersion', () => {
  test.each([
    [['1.0', '1.1'], '1.0', '1.0'],
    [['1.0', '1.10', '1.9', '2.0'], '1.1', '1.10'],
    [['1.0', '1.1'], '1.7', '1.1'],
    [['2.0', '1.0'], '2.1', '2.0'],
    [['1.0', '1.1'], '2.0', undefined],
    [[], '1.0', undefined],
    [['1.0'], 'new', undefined],
  ])('of %j for %j: %j', (available, wanted, chosen) => expect(closestObjectVersion(available, wanted)).toBe(chosen));
});

test('compareObjectVersions', () => {
  expect(['2.0', '1.10', '1.2', '10.0', '1.0'].sort(compareObjectVersions)).toEqual([
    '1.0',
    '1.2',
    '1.10',
    '2.0',
    '10.0',
  ]);
});
