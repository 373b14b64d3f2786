import { describe, expect, test } from 'vitest';
import { rootPathSegments } from './root-path-segments.ts';

describe('rootPathSegments', () => {
  test.each<[string, readonly string[]]>([
    ['/', []],
    ['', []],
    ['/lwm2m', ['lwm2m']],
    ['/a/b', ['a', 'b']],
    ['/%20a', [' a']],
    ['/a%2Fb', ['a/b']],
    ['/%C3%A4', ['ä']],
    ['/5a', ['5a']],
    ['/...', ['...']],
    [`/${'x'.repeat(255)}`, ['x'.repeat(255)]],
    [`/${'%C3%A4'.repeat(127)}x`, [`${'ä'.repeat(127)}x`]],
  ])('%s', (rootPath, segments) => {
    expect(rootPathSegments(rootPath)).toEqual(segments);
  });

  test.each([
    '/.',
    '/..',
    '/%2e%2E',
    '/a/../b',
    '//',
    '/a//b',
    '/a/',
    '/5',
    '/a/65535',
    '/%35',
    '/a?b',
    '/a#b',
    'coap://10.0.0.66/a',
    '/%',
    '/%C3',
    `/${'x'.repeat(256)}`,
    `/${'%C3%A4'.repeat(128)}`,
  ])('%s is none', (rootPath) => {
    expect(rootPathSegments(rootPath)).toBeUndefined();
  });
});
