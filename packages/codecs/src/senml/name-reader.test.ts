import { describe, expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import { resolveContext } from '../payload-context.ts';
import { parseName } from './name-path.ts';
import { NameReader } from './name-reader.ts';

const NAMES = [
  '',
  '5',
  '0/5700',
  '0/5700/1',
  '3303/0/5700',
  '1/2/3/4',
  '05',
  '5/',
  '/5',
  'a',
  '65534',
  '65535',
  '5700/x',
  '1//2',
];
const BASES = ['', '/', '/3303/', '/3303/0/', '/3/0/6/', '/3/0/6/1/', '/3', '3/', '/3//', '/a/', '/lwm2m/'];

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!ContentError.is(error)) throw error;
    return error.code;
  }
}

describe('NameReader', () => {
  test.each([
    ['the defaults', {}],
    ['an alternate path', { rootPath: '/lwm2m' }],
    ['no leniency', { leniency: { nameWithoutSlash: false, nameWithTrailingSlash: false } }],
  ])('reads base name and name as parseName reads both together: %s', (_title, options) => {
    const settings = resolveContext({ path: {}, lookup: () => undefined, ...options });
    const reader = new NameReader(settings);
    for (const base of BASES) {
      for (const name of NAMES) {
        const together = outcome(() => parseName(base + name, settings));
        expect([base, name, outcome(() => reader.path(base, name))]).toEqual([base, name, together]);
      }
    }
  });
});
