import { describe, expect, test } from 'vitest';
import { PROFILE_IDS_MAX, parseProfileIds } from './profile-ids.ts';

const many = (count: number): string => `"${Array.from({ length: count }, (_, index) => `oma:${index}`).join(',')}"`;

describe('parseProfileIds [LwM2M Core 1.2 §6.2.1]', () => {
  test.each<[string, string[]]>([
    ['6:27354b9a', ['6:27354b9a']],
    [`1:${'0a'.repeat(32)}`, [`1:${'0a'.repeat(32)}`]],
    ['oma:1', ['oma:1']],
    ['acme.eu:valve/2', ['acme.eu:valve/2']],
    ['"oma:1,acme:valve"', ['oma:1', 'acme:valve']],
    ['"6:27354b9a"', ['6:27354b9a']],
  ])('%s', (text, ids) => {
    expect(parseProfileIds(text)).toEqual(ids);
  });

  test.each([
    '',
    ':',
    '6:',
    '6:27354B9A',
    '6:27354b9',
    '7:27354b9a',
    'oma:',
    'oma',
    '""',
    '"oma:1,"',
    '"oma:1,oma:1"',
    'a:"b"',
    '1:zz',
  ])('%s is none', (text) => {
    expect(parseProfileIds(text)).toBeUndefined();
  });

  test('as many as PROFILE_IDS_MAX, and not one more', () => {
    expect(parseProfileIds(many(PROFILE_IDS_MAX))).toHaveLength(PROFILE_IDS_MAX);
    expect(parseProfileIds(many(PROFILE_IDS_MAX + 1))).toBeUndefined();
  });
});
