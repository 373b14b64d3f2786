import type { ClientEndpoint } from '../client/client-endpoint.ts';
import type { RequestOptions } from '../client/coap-request-init.ts';
import type { PeerId } from '../effects.ts';
import { ResetError } from '../errors.ts';
import { OptionNumber, ResponseCode } from '../wire/index.ts';

/**
 * Finds out by trial whether a peer takes tokens as long as those of an endpoint: a Confirmable GET with If-None-Match,
 * for which state is kept.
 *
 * What it says holds for half an hour, and a day at the most: addresses change hands (RFC 8974 §2.2.2).
 *
 * @param endpoint its parameters `tokenBytesMax` and `tokenBytes` are the length that is tried
 * @returns `false`: the peer rejects such a message, or answers that the token is too long for it (4.00), or is so now (5.03)
 * @throws as `request` does, but for a `ResetError`
 * @see RFC 8974 §2.2.2, §3.2
 * @example
 * const trial = newDatagramClient({ transport, clock, random, parameters: { tokenBytesMax: 44, tokenBytes: 44 } });
 * const isLong = await takesExtendedTokens(trial, '192.0.2.1:5683');
 */
export async function takesExtendedTokens(
  endpoint: Pick<ClientEndpoint, 'request'>,
  peer: PeerId,
  options?: RequestOptions,
): Promise<boolean> {
  const condition = { number: OptionNumber.IfNoneMatch, value: new Uint8Array(0) };
  try {
    const { code } = await endpoint.request(peer, { method: 'GET', options: [condition] }, options);
    return code !== ResponseCode.BadRequest && code !== ResponseCode.ServiceUnavailable;
  } catch (error) {
    if (ResetError.is(error)) return false;
    throw error;
  }
}
