import { ID_MAX, type Path } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { DecodeSettings } from '../payload-context.ts';

const SLASH = 0x2f;
const ZERO = 0x30;
const LEVELS_MAX = 4;

/**
 * Reads the name of a record as a path.
 *
 * @param name base name and name, concatenated
 * @param settings `rootPath` is taken off; `nameWithoutSlash` and `nameWithTrailingSlash` count here
 * @returns the path; `/` is the root
 * @throws {ContentError} `unexpected-path` for a name that is no path of decimal ids from 0 to 65534
 * @see LwM2M Core 1.1.1 §7.4.4, §7.4.5 (names are paths); LwM2M Core 1.2.1 §6.4 (alternate path)
 */
export function parseName(name: string, settings: DecodeSettings): Path {
  const { rootPath, leniency } = settings;
  let index = 0;
  if (rootPath !== undefined && name.startsWith(rootPath)) index = rootPath.length;
  let end = name.length;
  if (name.charCodeAt(index) === SLASH) index++;
  else if (index < end && !leniency.nameWithoutSlash) throw badName();
  if (index < end && name.charCodeAt(end - 1) === SLASH) {
    if (!leniency.nameWithTrailingSlash) throw badName();
    end--;
  }
  return parseIds(name, index, end);
}

function parseIds(name: string, start: number, end: number): Path {
  const ids: number[] = [];
  for (let index = start; index < end; ) {
    const slash = name.indexOf('/', index);
    const next = slash === -1 || slash > end ? end : slash;
    // A slash with nothing behind it, or a fifth id.
    if (next === end - 1 || ids.length === LEVELS_MAX) throw badName();
    ids.push(parseId(name, index, next));
    index = next + 1;
  }
  return pathOfIds(ids[0], ids[1], ids[2], ids[3]);
}

/** Reads decimal digits: no others in front of them, behind them or between them, and no zero in front of others. */
function parseId(name: string, start: number, end: number): number {
  if (start === end || (name.charCodeAt(start) === ZERO && end > start + 1)) throw badName();
  let id = 0;
  for (let index = start; index < end; index++) {
    const digit = name.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) throw badName();
    id = id * 10 + digit;
    if (id > ID_MAX) throw badName();
  }
  return id;
}

function pathOfIds(
  objectId?: number,
  objectInstanceId?: number,
  resourceId?: number,
  resourceInstanceId?: number,
): Path {
  if (objectId === undefined) return {};
  if (objectInstanceId === undefined) return { objectId };
  if (resourceId === undefined) return { objectId, objectInstanceId };
  if (resourceInstanceId === undefined) return { objectId, objectInstanceId, resourceId };
  return { objectId, objectInstanceId, resourceId, resourceInstanceId };
}

function badName(): ContentError {
  return new ContentError('unexpected-path');
}
