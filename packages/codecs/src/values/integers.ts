import type { Path } from '@motestack/model';
import { ContentError } from '../content-error.ts';

const INT64_LEAST = -(2n ** 63n);
const INT64_MOST = 2n ** 63n - 1n;
const UINT64_MOST = 2n ** 64n - 1n;

/**
 * An integer as this library shows it: `number` where that is exact, `bigint` beyond ±(2^53 − 1).
 *
 * @param value any bigint
 * @returns the same integer
 */
export function normalizeInteger(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/**
 * Checks that a number is an Integer or Unsigned Integer of LwM2M: whole, and within 64 bits.
 *
 * @param value from a payload or from a caller; a float is taken when it is whole, such as `23.0`
 * @param unsigned whether negative numbers are refused
 * @param path for the error
 * @returns the integer; −0 becomes 0
 * @throws {ContentError} `wrong-type` for a fraction, `out-of-range`
 * @see LwM2M Core 1.1.1 Appendix C
 */
export function checkInteger(value: number | bigint, unsigned: boolean, path: Path): number | bigint {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) {
      if (unsigned && value < 0) throw new ContentError('out-of-range', { path });
      return value + 0; // -0 + 0 is 0
    }
    if (!Number.isInteger(value)) throw new ContentError('wrong-type', { path });
  }
  const exact = BigInt(value);
  const [least, most] = unsigned ? [0n, UINT64_MOST] : [INT64_LEAST, INT64_MOST];
  if (exact < least || exact > most) throw new ContentError('out-of-range', { path });
  return normalizeInteger(exact);
}
