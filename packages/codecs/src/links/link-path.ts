import { decodeUtf8 } from '@motestack/bytes';
import { type Link, parseLinkFormat } from '@motestack/link-format';
import { type Path, PathError, parsePath } from '@motestack/model';
import { type DecodeLimits, type Leniency, resolveLeniency, resolveLimits } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';

const SECTION = 'RFC 6690 §2';

/**
 * Reads links as deployed devices write them.
 *
 * @param payload UTF-8
 * @param given limits, of which `parsedTextBytesMax` and `nodesMax` (the number of links) count here
 * @param forgiven `linkSpaces`, `linkTrailingComma` and `linkUnquotedLists` count here
 * @returns the links
 * @throws {DecodeError} as `parseLinkFormat`
 */
export function parseLinks(
  payload: Uint8Array,
  given: Partial<DecodeLimits> | undefined,
  forgiven: Partial<Leniency> | undefined,
): Link[] {
  const limits = resolveLimits(given);
  const leniency = resolveLeniency(forgiven);
  checkLength(payload, limits.parsedTextBytesMax, SECTION);
  return parseLinkFormat(decodeUtf8(payload, SECTION), {
    lenientSpaces: leniency.linkSpaces,
    lenientTrailingComma: leniency.linkTrailingComma,
    lenientUnquotedLists: leniency.linkUnquotedLists,
    textLengthMax: limits.parsedTextBytesMax,
    linkCountMax: limits.nodesMax,
  });
}

/**
 * The path that a link points to.
 *
 * @param target of the link; a slash at its end, as the specification prints some, is taken
 * @param rootPath `/`, or the alternate path
 * @returns `undefined` for a link to something else than a path below the root path
 */
export function pathOfTarget(target: string, rootPath: string): Path | undefined {
  const prefix = rootPath === '/' ? '' : rootPath;
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  if (rest === '' || rest === '/') return {};
  try {
    return parsePath(rest.endsWith('/') ? rest.slice(0, -1) : rest);
  } catch (error) {
    if (PathError.is(error)) return undefined;
    throw error;
  }
}
