import type { PeerId } from '../effects.ts';
import { isCritical, isNoCacheKey, type Option, OptionNumber } from '../wire/index.ts';

/**
 * What tells one block-wise operation from another: who, which method, and all options but those that say which block,
 * how long the whole is, or that are elective and no part of a cache key. Request-Tag is one of those that count, and
 * so is Content-Format: blocks of different formats never meet. The token is not: every block may have its own.
 *
 * @see RFC 9175 §3.3; RFC 7959 §2.3
 */
export function operationKey(peer: PeerId, code: number, options: readonly Option[]): string {
  // Joined at the end: a string that grows is kept in all its pieces.
  const parts = [`${peer} ${code}`];
  for (const { number, value } of ascending(options)) {
    if (!distinguishes(number)) continue;
    // With the length, so that no value can pass for two.
    parts.push(` ${number}:${value.length}:`, String.fromCharCode(...value));
  }
  return parts.join('');
}

/** Those of a message that came are in order already. */
function ascending(options: readonly Option[]): readonly Option[] {
  const isAscending = options.every(({ number }, index) => number >= (options[index - 1]?.number ?? 0));
  return isAscending ? options : options.toSorted((left, right) => left.number - right.number);
}

function distinguishes(optionNumber: number): boolean {
  switch (optionNumber) {
    case OptionNumber.Block1:
    case OptionNumber.Block2:
    // An observation is of the whole resource (RFC 7959 §2.6): later blocks are asked for without it.
    case OptionNumber.Observe:
    // "MUST NOT be used on Block1 requests with NUM != 0" (RFC 7959 §2.10): only the first block has it.
    case OptionNumber.IfNoneMatch:
      return false;
    default:
      return isCritical(optionNumber) || !isNoCacheKey(optionNumber);
  }
}
