import { decodeUtf8 } from '@motestack/bytes';
import { SimulatedNetwork } from '@motestack/testkit';
import { clientPair } from '../client/coap-client.fixture.ts';
import { CoapRouter, type CoapRouterOptions } from './coap-router.ts';

/** A router in virtual time that nobody moves. */
export function newRouter<Identity = undefined>(
  options: Partial<CoapRouterOptions<Identity>> = {},
): CoapRouter<Identity> {
  return new CoapRouter({ clock: new SimulatedNetwork({ seed: 1 }).clock, ...options });
}

/** Asks routers over a simulated network, and says what they answer in words: `2.05 text`. */
export function asking(router: { readonly handler: CoapRouter['handler'] }) {
  const made = clientPair(router.handler);
  const ask = async (method: 'get' | 'post' | 'put' | 'delete' | 'fetch' | 'patch' | 'iPatch', path: string) => {
    const { status, payload } = await made.network.settle(made.coap[method](path));
    return `${status} ${decodeUtf8(payload)}`.trim();
  };
  return { ...made, ask };
}
