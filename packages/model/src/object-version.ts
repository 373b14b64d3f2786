/** A version of the LwM2M enabler. */
export type LwM2mVersion = '1.0' | '1.1' | '1.2';

/**
 * The version of an object that is meant where none is said: for the enabler's own objects the one that belongs to the
 * device's version of LwM2M, 1.0 for all others. A device says `ver` in its registration exactly where it has another one.
 *
 * @param lwm2mVersion what the device registered with, `lwm2m=1.1`
 * @param objectId object id
 * @returns `major.minor`
 * @see LwM2M Core 1.2 §7.2.2, §7.2.3
 * @example
 * impliedObjectVersion('1.1', 3) // '1.1'
 */
export function impliedObjectVersion(lwm2mVersion: LwM2mVersion, objectId: number): string {
  return CORE_OBJECT_VERSIONS[lwm2mVersion].get(objectId) ?? INITIAL_VERSION;
}

/**
 * Which of several versions of an object to take for one that a device has: that one, or else the newest of the same major
 * version, since minor versions only add and take away what is optional.
 *
 * @param available `major.minor` each
 * @param wanted `major.minor`
 * @returns one of `available`; `undefined` if none fits
 * @see LwM2M Core 1.2 §7.2.2
 * @example
 * closestObjectVersion(['1.0', '1.2', '2.0'], '1.1') // '1.2'
 */
export function closestObjectVersion(available: Iterable<string>, wanted: string): string | undefined {
  const fitting = [...available].filter((version) => majorOf(version) === majorOf(wanted));
  if (fitting.includes(wanted)) return wanted;
  return fitting.sort(compareObjectVersions).at(-1);
}

/**
 * Orders versions: 1.2 before 1.10 before 2.0.
 *
 * @returns less than 0, 0 or more than 0, as a comparison for `sort`
 */
export function compareObjectVersions(a: string, b: string): number {
  return majorOf(a) - majorOf(b) || minorOf(a) - minorOf(b);
}

const INITIAL_VERSION = '1.0';

function majorOf(version: string): number {
  return Number(version.split('.')[0]);
}

function minorOf(version: string): number {
  return Number(version.split('.')[1] ?? 0);
}

/** The enabler's own objects whose version is not 1.0 (LwM2M Core 1.1 and 1.2, §7.2.3 and Appendix E). */
const CORE_OBJECT_VERSIONS: Readonly<Record<LwM2mVersion, ReadonlyMap<number, string>>> = {
  '1.0': /* @__PURE__ */ new Map(),
  '1.1': /* @__PURE__ */ new Map([
    [0, '1.1'],
    [1, '1.1'],
    [3, '1.1'],
    [4, '1.2'],
  ]),
  '1.2': /* @__PURE__ */ new Map([
    [0, '1.2'],
    [1, '1.2'],
    [2, '1.1'],
    [3, '1.2'],
    [4, '1.3'],
    // §7.2.3 has 1.1; the definition in 1.2.2 is 1.2, which adds optional resources alone.
    [5, '1.1'],
    [21, '2.0'],
  ]),
};
