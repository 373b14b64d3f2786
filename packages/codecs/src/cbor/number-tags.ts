import { type CborReader, peekMajor, readTaggedNumber, refuse } from './cbor-reader.ts';
import type { CborValue } from './cbor-value.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';

/** The milliseconds that a `Date` holds, from 1970 in both directions. */
const DATE_MILLISECONDS_MAX = 8.64e15;

/**
 * Applies tags 0 to 5, as the option `tags` of `decodeCbor`: dates as text and seconds since 1970 become a `Date`, bignums,
 * decimal fractions and bigfloats become numbers.
 *
 * @param reader behind the head of the tag
 * @param tag 0 to 5
 * @param start where the tag begins, for errors
 * @returns a `Date`, a `number`, or a `bigint` beyond ±(2^53 − 1)
 * @throws {DecodeError} `bad-type` and `bad-value` (the content), `too-long` (a bignum)
 * @see RFC 8949 §3.4.1 to §3.4.4
 * @example
 * decodeCbor(fromHex('c11a514b67b0'), { tags: numberTags }) // 2013-03-21T20:04:00.000Z
 */
export function numberTags(reader: CborReader, tag: number, start: number): CborValue {
  // The content is no tagged item itself, but for the mantissa of a fraction.
  if (peekMajor(reader) === MajorType.TAG) refuse(reader, 'bad-type');
  const number = readTaggedNumber(reader, tag, start);
  if (tag > Tag.Epoch) return number;
  const milliseconds = Math.round(Number(number) * 1000);
  if (!(Math.abs(milliseconds) <= DATE_MILLISECONDS_MAX)) refuse(reader, 'bad-value', start);
  return new Date(milliseconds);
}
