import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import { attributeOf, formatLinkFormat, type Link, type LinkAttribute } from '@motestack/link-format';
import {
  AttributeError,
  formatAttributeQuery,
  formatPath,
  isAttributeName,
  type NotificationAttributes,
  type Path,
  parseAttributeValue,
} from '@motestack/model';
import type { DecodeLimits, Leniency } from '../payload-context.ts';
import { parseLinks, pathOfTarget } from './link-path.ts';

const SECTION = 'LwM2M Core 1.1.1 §6.3.2';
const DIMENSION = /^[0-9]{1,5}$/;

/** One link of a Discover answer. */
export interface DiscoveredNode {
  /** An object, object instance, resource or resource instance. */
  readonly path: Path;
  /** What is attached there, by the server that asks. */
  readonly attributes: NotificationAttributes;
  /** `dim`: how many instances a multiple resource has. */
  readonly dimension?: number;
  /** `ver`: the version of the object, `major.minor`. */
  readonly version?: string;
}

/** How a Discover answer is read. */
export interface DecodeDiscoveryOptions {
  /** The alternate path of the device, such as `/lwm2m`. `/` unless said. */
  readonly rootPath?: string;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<DecodeLimits>;
  /** What differs from the defaults; `linkSpaces`, `linkTrailingComma` and `linkUnquotedLists` count here. */
  readonly leniency?: Partial<Leniency>;
}

/**
 * Decodes the answer to a Discover.
 *
 * Attributes that are not known, and links to something else than a path of LwM2M, are left out. Quotes around
 * values and a slash at the end of a path are read as devices write them.
 *
 * @param payload UTF-8, Content-Format 40
 * @param options the alternate path and limits
 * @returns the links in their order
 * @throws {DecodeError} `bad-utf8`, `bad-syntax`, `bad-value` (a known attribute with a value that it cannot have),
 *   `too-long`, `too-many`
 * @see LwM2M Core 1.1.1 §6.3.2, §5.1.2; RFC 6690 §2
 */
export function decodeDiscovery(payload: Uint8Array, options: DecodeDiscoveryOptions = {}): DiscoveredNode[] {
  const { rootPath = '/', limits, leniency } = options;
  const nodes: DiscoveredNode[] = [];
  for (const [index, link] of parseLinks(payload, limits, leniency).entries()) {
    const path = pathOfTarget(link.target, rootPath);
    if (path !== undefined) nodes.push(nodeOfLink(link, path, index));
  }
  return nodes;
}

/**
 * Encodes the answer to a Discover: `dim` and `ver` first, then the attributes, none of them in quotes.
 *
 * @param nodes in the order of the links
 * @param rootPath the alternate path of the device; `/` unless said
 * @returns UTF-8, Content-Format 40
 * @throws {RangeError} for a path or attribute that is none
 * @see LwM2M Core 1.1.1 §6.3.2
 */
export function encodeDiscovery(nodes: readonly DiscoveredNode[], rootPath = '/'): Uint8Array {
  const prefix = rootPath === '/' ? '' : rootPath;
  const links = nodes.map((node): Link => {
    const path = formatPath(node.path);
    return { target: path === '/' ? rootPath : prefix + path, attributes: attributesOfNode(node) };
  });
  return encodeUtf8(formatLinkFormat(links));
}

function nodeOfLink(link: Link, path: Path, index: number): DiscoveredNode {
  const attributes: Record<string, number | boolean> = {};
  for (const { name, value } of link.attributes) {
    // Of two with one name the first counts, as everywhere in links.
    if (!isAttributeName(name) || value === undefined || Object.hasOwn(attributes, name)) continue;
    try {
      attributes[name] = parseAttributeValue(name, value);
    } catch (cause) {
      if (!AttributeError.is(cause)) throw cause;
      throw new DecodeError('bad-value', { offset: index, section: SECTION, cause });
    }
  }
  const dimension = attributeOf(link, 'dim')?.value;
  const version = attributeOf(link, 'ver')?.value;
  if (dimension !== undefined && !DIMENSION.test(dimension)) {
    throw new DecodeError('bad-value', { offset: index, section: SECTION });
  }
  return {
    path,
    attributes,
    ...(dimension === undefined ? {} : { dimension: Number(dimension) }),
    ...(version === undefined ? {} : { version }),
  };
}

function attributesOfNode({ attributes, dimension, version }: DiscoveredNode): LinkAttribute[] {
  const list: LinkAttribute[] = [];
  if (dimension !== undefined) list.push({ name: 'dim', value: String(dimension), quoted: false });
  if (version !== undefined) list.push({ name: 'ver', value: version, quoted: false });
  for (const parameter of formatAttributeQuery(attributes)) {
    const [name = '', value] = parameter.split('=');
    list.push({ name, value, quoted: false });
  }
  return list;
}
