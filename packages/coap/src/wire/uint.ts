import { DecodeError } from '@motestack/bytes';

/**
 * Reads an option value of the format "uint".
 *
 * @param value the value's bytes; none is 0, and leading zero bytes are accepted as the section demands
 * @returns a non-negative integer
 * @throws {DecodeError} `too-long` for a number beyond 2^53 − 1, which no registered option can hold
 * @see RFC 7252 §3.2
 */
export function decodeUint(value: Uint8Array): number {
  return decodeUintRange(value, 0, value.length);
}

/**
 * Reads a "uint" out of the middle of some bytes, as {@link decodeUint} does.
 *
 * @param bytes hold the value
 * @param start index of its first byte
 * @param end index behind its last byte, at most the length of `bytes`
 * @returns a non-negative integer
 * @throws {DecodeError} `too-long`
 * @see RFC 7252 §3.2
 */
export function decodeUintRange(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let index = start; index < end; index++) number = number * 256 + (bytes[index] as number);
  if (!Number.isSafeInteger(number)) throw new DecodeError('too-long', { offset: start, section: 'RFC 7252 §3.2' });
  return number;
}

/**
 * Writes an option value of the format "uint" in as few bytes as hold it.
 *
 * @param number a non-negative integer up to 2^53 − 1
 * @returns the value's bytes, none for 0
 * @throws {RangeError} anything else
 * @see RFC 7252 §3.2
 */
export function encodeUint(number: number): Uint8Array {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError('a uint is a non-negative safe integer');
  let length = 0;
  for (let rest = number; rest > 0; rest = Math.floor(rest / 256)) length++;
  const value = new Uint8Array(length);
  for (let index = length - 1, rest = number; index >= 0; index--, rest = Math.floor(rest / 256)) {
    value[index] = rest % 256;
  }
  return value;
}
