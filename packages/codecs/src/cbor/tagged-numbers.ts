import { normalizeInteger } from '../values/integers.ts';

/** Beyond this exponent a fraction is zero or infinite as a double, whatever its mantissa of {@link BIGNUM_BYTES_MAX}. */
const EXPONENT_MAX = 2000;

/**
 * The integer of tag 2 or 3, or of a head.
 *
 * @param bytes big-endian, leading zeros allowed; few
 * @param isNegative tag 3: −1 − n
 * @returns a `bigint` beyond ±(2^53 − 1)
 * @see RFC 8949 §3.4.3
 */
export function bignum(bytes: Uint8Array, isNegative = false): number | bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return normalizeInteger(isNegative ? -1n - value : value);
}

/**
 * The number of tag 4, mantissa × 10^exponent, or of tag 5, mantissa × 2^exponent, as the double nearest to it.
 *
 * @param base of the exponent
 * @param exponent an integer
 * @param mantissa an integer
 * @returns an exact integer where the exponent is not negative; `undefined` if no double is near
 * @see RFC 8949 §3.4.4; RFC 8428 §6 (SenML numbers may be decimal fractions)
 */
export function fractionOf(
  base: 2 | 10,
  exponent: number | bigint,
  mantissa: number | bigint,
): number | bigint | undefined {
  if (exponent === 0) return mantissa;
  if (typeof exponent === 'bigint' || Math.abs(exponent) > EXPONENT_MAX) return undefined;
  // Two steps: 2^exponent alone may be beyond a double where the product is not.
  const half = Math.trunc(exponent / 2);
  const value = base === 10 ? Number(`${mantissa}e${exponent}`) : Number(mantissa) * 2 ** half * 2 ** (exponent - half);
  if (!Number.isFinite(value)) return undefined;
  return exponent < 0 || Number.isSafeInteger(value) ? value : BigInt(mantissa) * BigInt(base) ** BigInt(exponent);
}

/**
 * The seconds since 1970 of a date as tag 0 has it.
 *
 * @param text RFC 3339: `2013-03-21T20:04:00Z`
 * @returns `undefined` for other text
 * @see RFC 8949 §3.4.1
 */
export function epochOfDateText(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase());
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
