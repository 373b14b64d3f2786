import { decodeUtf8 } from '@motestack/bytes';
import { type Link, parseLinkFormat } from '@motestack/link-format';
import { ContentFormat } from '../wire/index.ts';
import type { ClientRequestOptions, CoapClient } from './coap-client.ts';

/** What is discovered, and where. */
export interface DiscoverOptions extends Omit<ClientRequestOptions, 'accept' | 'throwOnError'> {
  /** The server, `coap://host:port`. Default: that of the client's base. */
  readonly server?: string;
}

/**
 * Asks a server what it has.
 *
 * @param filters attributes that links must have, and `href` for their targets; a value may end with `*`. Servers may take
 *   one alone, or none.
 * @throws as `CoapClient.get` does
 * @throws {CoapResponseError} the server answered with an error
 * @throws {DecodeError} the answer is not link format
 * @see RFC 6690 §4
 * @example
 * for (const link of await discover(client, { rt: 'temperature-c' })) console.log(link.target);
 */
export async function discover(
  client: Pick<CoapClient, 'get'>,
  filters: Readonly<Record<string, string>> = {},
  options: DiscoverOptions = {},
): Promise<Link[]> {
  const { server = '', ...rest } = options;
  const query = [...Object.entries(filters).map(([name, value]) => `${name}=${value}`), ...(options.query ?? [])];
  const asked = { ...rest, query, accept: ContentFormat.LinkFormat, throwOnError: true };
  const { payload } = await client.get(`${server}/.well-known/core`, asked);
  return parseLinkFormat(decodeUtf8(payload));
}
