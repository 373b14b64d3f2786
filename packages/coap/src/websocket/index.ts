export type { DisconnectAdvice, StreamReceiver, StreamTransport } from '../platform/stream-transport.ts';
export { CloseCode } from './frame-parser.ts';
export { COAP_SUBPROTOCOL, COAP_WEBSOCKET_PATH, type HandshakePolicy } from './handshake.ts';
export {
  defaultWebSocketLimits,
  WebSocketCore,
  type WebSocketEvent,
  type WebSocketLimits,
  type WebSocketRole,
  type WebSocketStep,
} from './web-socket.ts';
export {
  type StandardWebSocket,
  type StandardWebSocketEvent,
  type WebSocketTransportOptions,
  webSocketTransport,
} from './web-socket-transport.ts';
