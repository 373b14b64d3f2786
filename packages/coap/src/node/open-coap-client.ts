import { CoapClient, type CoapClientOptions, type RequestingEndpoint } from '../client/coap-client.ts';
import { newDatagramClient } from '../client/datagram-client.ts';
import type { PeerId } from '../effects.ts';
import type { EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { interceptDatagrams } from '../trace/intercept-datagrams.ts';
import type { Interceptor } from '../trace/interceptor.ts';
import { type CoapDestination, parseCoapUri } from '../wire/index.ts';
import { nodeClock } from './node-clock.ts';
import { nodeRandom } from './node-random.ts';
import type { OpenCoapEndpointOptions } from './open-coap-endpoint.ts';
import type { StreamClientOptions } from './open-stream.ts';
import { openUdp } from './open-udp.ts';
import { peerIdOf, resolveHost } from './peer-id.ts';

/** How a client is opened. */
export interface OpenCoapClientOptions
  extends Pick<OpenCoapEndpointOptions, 'reconnect' | 'limits' | 'connectionParameters'>,
    Pick<StreamClientOptions, 'tls' | 'webSocket'> {
  /**
   * Carries the datagrams instead of a UDP socket, such as one of `openDtls` of `@motestack/dtls` for `coaps`; closed
   * with the client. A URL says then what is on the other side, and nothing is opened for it.
   */
  readonly transport?: DatagramTransport | undefined;
  /** What differs from `defaultEndpointParameters`. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
  /** See every message in and out: `tracePrinter` of `@motestack/coap/trace` is one. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /**
   * Puts something around all requests, such as `(endpoint) => obeyTooManyRequests(endpoint, { clock: nodeClock })`.
   * Default: nothing.
   */
  readonly around?: ((endpoint: RequestingEndpoint) => RequestingEndpoint) | undefined;
}

/**
 * Opens a CoAP client: on a UDP socket, or over TCP, TLS or WebSocket, by the scheme of the URL.
 *
 * @param url `coap://host:port/base`: the one server, which relative references are resolved against; ICMP errors end
 *   requests at once. Without it the client talks to any server, and every target is a whole URL.
 * @throws {TypeError} a URL with the scheme `coaps` without a `transport`
 * @throws {DecodeError} something that is no URL of CoAP
 * @throws {RangeError} a parameter that the RFCs forbid
 * @throws {Error} what the system answered, with its `code`, such as `ENOTFOUND`
 */
export async function openCoapClient(url?: string, options: OpenCoapClientOptions = {}): Promise<CoapClient> {
  const destination = url === undefined ? undefined : parseCoapUri(url);
  const isGiven = options.transport !== undefined;
  if (!isGiven && url !== undefined && destination?.scheme.includes('+')) return overConnection(url, options);
  const base = destination === undefined || isGiven ? destination : overUdp(destination);
  const carrier = options.transport ?? (await openUdp({ remote: base }));
  const transport = interceptDatagrams(carrier, options.interceptors, nodeClock);
  try {
    const endpoint = newDatagramClient({ ...options, transport, clock: nodeClock, random: nodeRandom });
    const peerOf = (destination: CoapDestination): PeerId | Promise<PeerId> => {
      const { remote } = transport;
      if (remote === undefined || base === undefined) return resolve(overUdp(destination));
      if (isSame(destination, base)) return remote;
      throw new TypeError(`this client talks to ${url} only; one opened without a URL talks to everybody`);
    };
    return clientOf(endpoint, { base: url, peerOf }, options);
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** Who stays with UDP does not load TCP, TLS and WebSocket. */
async function overConnection(url: string, options: OpenCoapClientOptions): Promise<CoapClient> {
  const { openStreamEndpoint } = await import('./open-stream-endpoint.ts');
  const base = parseCoapUri(url);
  const endpoint = await openStreamEndpoint({ ...options, remote: url });
  const { remote } = endpoint;
  const peerOf = (destination: CoapDestination): PeerId => {
    if (remote !== undefined && isSame(destination, base)) return remote;
    throw new TypeError(`this client talks to ${url} only`);
  };
  return clientOf(endpoint, { base: url, peerOf }, options);
}

function clientOf(
  endpoint: RequestingEndpoint,
  about: Pick<CoapClientOptions, 'base' | 'peerOf'>,
  { around = (same) => same }: OpenCoapClientOptions,
): CoapClient {
  return new CoapClient({ endpoint: around(endpoint), clock: nodeClock, random: nodeRandom, ...about });
}

function overUdp(destination: CoapDestination): CoapDestination {
  const { scheme } = destination;
  if (scheme !== 'coap') throw new TypeError(`${scheme}:// needs a transport of its own: see @motestack/dtls`);
  return destination;
}

async function resolve({ host, port }: CoapDestination): Promise<PeerId> {
  return peerIdOf(await resolveHost(host), port);
}

function isSame(left: CoapDestination, right: CoapDestination): boolean {
  return left.scheme === right.scheme && left.host === right.host && left.port === right.port;
}
