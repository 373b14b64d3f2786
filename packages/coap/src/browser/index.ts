export { CoapClient } from '../client/coap-client.ts';
export type { RandomSource } from '../effects.ts';
export type { Clock } from '../platform/clock.ts';
export type { StandardWebSocket } from '../websocket/web-socket-transport.ts';
export { browserClock } from './browser-clock.ts';
export { browserRandom } from './browser-random.ts';
export { type OpenWebSocketClientOptions, openWebSocketClient } from './open-web-socket-client.ts';
