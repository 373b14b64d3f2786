import type { CoapRequest, RequestHandler } from '@motestack/coap';
import type { ClientCore } from '../client-core.ts';

/**
 * What answers a request in the application's stead: nothing where a path of LwM2M begins, with a number, the alternate root
 * or the bootstrap's own name.
 *
 * @see LwM2M Transport 1.1.1 §6.4.2, §6.4.4
 */
export function ownHandler(
  { options, rootSegments }: Pick<ClientCore, 'options' | 'rootSegments'>,
  { path: [first] }: Pick<CoapRequest, 'path'>,
): RequestHandler | undefined {
  const isLwM2m = first === undefined || first === 'bs' || first === rootSegments[0] || /^[0-9]*$/.test(first);
  return isLwM2m ? undefined : options.resources?.handler;
}
