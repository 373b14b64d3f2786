import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { PeerId } from '../effects.ts';
import { parseCoapUri } from '../wire/index.ts';

const MAPPED_PREFIX = '::ffff:';

/**
 * Names the peer at an address. IPv4 and its IPv6-mapped form are one peer, whatever way it is written.
 *
 * @param address an IP address; IPv6 without brackets, with a zone where it needs one
 * @param port 0 to 65535
 * @throws {TypeError} something that is no IP address
 * @example
 * peerIdOf('::ffff:127.0.0.1', 5683) // '127.0.0.1:5683'
 */
export function peerIdOf(address: string, port: number): PeerId {
  const canonical = canonicalAddress(address);
  return canonical.includes(':') ? `[${canonical}]:${port}` : `${canonical}:${port}`;
}

/**
 * The URL of an address: that of the peer at it, with the zone written as a URL writes it.
 *
 * @throws {TypeError} something that is no IP address
 * @see RFC 6874 §2
 */
export function udpUrl(address: string, port: number): string {
  return `coap://${peerIdOf(address, port).replace('%', '%25')}`;
}

/**
 * Finds the peer that a URL names, by DNS if need be.
 *
 * @param url such as `coap://localhost:5683`; without a port that of the scheme
 * @throws {DecodeError} not a URL of CoAP
 * @throws {Error} what DNS answered, with its `code`
 */
export async function resolvePeer(url: string): Promise<PeerId> {
  const { host, port } = parseCoapUri(url);
  return peerIdOf(await resolveHost(host), port);
}

/** Finds the address of a host; an address is its own. */
export async function resolveHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return canonicalAddress(host);
  const { address } = await lookup(host);
  return canonicalAddress(address);
}

/** The one way to write an address: RFC 5952, and IPv4 where it is IPv4. */
function canonicalAddress(address: string): string {
  const family = isIP(address);
  if (family === 4) return address;
  if (family === 0) throw new TypeError(`not an IP address: ${address}`);
  // The name of a zone keeps its letters: case counts in names of interfaces.
  const [bare = '', ...zone] = address.split('%');
  const canonical = new URL(`coap://[${bare.toLowerCase()}]`).hostname.slice(1, -1);
  if (canonical.startsWith(MAPPED_PREFIX)) return dotted(canonical.slice(MAPPED_PREFIX.length));
  return [canonical, ...zone].join('%');
}

/** `7f00:1` is 127.0.0.1. */
function dotted(groups: string): string {
  const [high = 0, low = 0] = groups.split(':').map((group) => Number.parseInt(group, 16));
  return [high >>> 8, high & 0xff, low >>> 8, low & 0xff].join('.');
}
