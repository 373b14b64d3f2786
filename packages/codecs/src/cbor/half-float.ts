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
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (fraction + 0x400) * 2 ** (exponent - 25);
}

/**
 * The binary16 that holds a number exactly.
 *
 * @param value a number that a binary32 holds exactly
 * @returns 0 to 65535, or −1 if there is none
 * @see RFC 8949 §4.1 (shortest form that preserves the value)
 */
export function halfBits(value: number): number {
  single[0] = value;
  const bits = singleBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7f_ffff;
  if (exponent === 128) return fraction === 0 ? sign | 0x7c00 : 0x7e00;
  if (exponent === -127) return fraction === 0 ? sign : -1;
  if (exponent >= -14 && exponent <= 15) {
    return (fraction & 0x1fff) === 0 ? sign | ((exponent + 15) << 10) | (fraction >>> 13) : -1;
  }
  if (exponent < -24 || exponent > 15) return -1;
  const shift = -1 - exponent; // a subnormal half: the leading 1 is written too
  const whole = fraction | 0x80_0000;
  return (whole & ((1 << shift) - 1)) === 0 ? sign | (whole >>> shift) : -1;
}
