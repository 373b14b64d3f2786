import type { TransmissionParameters } from '../parameters.ts';

/** What a message layer is told once: the times of RFC 7252 §4.8 and the limits of what a peer can make grow. */
export interface MessageLayerParameters extends TransmissionParameters {
  /** The longest datagram that is read or sent, in bytes; 1152 or more (RFC 7252 §4.6). */
  readonly datagramBytesMax: number;
  /** The most options in a message. */
  readonly optionCountMax: number;
  /** How many Confirmable messages may wait for NSTART, per peer. */
  readonly queueMax: number;
  /** How long a Confirmable message may wait for NSTART. */
  readonly queueWaitMaxMs: number;
  /** The memory for telling duplicates, in bytes. Beyond it, requests are answered 5.03. */
  readonly duplicateBytesMax: number;
  /** To how many peers messages may be sent within EXCHANGE_LIFETIME. */
  readonly peersMax: number;
  /** How many Non-confirmable messages per peer are remembered, so that a Reset finds its message. */
  readonly nonRememberedMax: number;
  /** How many expiries one step handles before it yields. */
  readonly workPerStepMax: number;
}
