import type { CoapEndpointOptions } from '../coap-endpoint.ts';
import { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { TakeBytes } from '../endpoint/endpoint-driver.ts';
import type { MessageContext } from '../endpoint/endpoint-event.ts';
import { resolveEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { MessageLayer } from '../message-layer/message-layer.ts';
import { RecentMessages } from '../message-layer/recent-messages.ts';
import { openDatagrams } from '../open-datagrams.ts';
import { derivedTimes } from '../parameters.ts';
import { ClientEndpoint } from './client-endpoint.ts';

/** What a client over datagrams is made of. */
export type DatagramClientOptions = Omit<CoapEndpointOptions, 'handler' | 'streamRequestBody' | 'amplificationLimit'>;

/**
 * Makes an endpoint that is a client only, over datagrams. Requests that it gets are rejected with a Reset. It weighs half
 * of what a `CoapEndpoint` does.
 *
 * @throws {RangeError} a parameter that the RFCs forbid or that means nothing
 */
export function newDatagramClient(options: DatagramClientOptions): ClientEndpoint {
  const { transport, clock, random, logger } = options;
  const parameters = resolveEndpointParameters(options.parameters);
  const { requestTimeoutMs, streamBufferBytes, duplicateBytesMax } = parameters;
  const recent = new RecentMessages({ ...derivedTimes(parameters), duplicateBytesMax });
  const messages = new MessageLayer<MessageContext>(parameters, random, recent);
  const core = new EndpointCore({ parameters, random, messages });
  const take: TakeBytes = (peer, bytes, now) => core.take(messages.handleDatagram(peer, bytes, now), now);
  return new ClientEndpoint({
    transport,
    clock,
    core,
    logger,
    requestTimeoutMs,
    streamBufferBytes,
    open: (driver, ends) => openDatagrams(transport, driver, take, ends),
  });
}
