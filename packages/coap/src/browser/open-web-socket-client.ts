import { CoapClient } from '../client/coap-client.ts';
import { type ConnectionClientOptions, newConnectionClient } from '../client/connection-client.ts';
import type { PeerId } from '../effects.ts';
import { COAP_SUBPROTOCOL, COAP_WEBSOCKET_PATH } from '../websocket/handshake.ts';
import { type StandardWebSocket, webSocketTransport } from '../websocket/web-socket-transport.ts';
import { type CoapDestination, parseCoapUri } from '../wire/index.ts';
import { browserClock } from './browser-clock.ts';
import { browserRandom } from './browser-random.ts';
import { platform } from './platform.ts';

/** How a client over the platform's WebSocket is opened. */
export interface OpenWebSocketClientOptions
  extends Pick<ConnectionClientOptions, 'parameters' | 'connectionParameters' | 'logger'> {
  /** Where on the server: the path of the WebSocket. Default `/.well-known/coap` (RFC 8323 §8.3). */
  readonly path?: string | undefined;
  /** Makes the socket, with the subprotocol. Default: `new WebSocket(url, protocol)` of the platform. */
  readonly newSocket?: ((url: string, protocol: string) => StandardWebSocket) | undefined;
}

/**
 * Opens a CoAP client over the platform's WebSocket: in a browser, Deno, Bun, or Node from 22.
 *
 * There is one connection. When it is lost, requests reject with a `ConnectionLostError` and observations end with one;
 * who wants to go on opens another client.
 *
 * @param url `coap+ws://host:port/base` or `coaps+ws://…`: the server, which relative references are resolved against
 * @throws {TypeError} another scheme, or a platform without WebSocket
 * @throws {DecodeError} something that is no URL of CoAP
 * @throws {RangeError} a parameter that the RFCs forbid
 * @see RFC 8323 §4, §8.3, §8.4
 * @example
 * const client = openWebSocketClient('coaps+ws://example.com');
 * console.log((await client.get('/temperature')).text());
 */
export function openWebSocketClient(url: string, options: OpenWebSocketClientOptions = {}): CoapClient {
  const base = parseCoapUri(url);
  const socket = (options.newSocket ?? newPlatformSocket)(
    socketUrl(base, options.path ?? COAP_WEBSOCKET_PATH),
    COAP_SUBPROTOCOL,
  );
  const transport = webSocketTransport(socket);
  const endpoint = newConnectionClient({ transport, clock: browserClock, random: browserRandom, ...options });
  const peerOf = (destination: CoapDestination): PeerId => {
    const isSame = (['scheme', 'host', 'port'] as const).every((part) => destination[part] === base[part]);
    if (isSame && transport.remote !== undefined) return transport.remote;
    throw new TypeError(`this client talks to ${url} only`);
  };
  return new CoapClient({ endpoint, clock: browserClock, random: browserRandom, base: url, peerOf });
}

/** "the scheme component … is replaced by" `ws` or `wss`; the default ports are the same (RFC 8323 §8.3, §8.4). */
function socketUrl({ scheme, host, port }: CoapDestination, path: string): string {
  if (scheme !== 'coap+ws' && scheme !== 'coaps+ws') throw new TypeError(`${scheme}:// is not for a WebSocket`);
  const name = host.includes(':') ? `[${host}]` : host;
  return `${scheme === 'coap+ws' ? 'ws' : 'wss'}://${name}:${port}${path}`;
}

function newPlatformSocket(url: string, protocol: string): StandardWebSocket {
  const { WebSocket } = platform;
  if (WebSocket === undefined) throw new TypeError('this platform has no WebSocket: give newSocket');
  return new WebSocket(url, protocol);
}
