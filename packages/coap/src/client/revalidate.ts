import { OptionNumber, ResponseCode } from '../wire/index.ts';
import type { ClientResponse } from './client-response.ts';
import type { ClientRequestOptions, CoapClient, RequestTarget } from './coap-client.ts';

/**
 * Reads a resource again, whose representation only comes if it is another one: the server is told the ETag of the one
 * that is known, and answers 2.03 where it still holds.
 *
 * @param known what was read last; without an ETag it is simply read again
 * @returns `known` with the new time of receipt and Max-Age where it holds, else the new response
 * @throws as `CoapClient.get` does
 * @see RFC 7252 §5.6.2, §5.10.6.2
 */
export async function revalidate(
  client: Pick<CoapClient, 'get'>,
  target: RequestTarget,
  known: ClientResponse,
  options: ClientRequestOptions = {},
): Promise<ClientResponse> {
  const { eTag } = known;
  const own = options.options ?? [];
  const asked = eTag === undefined ? own : [...own, { number: OptionNumber.ETag, value: eTag }];
  const response = await client.get(target, { ...options, options: asked });
  if (response.code !== ResponseCode.Valid) return response;
  return { ...known, receivedAt: response.receivedAt, maxAgeSeconds: response.maxAgeSeconds };
}
