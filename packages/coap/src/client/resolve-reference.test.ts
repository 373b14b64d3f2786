import { describe, expect, test } from 'vitest';
import { resolveReference } from './resolve-reference.ts';

const BASE = 'coap://[::1]:61616/a/b?q=1';

describe('resolveReference', () => {
  test.each([
    ['', 'coap://[::1]:61616/a/b?q=1'],
    ['/', 'coap://[::1]:61616/'],
    ['/x/y?z', 'coap://[::1]:61616/x/y?z'],
    ['c', 'coap://[::1]:61616/a/c'],
    ['?r=2', 'coap://[::1]:61616/a/b?r=2'],
    ['./c/', 'coap://[::1]:61616/a/c/'],
    ['..', 'coap://[::1]:61616/'],
    ['../../../c', 'coap://[::1]:61616/c'],
    ['c/.', 'coap://[::1]:61616/a/c/'],
    ['c/..', 'coap://[::1]:61616/a/'],
    ['/a//b', 'coap://[::1]:61616/a//b'],
    ['//other/x', 'coap://other/x'],
    ['coaps://other', 'coaps://other'],
    ['c?x=../d', 'coap://[::1]:61616/a/c?x=../d'],
    ['/mètre carré', 'coap://[::1]:61616/m%C3%A8tre%20carr%C3%A9'],
  ])('%j [RFC 3986 §5.2]', (reference, uri) => {
    expect(resolveReference(reference, BASE)).toBe(uri);
  });
  test('a base without a path', () => {
    expect(resolveReference('c', 'coap://host')).toBe('coap://host/c');
    expect(resolveReference('', 'coap://host')).toBe('coap://host');
    expect(resolveReference('?c', 'coap://host')).toBe('coap://host?c');
  });
  test('a relative reference needs a base', () => {
    expect(() => resolveReference('/c', undefined)).toThrow(TypeError);
    expect(() => resolveReference('c', 'no base')).toThrow('a relative reference needs a base: c');
  });
  test('half of a surrogate pair is no character', () => {
    expect(() => resolveReference('/\ud800', BASE)).toThrow(URIError);
  });
});
