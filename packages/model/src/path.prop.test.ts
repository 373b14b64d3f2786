import fc from 'fast-check';
import { test } from 'vitest';
import {
  comparePaths,
  formatPath,
  isWithin,
  PathError,
  parsePath,
  pathFromIds,
  pathFromSegments,
  pathIds,
} from './path.ts';

const ids = fc.array(fc.integer({ min: 0, max: 65_534 }), { maxLength: 4 });

test('what is written is read again', () => {
  fc.assert(
    fc.property(ids, (some) => {
      const path = pathFromIds(some);
      return comparePaths(parsePath(formatPath(path)), path) === 0 && pathIds(path).length === some.length;
    }),
  );
});

test('any text is read, and written as it came, or refused', () => {
  const nearly = fc.stringMatching(/^[/0-9a]{0,30}$/);
  fc.assert(fc.property(fc.oneof(fc.string(), nearly), (text) => isReadOrRefused(() => parsePath(text), text)));
});

test('any segments are read or refused', () => {
  const segments = fc.array(fc.oneof(fc.string(), fc.nat().map(String)), { maxLength: 6 });
  fc.assert(fc.property(segments, (some) => isReadOrRefused(() => pathFromSegments(some), `/${some.join('/')}`)));
});

test('comparePaths is an order', () => {
  const path = ids.map(pathFromIds);
  fc.assert(
    fc.property(path, path, path, (a, b, c) => {
      const antisymmetric = Math.sign(comparePaths(a, b)) === -Math.sign(comparePaths(b, a));
      const transitive = !(comparePaths(a, b) <= 0 && comparePaths(b, c) <= 0) || comparePaths(a, c) <= 0;
      return antisymmetric && transitive;
    }),
  );
});

test('a path is within each of its beginnings, and after it', () => {
  fc.assert(
    fc.property(ids, fc.nat(4), (some, length) => {
      const [path, ancestor] = [pathFromIds(some), pathFromIds(some.slice(0, length))];
      return isWithin(path, ancestor) && comparePaths(ancestor, path) <= 0;
    }),
  );
});

function isReadOrRefused(read: () => ReturnType<typeof parsePath>, text: string): boolean {
  try {
    return formatPath(read()) === text;
  } catch (error) {
    return PathError.is(error);
  }
}
