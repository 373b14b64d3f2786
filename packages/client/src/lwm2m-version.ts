/** The versions of the enabler that the client speaks. */
export type LwM2mVersion = '1.0' | '1.1';

/** Versions of the enabler's own objects that are not 1.0, by the version of the enabler. */
const coreObjectVersions: Readonly<Record<LwM2mVersion, Readonly<Record<number, string>>>> = {
  '1.0': {},
  '1.1': { 0: '1.1', 1: '1.1', 3: '1.1', 4: '1.2' },
};

/**
 * The version of an object that a server assumes where none is said: for the enabler's own objects the one that belongs
 * to the client's version of the enabler, 1.0 for all others.
 *
 * @see LwM2M Core 1.1.1 §7.2.2, §7.2.3
 */
export function impliedObjectVersion(lwm2mVersion: LwM2mVersion, objectId: number): string {
  return coreObjectVersions[lwm2mVersion][objectId] ?? '1.0';
}
