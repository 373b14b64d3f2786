import { newBlockCounters } from '../block/block-counters.ts';
import { defaultBlockParameters } from '../block/block-parameters.ts';
import { derivedTimes } from '../parameters.ts';
import type { MakeBodyTransfers } from './body-transfers.ts';
import { EndpointTransfers } from './endpoint-transfers.ts';

/** The part of a client that cuts and joins bodies of several blocks, notifications too (RFC 7959). */
export const blockWise: MakeBodyTransfers = ({ client, parameters, messages }) =>
  new EndpointTransfers({
    client,
    parameters: { ...defaultBlockParameters, ...parameters },
    exchangeLifetimeMs: derivedTimes(parameters).exchangeLifetimeMs,
    counters: newBlockCounters(),
    blockLimits: (peer) => messages.blockLimits?.(peer),
  });
