import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import { attributeOf, formatLinkFormat, type Link, type LinkAttribute } from '@motestack/link-format';
import { formatPath, type Path } from '@motestack/model';
import type { DecodeLimits, Leniency } from '../payload-context.ts';
import { parseLinks, pathOfTarget } from './link-path.ts';

const SECTION = 'LwM2M Core 1.1.1 §6.1.7.3';
/** A Short Server ID is 1 to 65534; what is read here is only that it is a number of an identifier's size. */
const SHORT_SERVER_ID = /^\d{1,5}$/;
const VERSION = /^\d{1,3}\.\d{1,3}$/;

/** One object or object instance that a Bootstrap-Discover names. */
export interface BootstrapNode {
  /** An object or an object instance. */
  readonly path: Path;
  /** `ver`: the version of the object, `major.minor`. */
  readonly version?: string;
  /**
   * `ssid`: which server the instance belongs to; of objects 0, 1 and, from 1.2 on, 21. An instance of object 0 without it is the
   * account of the bootstrap server.
   */
  readonly shortServerId?: number;
  /** `uri`: of an instance of object 0, where its server is. */
  readonly uri?: string;
}

/** The answer to a Bootstrap-Discover. */
export interface BootstrapDiscovery {
  /** `lwm2m`: the version of the enabler that the client speaks; `undefined` where it said none. */
  readonly lwm2mVersion: string | undefined;
  /** The links in their order. */
  readonly nodes: readonly BootstrapNode[];
}

/**
 * Decodes the answer to a Bootstrap-Discover. The version stands on the root link, `</>;lwm2m=1.1`, with quotes or without; links to
 * resources or elsewhere, and attributes that are not known, are left out.
 *
 * @param payload UTF-8, Content-Format 40
 * @param options limits and leniencies of links
 * @throws {DecodeError} `bad-utf8`, `bad-syntax`, `bad-value` (an `ssid` or `lwm2m` that is none), `too-long`, `too-many`
 * @see LwM2M Core 1.1.1 §6.1.7.3
 * @example
 * decodeBootstrapDiscovery(encodeUtf8('</>;lwm2m=1.1,</0/0>,</0/1>;ssid=101,</1/0>;ssid=101'))
 */
export function decodeBootstrapDiscovery(
  payload: Uint8Array,
  options: { readonly limits?: Partial<DecodeLimits>; readonly leniency?: Partial<Leniency> } = {},
): BootstrapDiscovery {
  let lwm2mVersion: string | undefined;
  const nodes: BootstrapNode[] = [];
  for (const [index, link] of parseLinks(payload, options.limits, options.leniency).entries()) {
    const path = pathOfTarget(link.target, '/');
    if (path === undefined || path.resourceId !== undefined) continue;
    if (path.objectId === undefined) lwm2mVersion ??= checked(link, 'lwm2m', VERSION, index);
    else nodes.push(nodeOfLink(link, path, index));
  }
  return { lwm2mVersion, nodes };
}

/**
 * Encodes the answer to a Bootstrap-Discover.
 *
 * @param discovery the version and the links in their order
 * @returns UTF-8, Content-Format 40
 * @throws {RangeError} for a path that is none
 * @see LwM2M Core 1.1.1 §6.1.7.3
 */
export function encodeBootstrapDiscovery({ lwm2mVersion, nodes }: BootstrapDiscovery): Uint8Array {
  const root: Link[] = lwm2mVersion === undefined ? [] : [{ target: '/', attributes: [plain('lwm2m', lwm2mVersion)] }];
  const links = nodes.map((node): Link => ({ target: formatPath(node.path), attributes: attributesOf(node) }));
  return encodeUtf8(formatLinkFormat([...root, ...links]));
}

function attributesOf({ version, shortServerId, uri }: BootstrapNode): LinkAttribute[] {
  return [
    ...(version === undefined ? [] : [plain('ver', version)]),
    ...(shortServerId === undefined ? [] : [plain('ssid', String(shortServerId))]),
    ...(uri === undefined ? [] : [{ name: 'uri', value: uri, quoted: true }]),
  ];
}

function plain(name: string, value: string): LinkAttribute {
  return { name, value, quoted: false };
}

function nodeOfLink(link: Link, path: Path, index: number): BootstrapNode {
  const version = attributeOf(link, 'ver')?.value;
  const shortServerId = checked(link, 'ssid', SHORT_SERVER_ID, index);
  const uri = attributeOf(link, 'uri')?.value;
  return {
    path,
    ...(version === undefined ? {} : { version }),
    ...(shortServerId === undefined ? {} : { shortServerId: Number(shortServerId) }),
    ...(uri === undefined ? {} : { uri }),
  };
}

function checked(link: Link, name: string, form: RegExp, index: number): string | undefined {
  const value = attributeOf(link, name)?.value;
  if (value !== undefined && !form.test(value)) throw new DecodeError('bad-value', { offset: index, section: SECTION });
  return value;
}
