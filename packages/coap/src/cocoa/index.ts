export type { PeerRto, RtoEstimator } from '../message-layer/rto-estimator.ts';
export { type CocoaParameters, cocoa, defaultCocoaParameters } from './cocoa.ts';
