import type { LwM2mVersion } from './registration.ts';

/** Versions of the enabler's own objects that differ from 1.0, by the version of the enabler. */
const coreObjectVersions: Readonly<Record<LwM2mVersion, Readonly<Record<number, string>>>> = {
  '1.0': {},
  '1.1': { 0: '1.1', 1: '1.1', 3: '1.1', 4: '1.2' },
  '1.2': { 0: '1.2', 1: '1.2', 2: '1.1', 3: '1.2', 4: '1.3', 5: '1.1', 21: '2.0' },
};

/**
 * The version of an object whose link says none: for the enabler's own objects the one that belongs to the device's version of
 * the enabler, 1.0 for all others.
 *
 * @see LwM2M Core §7.2.2, §7.2.3
 * @example
 * impliedObjectVersion('1.1', 3)
 * // '1.1'
 */
export function impliedObjectVersion(lwm2mVersion: LwM2mVersion, objectId: number): string {
  return coreObjectVersions[lwm2mVersion][objectId] ?? '1.0';
}
