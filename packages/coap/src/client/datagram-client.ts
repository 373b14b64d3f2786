import type { CoapEndpointOptions } from '../coap-endpoint.ts';
import { blockWise } from '../endpoint/block-wise.ts';
import { resolveEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { nonConfirmable } from '../message-layer/transmissions.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import { clientOverDatagrams } from './client-over-datagrams.ts';

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
  const { streamBufferBytes } = parameters;
  const parts = { bodies: blockWise, transmissions: nonConfirmable };
  const footing = clientOverDatagrams(transport, parameters, random, parts);
  return new ClientEndpoint({ ...footing, clock, logger, streamBufferBytes });
}
