import { type CoapRouterOptions, CoapRouter as PortableRouter } from '../router/coap-router.ts';
import { nodeClock } from './node-clock.ts';

/**
 * Leads requests to handlers by path and method.
 *
 * @typeParam Identity what `identityOf` says of a peer
 * @example
 * const router = new CoapRouter();
 * router.get('/sensors/:id', ({ params }) => content(read(params.id)));
 * await openCoapEndpoint({ url: 'coap://[::]', handler: router.handler });
 */
export class CoapRouter<Identity = undefined> extends PortableRouter<Identity> {
  /** @param options without a clock: that of Node is filled in */
  constructor(options: Partial<CoapRouterOptions<Identity>> = {}) {
    super({ clock: nodeClock, ...options });
  }
}
