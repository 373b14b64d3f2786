import { ContentError } from '../content-error.ts';

/**
 * Writes a number in JSON.
 *
 * @param value any number
 * @returns the shortest text that reads back as the same number; −0 keeps its sign
 * @throws {ContentError} `not-representable` for NaN and the infinities
 * @see RFC 8259 §6
 */
export function formatJsonNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (!Number.isFinite(value)) throw new ContentError('not-representable');
  return Object.is(value, -0) ? '-0' : String(value);
}
