/** Object ids, instance ids and resource ids go up to here; 65535 is reserved (LwM2M Core 1.2 §7.4). */
export const ID_MAX = 65_534;

/** Where something stands: each level needs the one before it. `{}` is the root. */
export interface Path {
  /** Object id, 0 to 65534. */
  readonly objectId?: number;
  /** Object instance id, 0 to 65534. */
  readonly objectInstanceId?: number;
  /** Resource id, 0 to 65534. */
  readonly resourceId?: number;
  /** Resource instance id, 0 to 65534. */
  readonly resourceInstanceId?: number;
}

/** How deep a path goes. */
export type PathLevel = 'root' | 'object' | 'objectInstance' | 'resource' | 'resourceInstance';

/** `bad-syntax`: not numbers between slashes; `id-out-of-range`: an id of 65535 or more; `too-deep`: more than four levels. */
export type PathErrorCode = 'bad-syntax' | 'id-out-of-range' | 'too-deep';

/** A text, or the segments of a request, that name no path of LwM2M. */
export class PathError extends Error {
  override readonly name = 'PathError';
  /** What is wrong. */
  readonly code: PathErrorCode;
  /** The path that was refused, cut to 64 characters. */
  readonly path: string;

  /**
   * @param code what is wrong
   * @param path the text that was refused
   */
  constructor(code: PathErrorCode, path: string) {
    const shown = path.slice(0, SHOWN_LENGTH_MAX);
    super(`${code} in path ${JSON.stringify(shown)} (LwM2M Core 1.2 §7.3)`);
    this.code = code;
    this.path = shown;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is PathError {
    return value instanceof Error && value.name === 'PathError';
  }
}

/**
 * Reads a path as text.
 *
 * @param text `/`, `/3`, `/3303/0/5700`, …: decimal, without leading zeros, each id 0 to 65534
 * @throws {PathError}
 */
export function parsePath(text: string): Path {
  if (text === '/') return {};
  if (!text.startsWith('/')) throw new PathError('bad-syntax', text);
  return readSegments(text.slice(1).split('/', LEVELS_MAX + 1), text);
}

/** Writes a path as text; the root is `/`. @throws {RangeError} if a level is left out or an id is out of range */
export function formatPath(path: Path): string {
  return `/${pathIds(path).join('/')}`;
}

/**
 * Reads the Uri-Path options of a request.
 *
 * @param segments decoded segments; none is the root
 * @throws {PathError} an empty segment is `bad-syntax`
 */
export function pathFromSegments(segments: readonly string[]): Path {
  return readSegments(segments, undefined);
}

/** The segments of a path: the Uri-Path options of a request. @throws {RangeError} as {@link formatPath} */
export function pathSegments(path: Path): string[] {
  return pathIds(path).map(String);
}

/**
 * Makes a path from up to four ids, shallowest first.
 *
 * @throws {RangeError} if there are more, or one is not an integer from 0 to 65534
 */
export function pathFromIds(ids: readonly number[]): Path {
  if (ids.length > LEVELS_MAX) throw new RangeError('a path has four levels at most (LwM2M Core 1.2 §7.3)');
  for (const id of ids) assertId(id);
  const objectId = ids[0];
  const objectInstanceId = ids[1];
  const resourceId = ids[2];
  const resourceInstanceId = ids[3];
  if (objectId === undefined) return {};
  if (objectInstanceId === undefined) return { objectId };
  if (resourceId === undefined) return { objectId, objectInstanceId };
  if (resourceInstanceId === undefined) return { objectId, objectInstanceId, resourceId };
  return { objectId, objectInstanceId, resourceId, resourceInstanceId };
}

/** The ids of a path, shallowest first. @throws {RangeError} if a level is left out or an id is out of range */
export function pathIds(path: Path): number[] {
  const ids: number[] = [];
  let gap = false;
  for (const id of [path.objectId, path.objectInstanceId, path.resourceId, path.resourceInstanceId]) {
    if (id === undefined) gap = true;
    else if (gap) throw new RangeError('a path leaves out no level (LwM2M Core 1.2 §7.3)');
    else {
      assertId(id);
      ids.push(id);
    }
  }
  return ids;
}

/** How deep a path goes. */
export function pathLevel(path: Path): PathLevel {
  if (path.objectId === undefined) return 'root';
  if (path.objectInstanceId === undefined) return 'object';
  if (path.resourceId === undefined) return 'objectInstance';
  return path.resourceInstanceId === undefined ? 'resource' : 'resourceInstance';
}

/** Orders paths by their ids, level by level; a path comes before what is within it. Negative: `a` comes first. */
export function comparePaths(a: Path, b: Path): number {
  return (
    compareIds(a.objectId, b.objectId) ||
    compareIds(a.objectInstanceId, b.objectInstanceId) ||
    compareIds(a.resourceId, b.resourceId) ||
    compareIds(a.resourceInstanceId, b.resourceInstanceId)
  );
}

/** Whether `path` is `ancestor` or stands below it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  return (
    (ancestor.objectId === undefined || ancestor.objectId === path.objectId) &&
    (ancestor.objectInstanceId === undefined || ancestor.objectInstanceId === path.objectInstanceId) &&
    (ancestor.resourceId === undefined || ancestor.resourceId === path.resourceId) &&
    (ancestor.resourceInstanceId === undefined || ancestor.resourceInstanceId === path.resourceInstanceId)
  );
}

/** A key for maps and sets: equal for equal paths. It is the path as text. */
export function pathKey(path: Path): string {
  return formatPath(path);
}

/** Throws unless `id` is an integer from 0 to 65534. @throws {RangeError} */
export function assertId(id: number): void {
  if (!(Number.isInteger(id) && id >= 0 && id <= ID_MAX)) {
    throw new RangeError(`an id is an integer from 0 to ${ID_MAX}, not ${id} (LwM2M Core 1.2 §7.4)`);
  }
}

const LEVELS_MAX = 4;
const SHOWN_LENGTH_MAX = 64;
const DIGIT_ZERO = 0x30;

/** @param shown the path as an error shows it, if there is such a text already */
function readSegments(segments: readonly string[], shown: string | undefined): Path {
  const refused = (code: PathErrorCode) =>
    new PathError(code, shown ?? `/${segments.slice(0, LEVELS_MAX + 1).join('/')}`);
  if (segments.length > LEVELS_MAX) throw refused('too-deep');
  return pathFromIds(
    segments.map((segment) => {
      const id = readId(segment);
      if (typeof id === 'string') throw refused(id);
      return id;
    }),
  );
}

/** Decimal digits without a leading zero. By hand: paths are read for each record of a payload. */
function readId(segment: string): number | PathErrorCode {
  let id = 0;
  for (let index = 0; index < segment.length; index++) {
    const digit = segment.charCodeAt(index) - DIGIT_ZERO;
    if (!(digit >= 0 && digit <= 9) || (index === 1 && id === 0)) return 'bad-syntax';
    id = Math.min(id * 10 + digit, ID_MAX + 1);
  }
  if (segment.length === 0) return 'bad-syntax';
  return id > ID_MAX ? 'id-out-of-range' : id;
}

function compareIds(a: number | undefined, b: number | undefined): number {
  return (a ?? -1) - (b ?? -1);
}
