import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import {
  comparePaths,
  formatPath,
  isWithin,
  PathError,
  type PathLevel,
  parsePath,
  pathFromIds,
  pathFromSegments,
  pathIds,
  pathKey,
  pathLevel,
  pathSegments,
} from './path.ts';

interface PathVector {
  readonly id: string;
  readonly path: string;
  readonly valid: boolean;
  readonly ids?: readonly number[];
  readonly level?: string;
}

const { paths } = vectors<{ paths: PathVector[] }>('registration');

describe('parsePath', () => {
  test.each(paths.filter(({ valid }) => valid))('$id: $path', ({ path, ids = [], level }) => {
    const parsed = parsePath(path);
    expect(pathIds(parsed)).toEqual(ids);
    expect(pathLevel(parsed)).toBe(level === 'instance' ? ('objectInstance' satisfies PathLevel) : level);
    expect(formatPath(parsed)).toBe(path);
    expect(pathFromIds(ids)).toEqual(parsed);
    expect(pathFromSegments(pathSegments(parsed))).toEqual(parsed);
  });

  test.each(paths.filter(({ valid }) => !valid))('$id: $path is refused', ({ path }) => {
    expect(() => parsePath(path)).toThrow(PathError);
  });

  test.each([
    ['', 'bad-syntax'],
    ['3', 'bad-syntax'],
    ['/3/0/', 'bad-syntax'],
    ['/3/+1', 'bad-syntax'],
    ['/3/1e1', 'bad-syntax'],
    ['/3/0x1', 'bad-syntax'],
    ['/3/ 1', 'bad-syntax'],
    ['/3/٣', 'bad-syntax'],
    ['/65535', 'id-out-of-range'],
    [`/${'9'.repeat(400)}`, 'id-out-of-range'],
    ['/1/2/3/4/5', 'too-deep'],
    ['/1/2/3/4/', 'too-deep'],
    ['/'.repeat(10_000), 'too-deep'],
  ])('%j is %s', (text, code) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ code }));
  });

  test('an error shows 64 characters of a path at most, and is known by its name', () => {
    const error = new PathError('bad-syntax', 'x'.repeat(65));
    expect(error.path).toBe('x'.repeat(64));
    expect(error.message.length).toBeLessThan(128);
    expect(PathError.is(error)).toBe(true);
    expect(PathError.is(new Error('bad-syntax'))).toBe(false);
  });
});

describe('pathFromSegments', () => {
  test('no segment is the root', () => expect(pathFromSegments([])).toEqual({}));

  test('an empty segment is no root', () => {
    expect(() => pathFromSegments([''])).toThrow(expect.objectContaining({ code: 'bad-syntax' }));
  });

  test('four levels, not five', () => {
    expect(pathFromSegments(['1', '2', '3', '4'])).toEqual(pathFromIds([1, 2, 3, 4]));
    expect(() => pathFromSegments(['1', '2', '3', '4', '5'])).toThrow(expect.objectContaining({ code: 'too-deep' }));
  });
});

describe('formatPath', () => {
  test('the root is a slash', () => expect(formatPath({})).toBe('/'));

  test.each([
    { objectInstanceId: 1 },
    { objectId: 1, resourceId: 1 },
    { objectId: 1, objectInstanceId: 0, resourceInstanceId: 0 },
  ])('a left-out level is a mistake of the caller: %o', (path) => expect(() => formatPath(path)).toThrow(RangeError));

  test.each([-1, 65_535, 1.5, Number.NaN])('%s is no id', (objectId) => {
    expect(() => formatPath({ objectId })).toThrow(RangeError);
    expect(() => pathFromIds([objectId])).toThrow(RangeError);
  });

  test('five ids are no path', () => expect(() => pathFromIds([1, 2, 3, 4, 5])).toThrow(RangeError));
});

describe('order and nesting', () => {
  const ascending = ['/', '/3', '/3/0', '/3/0/9', '/3/0/9/0', '/3/0/9/1', '/3/0/10', '/3/1', '/3303', '/10241'].map(
    parsePath,
  );

  test('comparePaths orders by number, what holds before what is held', () => {
    expect([...ascending].reverse().sort(comparePaths)).toEqual(ascending);
  });

  test.each([
    ['/3/0/9', '/', true],
    ['/3/0/9', '/3', true],
    ['/3/0/9', '/3/0', true],
    ['/3/0/9', '/3/0/9', true],
    ['/3/0/9', '/3/0/9/0', false],
    ['/3/0', '/3/0/9', false],
    ['/30/0', '/3', false],
  ])('%s within %s: %s', (path, ancestor, expected) => {
    expect(isWithin(parsePath(path), parsePath(ancestor))).toBe(expected);
  });

  test('pathKey tells paths apart', () => {
    expect(new Set(ascending.map(pathKey)).size).toBe(ascending.length);
  });
});
