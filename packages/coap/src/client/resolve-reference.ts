const BASE = /^([A-Za-z][A-Za-z0-9+.-]*:)(\/\/[^/?#]*)([^?#]*)(\?[^#]*)?/;

/**
 * Makes a whole URI of a reference. Spaces and characters beyond ASCII are percent-encoded as UTF-8 (RFC 3987 §3.1).
 *
 * @param reference a URI with scheme and authority, or what is missing of one: `/a/b?c`, `b`, `?c`, `../b`
 * @param base the URI that relative references are resolved against
 * @throws {TypeError} a relative reference without a base
 * @throws {URIError} half of a surrogate pair
 * @see RFC 3986 §5.2
 * @example
 * resolveReference('temperature?unit=K', 'coap://[::1]/sensors/') // 'coap://[::1]/sensors/temperature?unit=K'
 */
export function resolveReference(reference: string, base: string | undefined): string {
  const encoded = reference.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  const own = BASE.exec(encoded);
  if (own !== null) return encoded;
  const [, scheme, authority = '', path = '', query = ''] = BASE.exec(base ?? '') ?? [];
  if (scheme === undefined) throw new TypeError(`a relative reference needs a base: ${reference}`);
  if (encoded.startsWith('//')) return scheme + encoded;
  const [, ownPath = '', rest = ''] = /^([^?#]*)(.*)$/.exec(encoded) ?? [];
  if (ownPath === '') return scheme + authority + path + (rest.startsWith('?') ? rest : query + rest);
  const merged = ownPath.startsWith('/') ? ownPath : `${path.slice(0, path.lastIndexOf('/') + 1) || '/'}${ownPath}`;
  return scheme + authority + withoutDots(merged) + rest;
}

/** "remove_dot_segments" (RFC 3986 §5.2.4). */
function withoutDots(path: string): string {
  const output: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') output.pop();
    else if (segment !== '.') output.push(segment);
    if (index === segments.length - 1 && (segment === '.' || segment === '..')) output.push('');
  }
  return `/${output.join('/')}`;
}
