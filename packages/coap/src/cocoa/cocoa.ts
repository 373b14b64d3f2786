import type { RtoEstimator } from '../message-layer/rto-estimator.ts';
import { CocoaPeer } from './cocoa-peer.ts';

/** What bounds the estimates of CoCoA. */
export interface CocoaParameters {
  /** The estimate before anything was measured. */
  readonly rtoInitialMs: number;
  /** No estimate is shorter: a peer may take a moment now and then. */
  readonly rtoMinMs: number;
  /** No estimate is longer. */
  readonly rtoMaxMs: number;
}

/** The values of the draft; `rtoMinMs` is ours, the draft has no least value. */
export const defaultCocoaParameters: CocoaParameters = { rtoInitialMs: 2000, rtoMinMs: 50, rtoMaxMs: 32_000 };

/**
 * CoCoA: per peer, a strong estimator of the round trip (messages that were sent once) and a weak one (sent two or three
 * times) make the time after which a Confirmable message is sent again; short times back off faster, long ones slower,
 * and what was not confirmed for a while ages towards the default.
 *
 * @param parameters what differs from `defaultCocoaParameters`
 * @throws {RangeError} bounds that are not positive, or out of order
 * @see draft-ietf-core-cocoa-03 §4.2
 * @example
 * const endpoint = await openCoapEndpoint({ parameters: { rtoEstimator: cocoa() } });
 */
export function cocoa(parameters: Partial<CocoaParameters> = {}): RtoEstimator {
  const resolved = { ...defaultCocoaParameters, ...parameters };
  const { rtoMinMs, rtoInitialMs, rtoMaxMs } = resolved;
  const isOrdered = rtoMinMs > 0 && rtoMinMs <= rtoInitialMs && rtoInitialMs <= rtoMaxMs && Number.isFinite(rtoMaxMs);
  if (!isOrdered) throw new RangeError('0 < rtoMinMs <= rtoInitialMs <= rtoMaxMs');
  return { peer: () => new CocoaPeer(resolved) };
}
