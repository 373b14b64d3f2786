import { type Option, OptionNumber, ResponseCode } from '../wire/index.ts';

/** The value of the Echo option, if it has a legal length (RFC 9175 §2.2.1). */
export function echoOf(options: readonly Option[]): Uint8Array | undefined {
  const value = options.find(({ number }) => number === OptionNumber.Echo)?.value;
  return value !== undefined && value.length >= 1 && value.length <= 40 ? value : undefined;
}

/** A request with the Echo value of its response: "the client SHOULD resend the original request" (RFC 9175 §2.3), once. */
export function withEchoOf<Init extends { readonly options?: readonly Option[] }>(
  init: Init,
  response: { readonly code: number; readonly options: readonly Option[] },
): Init | undefined {
  const { options = [] } = init;
  const value = response.code === ResponseCode.Unauthorized ? echoOf(response.options) : undefined;
  if (value === undefined || echoOf(options) !== undefined) return undefined;
  return { ...init, options: [...options, { number: OptionNumber.Echo, value }] };
}
