import { lookup } from 'node:dns/promises';
import type { ClientCredentials, DatagramTransport } from '@motestack/coap';
import { nodeClock, nodeRandom, openUdp } from '@motestack/coap/node';
import { DtlsClientTransport } from '@motestack/dtls';
import { nodeCryptoProvider } from '@motestack/dtls/node';
import { dtlsCredentials } from './dtls-credentials.ts';

/** The default ports (RFC 7252 §6.1, §6.2). */
const PORTS = { 'coap:': 5683, 'coaps:': 5684 } as const;

/**
 * Opens a UDP socket that is connected to one address of a server's name, with DTLS on it for `coaps`. The handshake
 * begins with what is sent first.
 *
 * @param uri `coap://host:port` or `coaps://host:port`
 * @param candidate which of the name's addresses, from 0, in the system's order of preference
 * @param security what the server is shown and known by
 * @returns `undefined` when the name has no so many addresses
 * @throws {TypeError} for a URI that is none, and for credentials that do not go with it
 * @throws the system's error when the name cannot be resolved or the socket cannot be opened
 */
export async function connectServer(
  uri: string,
  candidate: number,
  security: ClientCredentials | undefined,
): Promise<DatagramTransport | undefined> {
  const { scheme, host, port } = assertServerUri(uri, security);
  const addresses = await lookup(host, { all: true });
  const address = addresses[candidate]?.address;
  if (address === undefined) return undefined;
  const transport = await openUdp({ remote: { host: address, port } });
  if (scheme === 'coap:' || security === undefined) return transport;
  try {
    return new DtlsClientTransport({
      ...dtlsCredentials(security, host),
      transport,
      clock: nodeClock,
      random: nodeRandom,
      provider: nodeCryptoProvider,
    });
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/**
 * Takes a server's URI apart.
 *
 * @throws {TypeError} unless it is of the form `coap://host:port`, or `coaps://host:port` with credentials
 */
export function assertServerUri(
  uri: string,
  security: ClientCredentials | undefined,
): { readonly scheme: keyof typeof PORTS; readonly host: string; readonly port: number } {
  const url = new URL(uri);
  const { protocol: scheme } = url;
  if ((scheme !== 'coap:' && scheme !== 'coaps:') || url.hostname === '') {
    throw new TypeError(`${uri} is not of the form coap://host:port or coaps://host:port`);
  }
  if (scheme === 'coaps:' && security === undefined)
    throw new TypeError(`${uri} needs credentials: say them in security`);
  if (scheme === 'coap:' && security !== undefined) {
    throw new TypeError(`${uri} would be spoken to in the clear, and security says credentials: its scheme is coaps`);
  }
  // An IPv6 address stands in brackets in a URL, and without them everywhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { scheme, host, port: url.port === '' ? PORTS[scheme] : Number(url.port) };
}
