import { encodeUtf8 } from '@motestack/bytes';

/**
 * The segments that stand before every path of a device, as Uri-Path options hold them.
 *
 * @param rootPath the target of the device's root link: `/`, or an alternate path such as `/lwm2m`
 * @returns the segments, percent-encoding taken off; none for `/`. `undefined` for what no Uri-Path can say, and for a path with a
 *   number in it, which is not to be told from an object
 * @see LwM2M Transport 1.1 §6.4 (Alternate Path): no numerical segment; RFC 7252 §6.4 (percent-encoding), §5.10.1 (`.` and `..`),
 *   §5.10 (0 to 255 bytes)
 */
export function rootPathSegments(rootPath: string): readonly string[] | undefined {
  const path = rootPath.startsWith('/') ? rootPath.slice(1) : rootPath;
  if (path === '') return [];
  const segments: string[] = [];
  for (const encoded of path.split('/')) {
    const segment = percentDecoded(encoded);
    if (segment === undefined || /^(?:\.{0,2}|[0-9]+)$/.test(segment)) return undefined;
    if (encodeUtf8(segment).length > SEGMENT_BYTES_MAX) return undefined;
    segments.push(segment);
  }
  return segments;
}

/** The longest Uri-Path option, in bytes (RFC 7252 §5.10). */
const SEGMENT_BYTES_MAX = 255;

/** @returns `undefined` for what ends a path (RFC 3986 §3.3), and for percent-encoded bytes that are not UTF-8 */
function percentDecoded(encoded: string): string | undefined {
  if (/[?#]/.test(encoded)) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
