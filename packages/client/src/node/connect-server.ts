import { lookup } from 'node:dns/promises';
import type { ClientCredentials, DatagramTransport } from '@motestack/coap';
import { nodeClock, nodeRandom, openUdp } from '@motestack/coap/node';
import { DtlsClientTransport, MemorySessionStore, type SessionStore } from '@motestack/dtls';
import { nodeCryptoProvider } from '@motestack/dtls/node';
import type { OpenEndpoint, TransportFactory } from '../client-options.ts';
import { dtlsCredentials } from './dtls-credentials.ts';

/** The default ports (RFC 7252 §6.1, §6.2; RFC 8323 §8.1 to §8.4). */
const PORTS = {
  'coap:': 5683,
  'coaps:': 5684,
  'coap+tcp:': 5683,
  'coaps+tcp:': 5684,
  'coap+ws:': 80,
  'coaps+ws:': 443,
} as const;

/** The scheme of a server's URI, with its colon. */
export type ServerScheme = keyof typeof PORTS;

/** So many DTLS sessions are kept: one for each address of each server that was spoken to last. */
const SESSIONS_MAX = 16;

/** The bindings that there are transports for: `/1/x/7`. */
export const NODE_BINDINGS = 'UT';

/**
 * Makes what connects a client to its servers: over UDP, with DTLS on it for `coaps`, over TCP, TLS and WebSocket. DTLS
 * sessions outlive their sockets, so that a handshake with a server that is known is a short one (RFC 5246 §7.3).
 */
export function serverConnector(): TransportFactory {
  const sessions = new MemorySessionStore(nodeClock, SESSIONS_MAX);
  return (uri, candidate, security) => connectServer({ uri, candidate, security, sessions });
}

/** A server that is to be connected to. */
interface Destination {
  readonly uri: string;
  /** Which of the name's addresses, from 0, in the system's order of preference. */
  readonly candidate: number;
  /** What the server is shown and known by. */
  readonly security: ClientCredentials | undefined;
  readonly sessions: SessionStore;
}

async function connectServer(destination: Destination): Promise<DatagramTransport | OpenEndpoint | undefined> {
  const { uri, candidate, security } = destination;
  const { scheme, host, port } = assertServerUri(uri, security);
  const addresses = await lookup(host, { all: true });
  const address = addresses[candidate]?.address;
  if (address === undefined) return undefined;
  if (scheme === 'coap:' || scheme === 'coaps:') {
    return openDatagrams(destination, { host, address, port });
  }
  // Who stays with UDP does not load TCP, TLS and WebSocket.
  const { openStream } = await import('./open-stream.ts');
  return openStream({ uri, scheme, host, address, port, security });
}

async function openDatagrams(
  { security, sessions }: Destination,
  { host, address, port }: { readonly host: string; readonly address: string; readonly port: number },
): Promise<DatagramTransport> {
  const transport = await openUdp({ remote: { host: address, port } });
  if (security === undefined) return transport;
  try {
    return new DtlsClientTransport({
      ...dtlsCredentials(security, host),
      transport,
      sessions,
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
 * @throws {TypeError} unless its scheme is one of CoAP's, with credentials where the scheme has an `s`
 */
export function assertServerUri(
  uri: string,
  security: ClientCredentials | undefined,
): { readonly scheme: ServerScheme; readonly host: string; readonly port: number } {
  const url = new URL(uri);
  const scheme = Object.keys(PORTS).find((known): known is ServerScheme => known === url.protocol);
  if (scheme === undefined || url.hostname === '') {
    throw new TypeError(`${uri} is not of the form coap://host:port: the schemes are ${Object.keys(PORTS).join(' ')}`);
  }
  const isSecure = scheme.startsWith('coaps');
  if (isSecure && security === undefined) throw new TypeError(`${uri} needs credentials: say them in security`);
  if (!isSecure && security !== undefined) {
    const secure = scheme.replace('coap', 'coaps').replace(':', '');
    throw new TypeError(
      `${uri} would be spoken to in the clear, and security says credentials: its scheme is ${secure}`,
    );
  }
  // An IPv6 address stands in brackets in a URL, and without them everywhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { scheme, host, port: url.port === '' ? PORTS[scheme] : Number(url.port) };
}
