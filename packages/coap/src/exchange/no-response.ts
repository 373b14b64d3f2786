import { codeClass, decodeUint, type Option, OptionNumber, ResponseCode } from '../wire/index.ts';

/**
 * Which classes of responses a request does not want.
 *
 * @returns the value of its No-Response option, bit n − 1 for class n; 0 without one, or where it is too long to count
 * @see RFC 7967 §2, §2.1
 */
export function unwantedClasses(options: readonly Option[]): number {
  for (const { number, value } of options) {
    if (number === OptionNumber.NoResponse) return value.length > 1 ? 0 : decodeUint(value);
  }
  return 0;
}

/**
 * Whether a response is of a class that is not wanted. 2.31 is no answer but asks for the next block, without which the
 * request would not come to its end (RFC 7959 §2.9.1).
 */
export function isUnwanted(unwanted: number, code: number): boolean {
  return code !== ResponseCode.Continue && (unwanted & (1 << (codeClass(code) - 1))) !== 0;
}

/** The value of No-Response that asks for no response of any class (RFC 7967 §2.1). */
export const ALL_UNWANTED = 26;
