import type { CoapResponse } from '../client/coap-response.ts';
import { ResponseCode } from '../wire/index.ts';
import type { CoapAnswer } from './coap-answer.ts';

/** Max-Age where it is not said (RFC 7252 §5.10.5). */
const MAX_AGE_SECONDS = 60;

/**
 * The answer to a client that asks too often.
 *
 * @param waitSeconds when it may ask again
 * @see RFC 8516 §3
 */
export function tooManyRequests(waitSeconds: number): CoapAnswer {
  return { code: ResponseCode.TooManyRequests, maxAgeSeconds: waitSeconds };
}

/**
 * How long a client that was told to is to wait before it sends a similar request.
 *
 * @returns milliseconds from the receipt of the response; `undefined` for a response other than 4.29 and 5.03
 * @see RFC 8516 §4; RFC 7252 §5.9.3.4 for 5.03
 */
export function retryAfterMs(response: Pick<CoapResponse, 'code' | 'maxAgeSeconds'>): number | undefined {
  const { code, maxAgeSeconds = MAX_AGE_SECONDS } = response;
  const isToWait = code === ResponseCode.TooManyRequests || code === ResponseCode.ServiceUnavailable;
  return isToWait ? maxAgeSeconds * 1000 : undefined;
}
