import { AccessRight, type Path, parsePath, pathKey, pathLevel, type TypedPath } from '@motestack/model';

/** What may be done, as letters: `R` Read, `W` Write, `E` Execute, `D` Delete, `C` Create. */
export type AccessLetters = string;

/** Who may do what at an object instance, or create instances of an object: an instance of object 2. */
export interface AccessEntry {
  /** An object instance, or an object: there `C` alone has a meaning. */
  readonly path: TypedPath<unknown, 'R' | 'W' | 'RW' | 'E' | '', unknown> | `/${string}`;
  /** The Short Server ID of the server that may change the entry; has all rights where `rights` do not name it. */
  readonly owner?: number;
  /** Rights by Short Server ID; 0 is for servers that are not named, but for the owner. */
  readonly rights?: Readonly<Record<number, AccessLetters>>;
}

const RIGHTS: Readonly<Record<string, number>> = {
  R: AccessRight.Read,
  W: AccessRight.Write,
  E: AccessRight.Execute,
  D: AccessRight.Delete,
  C: AccessRight.Create,
};

/**
 * The sums of object 2, resource 2, by Short Server ID.
 *
 * @throws {TypeError} for a letter that is no right
 * @see LwM2M Core 1.1.1 §8.1; object 2 resource 2
 */
export function accessRightsOf({ rights = {} }: Pick<AccessEntry, 'rights'>): [number, number][] {
  return Object.entries(rights).map(([shortServerId, letters]) => {
    const sum = [...new Set(letters)].reduce((bits, letter) => {
      const bit = RIGHTS[letter];
      if (bit === undefined) throw new TypeError(`"${letter}" is no right: they are R, W, E, D and C`);
      return bits | bit;
    }, 0);
    return [Number(shortServerId), sum];
  });
}

/**
 * Checks an entry.
 *
 * @returns its key, itself and the path
 * @throws {TypeError} for a path that is neither an object's nor an object instance's, and for letters that are no right
 * @throws {PathError} for a text that is no path
 */
export function resolveEntry(entry: AccessEntry): [string, AccessEntry, Path] {
  const path = parsePath(String(entry.path));
  const level = pathLevel(path);
  if (level !== 'object' && level !== 'objectInstance') {
    throw new TypeError(`${String(entry.path)}: rights are of objects and object instances`);
  }
  accessRightsOf(entry);
  return [pathKey(path), entry, path];
}
