import { encodeUtf8 } from '@motestack/bytes';
import { attributeOf, formatLinkFormat, type Link, type LinkAttribute } from '@motestack/link-format';
import { assertId, type Path } from '@motestack/model';
import type { DecodeLimits, Leniency } from '../payload-context.ts';
import { parseLinks, pathOfTarget } from './link-path.ts';

/** The resource type of the link that stands for the device's root (LwM2M Core 1.1.1 §6.2.1). */
const ROOT_RESOURCE_TYPE = 'oma.lwm2m';
/** Security, OSCORE and COSE: a client does not list them, and where it does a server looks away (LwM2M Core 1.2.1 §6.2.1). */
const UNLISTED_OBJECTS: readonly number[] = [0, 21, 23];
const CONTENT_FORMAT_MOST = 0xffff;

/** What a device says of itself in the payload of Register and Update. */
export interface ObjectInventory {
  /** `/`, or the alternate path below which the objects stand, such as `/lwm2m`. */
  readonly rootPath: string;
  /** The formats that the device says it supports beside those that are demanded. Empty: it said nothing. */
  readonly contentFormats: readonly number[];
  /** The objects in ascending order. */
  readonly objects: readonly ListedObject[];
}

/** One object of an inventory. */
export interface ListedObject {
  /** Object id, 0 to 65534. */
  readonly objectId: number;
  /** `major.minor`. `undefined`: the device said nothing, so the version follows from its LwM2M version. */
  readonly version: string | undefined;
  /** Object instance ids in ascending order; may be empty. */
  readonly instances: readonly number[];
}

/**
 * Decodes the payload of Register or Update.
 *
 * Links that are not objects or instances below the root path, and attributes that are not known, are no error. Objects 0,
 * 21 and 23 must not be listed and are left out. Versions with and without quotes, on the object or on an instance, and lists
 * of content formats are read as devices write them.
 *
 * @param payload UTF-8, Content-Format 40
 * @param limits that differ from the defaults
 * @param leniency what differs from the defaults; `linkSpaces`, `linkTrailingComma` and `linkUnquotedLists` count here
 * @returns the inventory; without objects if none was listed
 * @throws {DecodeError} `bad-utf8`, `bad-syntax`, `too-long`, `too-many`
 * @see LwM2M Core 1.1.1 §6.2.1, §7.2.2; RFC 6690 §2
 */
export function decodeObjectLinks(
  payload: Uint8Array,
  limits?: Partial<DecodeLimits>,
  leniency?: Partial<Leniency>,
): ObjectInventory {
  const links = parseLinks(payload, limits, leniency);
  const root = rootLink(links);
  const rootPath = root === undefined ? '/' : withoutTrailingSlash(root.target);
  const found = new Map<number, { version: string | undefined; readonly instances: Set<number> }>();
  for (const link of links) {
    const path = link === root ? undefined : pathOfTarget(link.target, rootPath);
    if (path === undefined || !isObjectOrInstance(path) || UNLISTED_OBJECTS.includes(path.objectId)) continue;
    let object = found.get(path.objectId);
    if (object === undefined) {
      object = { version: undefined, instances: new Set() };
      found.set(path.objectId, object);
    }
    if (path.objectInstanceId !== undefined) object.instances.add(path.objectInstanceId);
    const version = versionOf(link);
    // The object's own link counts before an instance's.
    if (version !== undefined && (path.objectInstanceId === undefined || object.version === undefined)) {
      object.version = version;
    }
  }
  const objects = [...found]
    .map(([objectId, { version, instances }]) => ({ objectId, version, instances: ascending(instances) }))
    .toSorted((a, b) => a.objectId - b.objectId);
  return { rootPath, contentFormats: contentFormatsOf(root), objects };
}

/**
 * Encodes the payload of Register or Update, in the spelling that simple parsers read too: one content format stands
 * without quotes, several in quotes with spaces between them, a version without quotes on the object's link, and there is
 * no root link if it would say nothing.
 *
 * @param inventory objects 0, 21 and 23 are left out
 * @returns UTF-8, Content-Format 40
 * @throws {RangeError} for an id that is none
 * @throws {TypeError} for a root path or version that cannot stand in a link
 * @see LwM2M Core 1.1.1 §6.2.1, §7.2.2
 */
export function encodeObjectLinks(inventory: ObjectInventory): Uint8Array {
  const { rootPath, contentFormats, objects } = inventory;
  const prefix = rootPath === '/' ? '' : rootPath;
  const links: Link[] = [];
  if (contentFormats.length > 0 || prefix !== '') {
    const attributes: LinkAttribute[] = [{ name: 'rt', value: ROOT_RESOURCE_TYPE, quoted: true }];
    if (contentFormats.length > 0) {
      attributes.push({ name: 'ct', value: contentFormats.join(' '), quoted: contentFormats.length > 1 });
    }
    links.push({ target: rootPath, attributes });
  }
  for (const { objectId, version, instances } of objects) {
    if (UNLISTED_OBJECTS.includes(objectId)) continue;
    assertId(objectId);
    if (version !== undefined || instances.length === 0) {
      const attributes = version === undefined ? [] : [{ name: 'ver', value: version, quoted: false }];
      links.push({ target: `${prefix}/${objectId}`, attributes });
    }
    for (const instance of instances) {
      assertId(instance);
      links.push({ target: `${prefix}/${objectId}/${instance}`, attributes: [] });
    }
  }
  return encodeUtf8(formatLinkFormat(links));
}

/** The link that stands for the root: the one that says so, or else `</>`, which some clients write with `ct` alone. */
function rootLink(links: readonly Link[]): Link | undefined {
  return (
    links.find((link) => attributeOf(link, 'rt')?.value?.split(' ').includes(ROOT_RESOURCE_TYPE) === true) ??
    links.find(({ target }) => target === '/')
  );
}

function withoutTrailingSlash(target: string): string {
  return target.length > 1 && target.endsWith('/') ? target.slice(0, -1) : target;
}

/** `ct=110` and `ct="110 112"`; what is no number is passed over (RFC 7252 §7.2.1). */
function contentFormatsOf(root: Link | undefined): number[] {
  const list = root === undefined ? undefined : attributeOf(root, 'ct')?.value;
  const numbers = (list ?? '').split(/[ ,]+/).filter((item) => /^[0-9]{1,5}$/.test(item));
  return numbers.map(Number).filter((number) => number <= CONTENT_FORMAT_MOST);
}

function versionOf(link: Link): string | undefined {
  const version = attributeOf(link, 'ver')?.value;
  return version !== undefined && /^[0-9]{1,3}\.[0-9]{1,3}$/.test(version) ? version : undefined;
}

function isObjectOrInstance(path: Path): path is Path & { readonly objectId: number } {
  return path.objectId !== undefined && path.resourceId === undefined;
}

function ascending(ids: Iterable<number>): number[] {
  return [...ids].toSorted((a, b) => a - b);
}
