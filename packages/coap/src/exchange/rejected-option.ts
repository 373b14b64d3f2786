import { BERT_SZX, decodeBlock, isCritical, type Message, OptionNumber } from '../wire/index.ts';

/**
 * The first critical option of a response that is not understood, for which the response is to be rejected. The block
 * options are understood, once each and with a size that the transport knows.
 *
 * @param allowsBert whether the transport is reliable: it knows SZX 7 (RFC 8323 §6)
 * @returns the option's number; `undefined`: the response can be used
 * @see RFC 7252 §5.4.1; RFC 7959 §2.1, §2.2
 */
export function rejectedOption(response: Pick<Message, 'options'>, allowsBert = false): number | undefined {
  let previous = -1;
  for (const { number, value } of response.options) {
    if (isCritical(number)) {
      const isBlock = number === OptionNumber.Block1 || number === OptionNumber.Block2;
      if (!isBlock || number === previous || value.length > 3) return number;
      if (!allowsBert && decodeBlock(value).szx === BERT_SZX) return number;
    }
    previous = number;
  }
  return undefined;
}
