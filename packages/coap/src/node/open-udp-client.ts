import type { ClientParts, PlainClientParameters } from '../client/client-over-datagrams.ts';
import { newPlainClient } from '../client/new-plain-client.ts';
import type { PlainClient } from '../client/plain-client.ts';
import type { Logger } from '../platform/logger.ts';
import { nodeClock } from './node-clock.ts';
import { nodeRandom } from './node-random.ts';
import { openUdp, type UdpOptions } from './open-udp.ts';

/** How a client over UDP is opened. */
export interface OpenUdpClientOptions extends Omit<UdpOptions, 'multicast'>, ClientParts {
  /** What differs from `defaultEndpointParameters`. Only those of RFC 7252 §4.8 are checked. */
  readonly parameters?: Partial<PlainClientParameters> | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/**
 * Opens the smallest client over UDP: requests, observations and pings, to peers by their address. Bodies of several
 * blocks need the part `blockWise`, Non-confirmable requests the part `nonConfirmable`. With a `remote` its socket is
 * connected: nobody else is heard, and ICMP errors end requests at once. `openCoapClient` has everything: URLs, streamed bodies, iterators, and TCP, TLS and WebSocket.
 *
 * @throws {RangeError} a parameter that RFC 7252 §4.8.1 forbids
 * @throws {Error} what the system answered, with its `code`, such as `ENOTFOUND`
 * @example
 * const client = await openUdpClient();
 * const response = await client.request('192.0.2.1:5683', { method: 'GET', path: ['temperature'] });
 */
export async function openUdpClient(options: OpenUdpClientOptions = {}): Promise<PlainClient> {
  const transport = await openUdp(options);
  try {
    return newPlainClient({ ...options, transport, clock: nodeClock, random: nodeRandom });
  } catch (error) {
    await transport.close();
    throw error;
  }
}
