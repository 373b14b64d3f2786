import { decodeBlock, isCritical, type Message, OptionNumber } from '../wire/index.ts';

/**
 * The first critical option of a response that is not understood, for which the response is to be rejected. Block2 is
 * understood where it says that the whole body is here: block 0 and no more to come.
 *
 * @returns the option's number; `undefined`: the response can be used
 * @see RFC 7252 §5.4.1; RFC 7959 §2.2
 */
export function rejectedOption(response: Pick<Message, 'options'>): number | undefined {
  for (const { number, value } of response.options) {
    if (!isCritical(number)) continue;
    if (number !== OptionNumber.Block2 || value.length > 3) return number;
    const { blockNumber, more } = decodeBlock(value);
    if (blockNumber !== 0 || more) return number;
  }
  return undefined;
}
