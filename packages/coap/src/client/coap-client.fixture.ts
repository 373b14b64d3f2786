import type { NetworkFaults } from '@motestack/testkit';
import { type Pair, pair, SERVER } from '../coap-endpoint.fixture.ts';
import type { CoapEndpointOptions } from '../coap-endpoint.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import { CoapClient } from './coap-client.ts';

/** A server, and a client with the base `coap://10.0.0.1/base/`. */
export function clientPair(
  handler: RequestHandler,
  faults: NetworkFaults & { readonly seed?: number } = {},
  parameters: CoapEndpointOptions['parameters'] = {},
): Pair & { readonly coap: CoapClient } {
  const made = pair(handler, faults, parameters);
  const { client: endpoint, network } = made;
  const coap = new CoapClient({
    endpoint,
    clock: network.clock,
    random: network.randomSource,
    base: 'coap://10.0.0.1/base/',
    peerOf: ({ host, port }) => {
      if (`${host}:${port}` === SERVER) return SERVER;
      return Promise.reject(new Error(`no such host: ${host}`));
    },
  });
  return { ...made, coap };
}
