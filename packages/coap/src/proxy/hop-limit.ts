import { encodeUintOption, type Option, OptionNumber } from '../wire/index.ts';

/** What a proxy adds where there is none (RFC 8768 §3). */
const HOP_LIMIT_DEFAULT = 16;

/**
 * What a proxy makes of the Hop-Limit of a request before it forwards it: one less, or the default where there is none.
 *
 * @param options those of the request that came
 * @param initial what is added where there is none, 1 to 255
 * @returns the options to forward with; `undefined`: the limit is used up, and the answer is 5.08
 *   (`ResponseCode.HopLimitReached`)
 * @throws {RangeError} `initial` is not 1 to 255
 * @see RFC 8768 §3
 */
export function nextHopLimit(
  options: readonly Option[],
  initial: number = HOP_LIMIT_DEFAULT,
): readonly Option[] | undefined {
  if (!(Number.isInteger(initial) && initial >= 1 && initial <= 255)) throw new RangeError('a Hop-Limit is 1 to 255');
  const present = options.find(({ number }) => number === OptionNumber.HopLimit);
  // Of an illegal length it counts as absent (RFC 7252 §5.4.3).
  const value = present?.value.length === 1 ? (present.value[0] as number) : undefined;
  if (value !== undefined && value <= 1) return undefined;
  const others = options.filter(({ number }) => number !== OptionNumber.HopLimit);
  const next = encodeUintOption(OptionNumber.HopLimit, value === undefined ? initial : value - 1);
  return [...others, next].toSorted((left, right) => left.number - right.number);
}
