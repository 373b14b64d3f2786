import type { CoapStreamEndpointOptions } from '../coap-stream-endpoint.ts';
import { ConnectionLayer } from '../connection/connection-layer.ts';
import { resolveConnectionParameters } from '../connection/connection-parameters.ts';
import { blockWise } from '../endpoint/block-wise.ts';
import { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { MessageContext } from '../endpoint/endpoint-event.ts';
import { resolveEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { obeyConnectionEvent, openConnections } from '../open-connections.ts';
import { ClientEndpoint } from './client-endpoint.ts';

/** What a client over connections is made of. */
export type ConnectionClientOptions = Omit<CoapStreamEndpointOptions, 'handler' | 'streamRequestBody'>;

/**
 * Makes an endpoint that is a client only, over connections. Requests that it gets are dropped. It weighs less than a
 * `CoapStreamEndpoint`.
 *
 * @throws {RangeError} a parameter that the RFCs forbid or that means nothing
 * @see RFC 8323
 */
export function newConnectionClient(options: ConnectionClientOptions): ClientEndpoint {
  const { transport, clock, random, logger } = options;
  const parameters = resolveEndpointParameters(options.parameters);
  const { requestTimeoutMs, streamBufferBytes } = parameters;
  const layer = new ConnectionLayer<MessageContext>({
    parameters: resolveConnectionParameters(options.connectionParameters),
    framing: transport.framing,
    remote: transport.remote,
  });
  const core = new EndpointCore({ parameters, random, messages: layer, bodies: blockWise });
  return new ClientEndpoint({
    transport,
    clock,
    core,
    logger,
    requestTimeoutMs,
    streamBufferBytes,
    handleConnectionEvent: (event) => obeyConnectionEvent(event, transport, logger),
    open: (driver, { closed }) => openConnections({ transport, layer, core, driver }, closed),
  });
}
