import { type Option, OptionNumber } from '../wire/index.ts';

/** The value of the Echo option, if it has a legal length (RFC 9175 §2.2.1). */
export function echoOf(options: readonly Option[]): Uint8Array | undefined {
  const value = options.find(({ number }) => number === OptionNumber.Echo)?.value;
  return value !== undefined && value.length >= 1 && value.length <= 40 ? value : undefined;
}
