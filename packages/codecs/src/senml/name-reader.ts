import { ID_MAX, type Path } from '@motestack/model';
import type { DecodeSettings } from '../payload-context.ts';
import { parseName, pathOfIds } from './name-path.ts';

const SLASH = 0x2f;
const ZERO = 0x30;
const NO_ID = -1;

/** Reads the names of one pack as paths. A base name that ends with a slash is read once for all names behind it. */
export class NameReader {
  readonly #settings: DecodeSettings;
  #baseName = '';
  #base: Path | undefined;

  /** @param settings as for `parseName` */
  constructor(settings: DecodeSettings) {
    this.#settings = settings;
  }

  /**
   * @param baseName the base name that counts, or none
   * @param name behind it
   * @returns what `parseName` gives for both together
   * @throws {ContentError} as `parseName`
   */
  path(baseName: string, name: string): Path {
    if (baseName !== this.#baseName) {
      this.#baseName = baseName;
      // An alternate path may end within the name.
      const apart = /^\/$|[^/]\/$/.test(baseName) && this.#settings.rootPath === undefined;
      this.#base = apart ? parseName(baseName.slice(0, -1), this.#settings) : undefined;
    }
    const path = this.#base === undefined ? undefined : pathBelow(this.#base, name);
    return path ?? parseName(baseName + name, this.#settings);
  }
}

/** The path of ids below another; `undefined` for a name that is not just decimal ids with one slash between them. */
function pathBelow(base: Path, name: string): Path | undefined {
  const { objectId = NO_ID, objectInstanceId = NO_ID, resourceId = NO_ID, resourceInstanceId } = base;
  if (resourceInstanceId !== undefined) return undefined;
  const ids: [number, number, number, number] = [objectId, objectInstanceId, resourceId, NO_ID];
  let level = ids.indexOf(NO_ID);
  let id = NO_ID;
  for (let index = 0; index <= name.length; index++) {
    const unit = name.charCodeAt(index);
    const digit = unit - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (id === 0) return undefined;
      id = id === NO_ID ? digit : id * 10 + digit;
      if (id > ID_MAX) return undefined;
    } else {
      const ends = unit === SLASH || index === name.length;
      if (!ends || id === NO_ID || level > 3) return undefined;
      ids[level] = id;
      level++;
      id = NO_ID;
    }
  }
  return pathOfIds(ids);
}
