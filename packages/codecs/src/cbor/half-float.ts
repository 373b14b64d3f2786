const single = /* @__PURE__ */ new Float32Array(1);
const singleBits = /* @__PURE__ */ new Uint32Array(single.buffer);

/**
 * Decodes an IEEE 754 binary16.
 *
 * @param bits 0 to 65535
 * @returns the number
 * @see RFC 8949 Appendix D
 */
export function decodeHalf(bits: number): number {
  const size = bits & 0x7fff;
  // A zero or subnormal counts steps of 2^-24; otherwise the exponent of a binary32 is greater by 112, or all ones too.
  if (size < 0x400) return (bits < 0x8000 ? size : -size) * 2 ** -24;
  const most = size < 0x7c00 ? 0x3800_0000 : 0x7000_0000;
  singleBits[0] = ((bits & 0x8000) << 16) | ((size << 13) + most);
  return single[0] as number;
}

/**
 * The binary16 that holds a number exactly.
 *
 * @param value a number that a binary32 holds exactly
 * @returns 0 to 65535, or −1 if there is none
 * @see RFC 8949 §4.1 (shortest form that preserves the value)
 */
export function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  single[0] = value;
  const bits = singleBits[0] as number;
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return ((bits >>> 16) & 0x8000) | 0x7c00;
  // Below 2^-14 a binary16 counts steps of 2^-24; above, its bits are the upper ones of the binary32, the exponent less 112.
  const low = size < 2 ** -14 ? size * 2 ** 24 : ((bits & 0x7fff_ffff) - 0x3800_0000) / 0x2000;
  return Number.isInteger(low) && low < 0x7c00 ? ((bits >>> 16) & 0x8000) | low : -1;
}
