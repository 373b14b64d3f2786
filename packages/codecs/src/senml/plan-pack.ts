import { assertId, isWithin, type LwM2mNode, type Path, pathIds } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { valueToWire, valueTypeAt } from '../values/typed-value.ts';
import { addDecimals } from './decimal.ts';
import type { PackMode, SenmlRecord } from './senml-record.ts';

/** What the records of a pack share. */
interface PackBase {
  /** How many ids, from the object's on, the base name holds. */
  readonly level: number;
  /** Whether the base name is the whole path of every record. */
  readonly whole: boolean;
  /** The base time that counts; another one may follow where times are far apart. */
  time: number | undefined;
}

/**
 * The records that carry nodes: the levels that all paths have in common become the base name, and the first time the
 * base time.
 *
 * @param nodes values by type; those without a value are left out, except in a Patch Pack, where they remove
 * @param context the path that was asked and the definitions
 * @param mode `patch` for the formats 320 and 322
 * @returns records in the order of the nodes; none for an empty multiple resource
 * @throws {ContentError} `unexpected-path`, `wrong-type`, `out-of-range`, `not-representable`
 * @throws {RangeError} for an id that is none
 * @see LwM2M Core 1.1.1 §7.4.4; RFC 8428 §4.5.1, §4.5.3
 */
export function recordsOfNodes(nodes: readonly LwM2mNode[], context: PayloadContext, mode: PackMode): SenmlRecord[] {
  const carried = mode === 'patch' ? nodes : nodes.filter(({ value }) => value !== undefined);
  for (const { path } of carried) checkPath(path, context);
  const base = baseOf(carried);
  return carried.map((node, index) => recordOfNode(node, index === 0, base, context));
}

/**
 * The records of a Fetch Pack.
 *
 * @param paths in any order
 * @returns one record with a whole name for each path
 * @throws {RangeError} for a path that is none
 * @see RFC 8790 §3.1; LwM2M Core 1.1.1 §6.3.8 (Read-Composite)
 */
export function recordsOfPaths(paths: readonly Path[]): SenmlRecord[] {
  return paths.map((path) => ({ name: `/${pathIds(path).join('/')}` }));
}

function recordOfNode(node: LwM2mNode, first: boolean, base: PackBase, context: PayloadContext): SenmlRecord {
  const { path, value } = node;
  const times = first
    ? { baseTime: base.time, time: base.time === undefined ? node.time : undefined }
    : timeOf(node, base);
  const type = valueTypeAt(context.lookup, path);
  return {
    baseName: first && base.level > 0 ? baseNameOf(path, base) : undefined,
    baseTime: times.baseTime,
    name: base.whole ? undefined : nameOf(path, base.level),
    value: value === undefined ? null : valueToWire(type, value, path),
    isFloat: type === 'Float',
    time: times.time,
  };
}

/** The time of a record after the first. Where a difference would not be exact, the time itself becomes the base. */
function timeOf({ time }: LwM2mNode, base: PackBase): { baseTime: number | undefined; time: number | undefined } {
  if (time === undefined || base.time === undefined) return { baseTime: undefined, time };
  const difference = addDecimals(time, -base.time);
  if (addDecimals(base.time, difference) === time) {
    return { baseTime: undefined, time: difference === 0 ? undefined : difference };
  }
  base.time = time;
  return { baseTime: time, time: undefined };
}

function checkPath(path: Path, context: PayloadContext): void {
  const { objectId, objectInstanceId, resourceId, resourceInstanceId = 0 } = path;
  if (objectId === undefined || objectInstanceId === undefined || resourceId === undefined) {
    throw new ContentError('unexpected-path', { path });
  }
  for (const id of [objectId, objectInstanceId, resourceId, resourceInstanceId]) assertId(id);
  if (!isWithin(path, context.path)) throw new ContentError('unexpected-path', { path });
}

function baseOf(nodes: readonly LwM2mNode[]): PackBase {
  const first = nodes[0];
  if (first === undefined) return { level: 0, whole: false, time: undefined };
  let level = depthOf(first.path);
  let shallowest = level;
  let whole = true;
  let timed = true;
  for (const { path, time } of nodes) {
    const common = commonLevels(first.path, path);
    const depth = depthOf(path);
    if (common < level || depth !== level) whole = false;
    level = Math.min(level, common);
    shallowest = Math.min(shallowest, depth);
    if (time === undefined) timed = false;
  }
  // A record for /3/0/6 beside one for /3/0/6/1 would have an empty name behind the base name `/3/0/6/`.
  if (!whole && level === shallowest) level--;
  return { level, whole, time: timed ? first.time : undefined };
}

/** How many ids, from the first on, two paths have in common. */
function commonLevels(a: Path, b: Path): number {
  if (a.objectId !== b.objectId) return 0;
  if (a.objectInstanceId !== b.objectInstanceId) return 1;
  if (a.resourceId !== b.resourceId) return 2;
  return a.resourceInstanceId === undefined || a.resourceInstanceId !== b.resourceInstanceId ? 3 : 4;
}

function depthOf(path: Path): number {
  return path.resourceInstanceId === undefined ? 3 : 4;
}

function baseNameOf({ objectId, objectInstanceId, resourceId, resourceInstanceId }: Path, base: PackBase): string {
  const ids = [objectId, objectInstanceId, resourceId, resourceInstanceId].slice(0, base.level);
  return `/${ids.join('/')}${base.whole ? '' : '/'}`;
}

/** The ids below the base name. */
function nameOf({ objectId, objectInstanceId, resourceId, resourceInstanceId }: Path, level: number): string {
  const last = resourceInstanceId === undefined ? '' : `/${resourceInstanceId}`;
  switch (level) {
    case 0:
      return `/${objectId}/${objectInstanceId}/${resourceId}${last}`;
    case 1:
      return `${objectInstanceId}/${resourceId}${last}`;
    case 2:
      return `${resourceId}${last}`;
    default:
      return `${resourceInstanceId}`;
  }
}
