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
  let { objectId = NO_ID, objectInstanceId = NO_ID, resourceId = NO_ID, resourceInstanceId = NO_ID } = base;
  let id = 0;
  let digits = 0;
  for (let index = 0; index <= name.length; index++) {
    const unit = index < name.length ? name.charCodeAt(index) : SLASH;
    if (unit !== SLASH) {
      const digit = unit - ZERO;
      if (digit < 0 || digit > 9 || (id === 0 && digits > 0)) return undefined;
      id = Math.min(id * 10 + digit, ID_MAX + 1);
      digits++;
      continue;
    }
    if (digits === 0 || id > ID_MAX || resourceInstanceId !== NO_ID) return undefined;
    if (objectId === NO_ID) objectId = id;
    else if (objectInstanceId === NO_ID) objectInstanceId = id;
    else if (resourceId === NO_ID) resourceId = id;
    else resourceInstanceId = id;
    id = 0;
    digits = 0;
  }
  return pathOfIds(objectId, objectInstanceId, resourceId, resourceInstanceId);
}
