import type { CoapEndpoint, PeerId } from '@motestack/coap/node';

/** The one peer of an endpoint that was opened with `remote`. */
export function remoteOf(endpoint: CoapEndpoint): PeerId {
  if (endpoint.remote === undefined) throw new TypeError('the endpoint is not connected');
  return endpoint.remote;
}
