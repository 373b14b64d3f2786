import type { TransmissionParameters } from '../parameters.ts';
import type { RtoEstimator } from './rto-estimator.ts';

/** What the message layer of a client is told once: the times of RFC 7252 §4.8 and the limits of what can grow. */
export interface PlainLayerParameters extends TransmissionParameters {
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
  /** The memory for telling duplicates, in bytes. Beyond it, requests are answered 5.03. */
  readonly duplicateBytesMax: number;
  /** To how many peers messages may be sent within EXCHANGE_LIFETIME. */
  readonly peersMax: number;
  /** How many expiries one step handles before it yields. */
  readonly workPerStepMax: number;
}

/** What who sends Non-confirmable messages is told once. */
export interface NonConfirmableParameters {
  /**
   * How many bytes of Non-confirmable requests a peer that is not heard may be sent at once; beyond it they go at
   * PROBING_RATE (RFC 7252 §4.7).
   */
  readonly probingBytesMax: number;
  /** How many Non-confirmable messages per peer are remembered, so that a Reset finds its message. */
  readonly nonRememberedMax: number;
}

/** The defaults: `probingBytesMax` is one message of the length that RFC 7252 §4.6 calls an upper bound. */
export const defaultNonConfirmableParameters: NonConfirmableParameters = {
  probingBytesMax: 1152,
  nonRememberedMax: 32,
};

/** What a message layer is told once. */
export interface MessageLayerParameters extends PlainLayerParameters, NonConfirmableParameters {
  /**
   * How much of `duplicateBytesMax` one peer may take with messages that must not run twice; beyond it, its requests are
   * answered 5.03 and those of others are not. Default: an eighth.
   */
  readonly duplicateBytesPerPeerMax: number;
}
