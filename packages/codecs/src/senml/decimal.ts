const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]+))?$/;
/** Exponents farther apart than this have no digit in common that a double could show. */
const EXPONENT_SPAN_MAX = 400;

/**
 * Adds two numbers as the decimals they were written as: 1699877805.766 + 0.101 is 1699877805.867, where the sum of the
 * doubles may end in …869. Fields of SenML are decimal numbers, and a base time with a fraction is the usual case.
 *
 * @param a finite
 * @param b finite
 * @returns the double nearest to the decimal sum
 * @see RFC 8428 §4.5.3, §4.5.4
 */
export function addDecimals(a: number, b: number): number {
  if (a === 0) return b;
  if (b === 0) return a;
  const sum = a + b;
  if (Number.isInteger(a) && Number.isInteger(b)) return sum;
  const left = decimalOf(a);
  const right = decimalOf(b);
  const exponent = Math.min(left.exponent, right.exponent);
  if (Math.max(left.exponent, right.exponent) - exponent > EXPONENT_SPAN_MAX) return sum;
  const digits =
    left.digits * 10n ** BigInt(left.exponent - exponent) + right.digits * 10n ** BigInt(right.exponent - exponent);
  return Number(`${digits}e${exponent}`);
}

/** {@link addDecimals} for values, of which either may be a 64-bit integer. */
export function addValues(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = addDecimals(a, b);
    if (Number.isSafeInteger(sum) || !Number.isInteger(a) || !Number.isInteger(b)) return sum;
    return BigInt(a) + BigInt(b);
  }
  if (typeof a === 'number' && !Number.isInteger(a)) return a + Number(b);
  if (typeof b === 'number' && !Number.isInteger(b)) return Number(a) + b;
  return BigInt(a) + BigInt(b);
}

/** The shortest decimal that names a number, as JavaScript prints it: what its sender wrote. */
function decimalOf(value: number): { digits: bigint; exponent: number } {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] = DECIMAL.exec(String(value)) ?? [];
  return { digits: BigInt(sign + whole + fraction), exponent: Number(exponent) - fraction.length };
}
