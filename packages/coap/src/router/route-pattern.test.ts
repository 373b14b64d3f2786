import { describe, expect, test } from 'vitest';
import { parsePattern } from './route-pattern.ts';

describe('parsePattern', () => {
  test.each([
    ['/', []],
    [
      '/a/',
      [
        { kind: 'static', text: 'a' },
        { kind: 'static', text: '' },
      ],
    ],
    [
      '/ä b/:id_1',
      [
        { kind: 'static', text: 'ä b' },
        { kind: 'parameter', name: 'id_1' },
      ],
    ],
    ['/*', [{ kind: 'wildcard', name: '*' }]],
    [
      '/:a/*rest',
      [
        { kind: 'parameter', name: 'a' },
        { kind: 'wildcard', name: 'rest' },
      ],
    ],
  ])('%s', (pattern, segments) => {
    expect(parsePattern(pattern)).toEqual(segments);
  });
  test.each(['', 'a', '/..', '/a/.', '/:', '/:a-b', '/*/a', '/*1', '/:a/:a', '/:a/*a'])('%j is none', (pattern) => {
    expect(() => parsePattern(pattern)).toThrow(TypeError);
  });
});
