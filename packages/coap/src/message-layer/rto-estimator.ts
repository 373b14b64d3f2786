import type { Instant } from '../effects.ts';

/** What is known of the round trips to one peer. */
export interface PeerRto {
  /** How long is waited for an Acknowledgement, before ACK_RANDOM_FACTOR prolongs it by chance: milliseconds. */
  rtoMs(now: Instant): number;
  /**
   * How many times as long each further wait is.
   *
   * @param firstTimeoutMs the wait before the first retransmission
   */
  backOff(firstTimeoutMs: number): number;
  /**
   * A message was acknowledged.
   *
   * @param rttMs since it was sent first
   * @param retransmissions how often it was sent again: above 0, nobody knows which attempt was acknowledged
   */
  noteRoundTrip(rttMs: number, retransmissions: number, now: Instant): void;
}

/**
 * Takes the place of the fixed ACK_TIMEOUT: estimates for each peer how long its Acknowledgements take.
 *
 * @see RFC 7252 §4.2, §4.7; `@motestack/coap/cocoa` has one
 */
export interface RtoEstimator {
  /** Begins to know a peer. It is forgotten with the peer, EXCHANGE_LIFETIME after the last message to it. */
  peer(): PeerRto;
}
