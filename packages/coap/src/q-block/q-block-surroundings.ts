import type { RandomSource } from '../effects.ts';
import type { LowerLayer } from './lower-layer.ts';
import type { PeerSupport } from './peer-support.ts';
import type { QBlockCounters } from './q-block-counters.ts';
import type { QBlockParameters } from './q-block-parameters.ts';

/** What both halves of the layer work with. */
export interface QBlockSurroundings<Context extends object> {
  readonly parameters: QBlockParameters;
  /** Draws delays and Request-Tags. */
  readonly random: RandomSource;
  readonly counters: QBlockCounters;
  readonly support: PeerSupport;
  readonly lower: LowerLayer<Context>;
  /** MAX_TRANSMIT_SPAN. */
  readonly maxTransmitSpanMs: number;
  /** How long the tokens are that come from above. */
  readonly tokenBytes: number;
}
