import { DecodeError, type DecodeErrorCode, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import type { Option } from './message.ts';
import { opaqueOption, opaqueOptions, uintOption } from './option-access.ts';
import { optionDefinition } from './option-definition.ts';
import { OptionNumber } from './option-number.ts';

/**
 * The ports that are meant where a URI names none.
 *
 * @see RFC 7252 §12.6, §12.7; RFC 8323 §8
 */
export const DEFAULT_PORTS = {
  /** UDP */
  coap: 5683,
  /** DTLS */
  coaps: 5684,
  /** TCP */
  'coap+tcp': 5683,
  /** TLS */
  'coaps+tcp': 5684,
  /** WebSocket */
  'coap+ws': 80,
  /** WebSocket over TLS */
  'coaps+ws': 443,
} as const;

/** The scheme of a URI that names a CoAP resource. */
export type CoapScheme = keyof typeof DEFAULT_PORTS;

/** Where a request goes. */
export interface CoapDestination {
  /** Chooses the transport. */
  readonly scheme: CoapScheme;
  /** A host name in lower case, or an IP address: IPv6 without brackets, with its zone as in `fe80::1%eth0`. */
  readonly host: string;
  /** The port of the transport. */
  readonly port: number;
}

/** A URI, taken apart. */
export interface CoapUri extends CoapDestination {
  /** Uri-Host (of a host name only), Uri-Path and Uri-Query, ascending by number. */
  readonly options: readonly Option[];
}

const SECTION = 'RFC 7252 §6.4';
/** scheme, host, port, path, query, fragment; what is in them is looked at later. */
const PARTS = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(\[[^\]]*\]|[^:/?#@]*)(?::(\d*))?(\/[^?#]*)?(?:\?([^#]*))?(#.*)?$/s;
const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
/** Good enough to tell an address from a name; whether it is one, the transport finds out. */
const IPV6 = /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%25[A-Za-z0-9\-._~%]+)?$/;
const PATH_OR_QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

/**
 * Takes a URI apart: where a request for it goes, and with which options.
 *
 * @param uri an absolute URI of one of the schemes of {@link DEFAULT_PORTS}, without fragment
 * @throws {DecodeError} `bad-syntax`, `bad-value` (scheme, port), `too-long` for a host, segment or argument that no
 *   option can hold, `bad-utf8`
 * @see RFC 7252 §6.4
 * @example
 * parseCoapUri('coap://example.com/~sensors/temp.xml')
 */
export function parseCoapUri(uri: string): CoapUri {
  const [, schemePart = '', hostPart = '', portPart, path = '', query, fragment] = PARTS.exec(uri) ?? [];
  if (schemePart === '' || hostPart === '' || fragment !== undefined) throw error('bad-syntax');
  const scheme = schemePart.toLowerCase();
  if (!isCoapScheme(scheme)) throw error('bad-value');
  if (!PATH_OR_QUERY.test(path) || !PATH_OR_QUERY.test(query ?? '')) throw error('bad-syntax');
  const port = portPart === undefined || portPart === '' ? DEFAULT_PORTS[scheme] : Number(portPart);
  if (port > 0xffff) throw error('bad-value');
  const { host, isName } = parseHost(hostPart);
  const options = isName ? [stringOption(OptionNumber.UriHost, encodeUtf8(host))] : [];
  // A path of "" or "/" has no segment (step 8).
  if (path.length > 1) options.push(...decodeAll(OptionNumber.UriPath, path.slice(1).split('/')));
  if (query !== undefined) options.push(...decodeAll(OptionNumber.UriQuery, query.split('&')));
  return { scheme, host, port, options };
}

/**
 * Puts together the URI that a request means.
 *
 * A slash in a query argument is written `%2F`: the steps of the section leave that open, the example in Appendix B
 * does it.
 *
 * @param options those of the request
 * @param destination where it went: scheme, address and port
 * @throws {DecodeError} `bad-value` for a Uri-Host that is neither name nor address
 * @see RFC 7252 §6.5
 */
export function formatCoapUri(options: readonly Option[], destination: CoapDestination): string {
  const { scheme } = destination;
  const message = { options };
  const uriHost = opaqueOption(message, OptionNumber.UriHost);
  const host = uriHost === undefined ? formatAddress(destination.host) : formatHost(uriHost);
  const port = uintOption(message, OptionNumber.UriPort) ?? destination.port;
  const authority = port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
  const segments = opaqueOptions(message, OptionNumber.UriPath).map((value) => `/${percentEncode(value, SEGMENT)}`);
  const query = opaqueOptions(message, OptionNumber.UriQuery).map((value) => percentEncode(value, ARGUMENT));
  const path = segments.length === 0 ? '/' : segments.join('');
  return `${scheme}://${authority}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

function isCoapScheme(scheme: string): scheme is CoapScheme {
  return Object.hasOwn(DEFAULT_PORTS, scheme);
}

function parseHost(part: string): { host: string; isName: boolean } {
  if (part.startsWith('[')) {
    const host = part.slice(1, -1);
    if (!IPV6.test(host)) throw error('bad-syntax');
    // The name of a zone is the machine's own: case counts, and it may hold whatever the machine allows.
    const zoneAt = host.indexOf('%25');
    if (zoneAt < 0) return { host: host.toLowerCase(), isName: false };
    const zone = host.slice(zoneAt + 3);
    if (!PATH_OR_QUERY.test(zone)) throw error('bad-syntax', 'RFC 6874 §2');
    const name = decodeUtf8(percentDecode(zone), 'RFC 6874 §2');
    return { host: `${host.slice(0, zoneAt).toLowerCase()}%${name}`, isName: false };
  }
  if (IPV4.test(part)) return { host: part, isName: false };
  if (!REG_NAME.test(part)) throw error('bad-syntax');
  return { host: decodeUtf8(percentDecode(part.toLowerCase()), SECTION), isName: true };
}

function decodeAll(number: OptionNumber, parts: readonly string[]): Option[] {
  return parts.map((part) => stringOption(number, percentDecode(part)));
}

function stringOption(number: OptionNumber, value: Uint8Array): Option {
  if (value.length > (optionDefinition(number)?.lengthMax ?? 0)) throw error('too-long');
  return { number, value };
}

function percentDecode(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const escaped = text[index] === '%';
    bytes.push(escaped ? Number.parseInt(text.slice(index + 1, index + 3), 16) : text.charCodeAt(index));
    if (escaped) index += 2;
  }
  return Uint8Array.from(bytes);
}

/** Unreserved, sub-delims, ":" and "@" (step 6). */
const SEGMENT = /[A-Za-z0-9\-._~!$&'()*+,;=:@]/;
/** The same without "&", and "?" (step 8); "/" is not among them, as in Appendix B. */
const ARGUMENT = /[A-Za-z0-9\-._~!$'()*+,;=:@?]/;
/** Unreserved. */
const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** Unreserved and sub-delims. */
const HOST_CHARACTER = /[A-Za-z0-9\-._~!$&'()*+,;=]/;

function percentEncode(bytes: Uint8Array, literal: RegExp): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += literal.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function formatHost(value: Uint8Array): string {
  const text = decodeUtf8(value, 'RFC 7252 §6.5');
  const isAddress = IPV4.test(text) || (text.startsWith('[') && text.endsWith(']') && IPV6.test(text.slice(1, -1)));
  if (isAddress) return text;
  // What is not ASCII is percent-encoded; what is ASCII must be a name as it stands (step 2).
  for (const byte of value) {
    if (byte < 0x80 && !HOST_CHARACTER.test(String.fromCharCode(byte))) throw error('bad-value', 'RFC 7252 §6.5');
  }
  if (value.length === 0) throw error('bad-value', 'RFC 7252 §6.5');
  return percentEncode(value, HOST_CHARACTER);
}

function formatAddress(host: string): string {
  if (!host.includes(':')) return host;
  const [address = '', ...zone] = host.split('%');
  // "%25" stands before the zone, which is percent-encoded itself (RFC 6874 §2).
  const suffix = zone.length === 0 ? '' : `%25${percentEncode(encodeUtf8(zone.join('%')), UNRESERVED)}`;
  return `[${address}${suffix}]`;
}

function error(code: DecodeErrorCode, section: string = SECTION): DecodeError {
  return new DecodeError(code, { offset: 0, section });
}
