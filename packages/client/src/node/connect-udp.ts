import { lookup } from 'node:dns/promises';
import type { DatagramTransport } from '@motestack/coap';
import { openUdp } from '@motestack/coap/node';

const COAP_PORT = 5683;

/**
 * Opens a UDP socket that is connected to one address of a server's name.
 *
 * @param uri `coap://host:port`
 * @param candidate which of the name's addresses, from 0, in the system's order of preference
 * @returns `undefined` when the name has no so many addresses
 * @throws {TypeError} for a URI that is none
 * @throws the system's error when the name cannot be resolved or the socket cannot be opened
 */
export async function connectUdp(uri: string, candidate: number): Promise<DatagramTransport | undefined> {
  const { host, port } = assertServerUri(uri);
  const addresses = await lookup(host, { all: true });
  const address = addresses[candidate]?.address;
  return address === undefined ? undefined : openUdp({ remote: { host: address, port } });
}

/**
 * Takes a server's URI apart.
 *
 * @throws {TypeError} unless it is `coap://host` or `coap://host:port`
 */
export function assertServerUri(uri: string): { readonly host: string; readonly port: number } {
  const url = new URL(uri);
  if (url.protocol !== 'coap:' || url.hostname === '') {
    throw new TypeError(`${uri} is not of the form coap://host:port: NoSec over UDP is what this version speaks`);
  }
  // An IPv6 address stands in brackets in a URL, and without them everywhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? COAP_PORT : Number(url.port) };
}
