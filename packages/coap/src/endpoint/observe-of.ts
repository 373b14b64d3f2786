import { blockOf } from '../block/block-option.ts';
import { decodeUint, type Option, OptionNumber } from '../wire/index.ts';

/** What is asked of an observation; a request for a later block is about none (RFC 7959 §2.6). */
export function observeOf(options: readonly Option[]): number | undefined {
  if ((blockOf(options, OptionNumber.Block2)?.blockNumber ?? 0) > 0) return undefined;
  for (const { number, value } of options) if (number === OptionNumber.Observe) return decodeUint(value);
  return undefined;
}
