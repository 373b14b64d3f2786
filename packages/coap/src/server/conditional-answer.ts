import { Method, OptionNumber, ResponseCode } from '../wire/index.ts';
import type { CoapAnswer } from './coap-answer.ts';
import type { CoapRequest } from './coap-request.ts';

/** What is there now. */
export interface CurrentRepresentation {
  /** Names it, 1 to 8 bytes; `undefined`: it has no name, so that no ETag matches it. */
  readonly eTag?: Uint8Array | undefined;
  /** For how long 2.03 says that it still holds. */
  readonly maxAgeSeconds?: number | undefined;
}

/** The critical options that a handler understands by `conditionalAnswer`, for the parameter `criticalOptions`. */
export const conditionalOptions: readonly number[] = [OptionNumber.IfMatch, OptionNumber.IfNoneMatch];

/**
 * Evaluates the conditions of a request: call it first in a handler. An endpoint lets If-Match and If-None-Match through
 * to its handler only if its parameter `criticalOptions` has them (`conditionalOptions`); else they get 4.02.
 *
 * @param current what is there now, `undefined` where there is nothing
 * @returns 4.12 where a condition does not hold, 2.03 where the ETag that a GET or FETCH names still holds; `undefined`:
 *   the request is to be performed
 * @see RFC 7252 §5.10.8, §5.10.6.2
 * @example
 * const handler = (request: CoapRequest) => conditionalAnswer(request, { eTag }) ?? write(request.payload);
 */
export function conditionalAnswer(
  request: Pick<CoapRequest, 'code' | 'options'>,
  current: CurrentRepresentation | undefined,
): CoapAnswer | undefined {
  const matches = valuesOf(request, OptionNumber.IfMatch);
  // "An If-Match option with an empty value matches any existing representation" (RFC 7252 §5.10.8.1).
  const isMatch = (value: Uint8Array): boolean =>
    current !== undefined && (value.length === 0 || isEqual(value, current.eTag));
  const isLost = matches.length > 0 && !matches.some(isMatch);
  const isTaken = current !== undefined && valuesOf(request, OptionNumber.IfNoneMatch).length > 0;
  if (isLost || isTaken) return { code: ResponseCode.PreconditionFailed };
  const { code } = request;
  if (current === undefined || (code !== Method.Get && code !== Method.Fetch)) return undefined;
  const { eTag, maxAgeSeconds } = current;
  if (!valuesOf(request, OptionNumber.ETag).some((value) => isEqual(value, eTag))) return undefined;
  return { code: ResponseCode.Valid, eTag, maxAgeSeconds };
}

function valuesOf(request: Pick<CoapRequest, 'options'>, optionNumber: number): Uint8Array[] {
  return request.options.filter(({ number }) => number === optionNumber).map(({ value }) => value);
}

function isEqual(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return left.length === right?.length && left.every((byte, index) => byte === right[index]);
}
