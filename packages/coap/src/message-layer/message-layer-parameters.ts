import type { TransmissionParameters } from '../parameters.ts';
import type { RtoEstimator } from './rto-estimator.ts';

/** What a message layer is told once: the times of RFC 7252 §4.8 and the limits of what a peer can make grow. */
export interface MessageLayerParameters extends TransmissionParameters {
  /** Takes the place of `ackTimeoutMs` for each peer that is known: `cocoa()`. Default: none. */
  readonly rtoEstimator?: RtoEstimator | undefined;
  /** The longest datagram that is read or sent, in bytes; 1152 or more (RFC 7252 §4.6). */
  readonly datagramBytesMax: number;
  /**
   * The longest token of a request that is served, and that a request of ours may have, in bytes. Above 8, tokens of any
   * length are read, and a request with a longer one is answered 4.00 (RFC 8974 §2.1, §2.2.2).
   */
  readonly tokenBytesMax: number;
  /** The most options in a message. */
  readonly optionCountMax: number;
  /** How many Confirmable messages may wait for NSTART, per peer, and how many Non-confirmable ones for PROBING_RATE. */
  readonly queueMax: number;
  /** How long a message may wait for NSTART or PROBING_RATE. */
  readonly queueWaitMaxMs: number;
  /**
   * How many bytes of Non-confirmable requests a peer that is not heard may be sent at once; beyond it they go at
   * PROBING_RATE (RFC 7252 §4.7).
   */
  readonly probingBytesMax: number;
  /** The memory for telling duplicates, in bytes. Beyond it, requests are answered 5.03. */
  readonly duplicateBytesMax: number;
  /**
   * How much of that one peer may take with messages that must not run twice; beyond it, its requests are answered 5.03
   * and those of others are not. Default: an eighth.
   */
  readonly duplicateBytesPerPeerMax: number;
  /** To how many peers messages may be sent within EXCHANGE_LIFETIME. */
  readonly peersMax: number;
  /** How many Non-confirmable messages per peer are remembered, so that a Reset finds its message. */
  readonly nonRememberedMax: number;
  /** How many expiries one step handles before it yields. */
  readonly workPerStepMax: number;
}
