import { CoapStreamEndpoint } from '../coap-stream-endpoint.ts';
import type { StreamTransport } from '../platform/stream-transport.ts';
import { interceptStreams } from '../trace/intercept-streams.ts';
import { nodeClock } from './node-clock.ts';
import { nodeRandom } from './node-random.ts';
import type { OpenCoapEndpointOptions } from './open-coap-endpoint.ts';
import {
  openStreamClient,
  openStreamServer,
  type StreamClientOptions,
  type StreamServerOptions,
} from './open-stream.ts';

/**
 * Opens a CoAP endpoint over TCP, TLS or WebSocket: with `url` a server, with `remote` a client; either side of a
 * connection may ask and answer.
 *
 * @throws {TypeError} neither or both of `url` and `remote`, another scheme, TLS without keys
 * @throws {RangeError} a parameter that the RFCs forbid
 * @throws {Error} what the system or DNS answered, with its `code`
 * @see RFC 8323
 * @example
 * const client = await openStreamEndpoint({ remote: 'coaps+ws://example.com' });
 * const response = await client.request(client.remote, { method: 'GET', path: ['temperature'] });
 */
export async function openStreamEndpoint(options: OpenCoapEndpointOptions): Promise<CoapStreamEndpoint> {
  const { handler, streamRequestBody, parameters, connectionParameters, logger } = options;
  const transport = interceptStreams(await openTransport(options), options.interceptors, nodeClock);
  try {
    const world = { transport, clock: nodeClock, random: nodeRandom };
    return new CoapStreamEndpoint({ ...world, handler, streamRequestBody, parameters, connectionParameters, logger });
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function openTransport(options: OpenCoapEndpointOptions): Promise<StreamTransport> {
  const { url, remote, tls, webSocket, limits, reconnect } = options;
  if (url !== undefined && remote !== undefined) throw new TypeError('over connections it is either url or remote');
  if (url !== undefined) {
    const server = { tls: tls as StreamServerOptions['tls'], webSocket: webSocket as StreamServerOptions['webSocket'] };
    return openStreamServer({ url, ...server, limits });
  }
  if (remote !== undefined) {
    const client = { tls: tls as StreamClientOptions['tls'], webSocket: webSocket as StreamClientOptions['webSocket'] };
    return openStreamClient({ remote, ...client, limits, reconnect });
  }
  throw new TypeError('a server needs url, a client needs remote');
}
