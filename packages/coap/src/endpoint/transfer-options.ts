import { blockOf } from '../block/block-option.ts';
import type { TransferMessage } from '../block/client-transfer.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import { encodeUintOption, ObserveRequest, type Option, OptionNumber } from '../wire/index.ts';

/** The options of a request with the Observe option of its purpose. */
export function withObserve(options: readonly Option[], purpose: ExchangePurpose): readonly Option[] {
  if (purpose === 'observe') return [...options, encodeUintOption(OptionNumber.Observe, ObserveRequest.Register)];
  if (purpose === 'cancel') return [...options, encodeUintOption(OptionNumber.Observe, ObserveRequest.Deregister)];
  return options;
}

/** Whether it carries or asks for another block than the first. */
export function isLaterBlock({ isRequest, options }: TransferMessage): boolean {
  return !isRequest || (blockOf(options, OptionNumber.Block1)?.blockNumber ?? 0) > 0;
}
