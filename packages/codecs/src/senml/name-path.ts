import { ID_MAX, type Path } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { DecodeSettings } from '../payload-context.ts';

const SLASH = 0x2f;
const ZERO = 0x30;
const LEVELS_MAX = 4;
const NO_ID = -1;

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

/** Ids in decimal with one slash between them, none with a zero in front of other digits. */
function parseIds(name: string, start: number, end: number): Path {
  if (start === end) return {};
  const ids: [number, number, number, number] = [NO_ID, NO_ID, NO_ID, NO_ID];
  let level = 0;
  let id = NO_ID;
  for (let index = start; index < end; index++) {
    const unit = name.charCodeAt(index);
    const digit = unit - ZERO;
    if (unit === SLASH && id !== NO_ID && level < LEVELS_MAX - 1) {
      ids[level] = id;
      level++;
      id = NO_ID;
    } else if (!(digit >= 0 && digit <= 9) || id === 0) throw badName();
    else id = id === NO_ID ? digit : id * 10 + digit;
    if (id > ID_MAX) throw badName();
  }
  if (id === NO_ID) throw badName();
  ids[level] = id;
  return pathOfIds(...ids);
}

/** Makes a path of ids, −1 where there is none. */
export function pathOfIds(
  objectId: number,
  objectInstanceId: number,
  resourceId: number,
  resourceInstanceId: number,
): Path {
  if (objectInstanceId === NO_ID) return { objectId };
  if (resourceId === NO_ID) return { objectId, objectInstanceId };
  if (resourceInstanceId === NO_ID) return { objectId, objectInstanceId, resourceId };
  return { objectId, objectInstanceId, resourceId, resourceInstanceId };
}

function badName(): ContentError {
  return new ContentError('unexpected-path');
}
