const PAIR = /[0-9a-f]{2}/gi;
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Reads hexadecimal text. Meant for constants, tests and tools, not for input from outside.
 *
 * @param text pairs of digits in either case; white space between pairs is skipped
 * @returns the bytes
 * @throws {TypeError} anything but pairs of digits and white space
 * @example
 * fromHex('40 01 7D34') // Uint8Array [0x40, 0x01, 0x7d, 0x34]
 */
export function fromHex(text: string): Uint8Array {
  if (text.replaceAll(PAIR, '').trim() !== '') throw new TypeError('not pairs of hexadecimal digits');
  return Uint8Array.from(text.match(PAIR) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * Writes bytes as hexadecimal text.
 *
 * @param bytes any bytes
 * @returns two lower-case digits for each byte, with nothing between them
 */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}
