import type { ConnectionLayer } from './connection/connection-layer.ts';
import type { ConnectionLayerEvent } from './connection/connection-layer-event.ts';
import type { EndpointCore } from './endpoint/endpoint-core.ts';
import type { EndpointDriver } from './endpoint/endpoint-driver.ts';
import type { MessageContext } from './endpoint/endpoint-event.ts';
import type { Logger } from './platform/logger.ts';
import type { StreamTransport } from './platform/stream-transport.ts';

/** What is joined when a transport of connections is opened. */
export interface StreamParts {
  /** Carries the connections. */
  readonly transport: StreamTransport;
  /** Takes what comes. */
  readonly layer: ConnectionLayer<MessageContext>;
  /** Decides. */
  readonly core: EndpointCore;
  /** Does what is decided. */
  readonly driver: EndpointDriver;
}

/** Opens a transport: what comes of connections goes through the layer into the core. */
export function openConnections(
  { transport, layer, core, driver }: StreamParts,
  closed: (cause?: Error) => void,
): void {
  const take = (make: (now: number) => ReturnType<typeof layer.handleTimeout>): void => {
    const now = driver.now();
    driver.consume(core.take(make(now), now));
  };
  transport.open({
    connected: (peer) => take((now) => layer.handleConnected(peer, now)),
    bytes: (peer, chunk) => take((now) => layer.handleBytes(peer, chunk, now)),
    disconnected: (peer, cause) => take((now) => layer.handleDisconnected(peer, now, cause)),
    closed,
  });
}

/** Does with connections what the core wishes. */
export function obeyConnectionEvent(
  event: ConnectionLayerEvent,
  transport: StreamTransport,
  logger: Logger | undefined,
): void {
  const { kind, peer } = event;
  switch (kind) {
    case 'connect':
      transport.connect?.();
      return;
    case 'disconnect': {
      const holdOffSeconds = event.loss.advice?.holdOffSeconds;
      transport.disconnect(peer, holdOffSeconds === undefined ? {} : { holdOffMs: 1000 * holdOffSeconds });
      return;
    }
    case 'connected':
      logger?.debug?.({ peer, ...event.capabilities }, 'a connection is there');
      return;
    case 'custody':
      return;
    case 'released':
      logger?.info?.({ peer, ...event.advice }, 'the peer releases its connection');
      return;
    case 'connection-lost':
      logger?.debug?.({ peer, reason: event.loss.reason, detail: event.loss.detail }, 'a connection is no more');
  }
}
