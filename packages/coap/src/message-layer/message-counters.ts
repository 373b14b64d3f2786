/** What a message layer counts, since it was made. */
export interface MessageCounters {
  /** Datagrams that came, junk included. */
  datagramsIn: number;
  /** Datagrams that were handed out for sending. */
  datagramsOut: number;
  /** Datagrams that are no message (RFC 7252 §3). */
  malformed: number;
  /** Datagrams longer than `datagramBytesMax`. */
  oversized: number;
  /** Messages that make no sense where they came and are silently ignored: late or forged Acknowledgements, say. */
  ignored: number;
  /** Messages that came again. */
  duplicates: number;
  /** Messages that are new although a message with their ID and another token came within EXCHANGE_LIFETIME. */
  messageIdsReused: number;
  /** Messages that were forgotten before their time, since `duplicateBytesMax` is reached: first idempotent requests. */
  duplicatesEvicted: number;
  /** Requests refused with 5.03 since `duplicateBytesMax` or `duplicateBytesPerPeerMax` is reached. */
  duplicateMemoryFull: number;
  /** Confirmable messages that were sent again. */
  retransmissions: number;
  /** Confirmable messages that nobody acknowledged. */
  transmissionsGivenUp: number;
  /** Notifications that took the place of one in flight (RFC 7641 §4.5.2). */
  superseded: number;
  /** Resets that came. */
  resetsIn: number;
  /** Resets that were sent. */
  resetsOut: number;
  /** Non-confirmable requests that had to wait, since the peer does not answer (PROBING_RATE, RFC 7252 §4.7). */
  probesDelayed: number;
  /** Messages refused since `queueMax` messages to the peer wait. */
  queueFull: number;
  /** Messages refused since all message IDs were used within EXCHANGE_LIFETIME. */
  messageIdsExhausted: number;
  /** Messages refused since `peersMax` is reached. */
  peersFull: number;
}

/** All counters at zero. */
export function newMessageCounters(): MessageCounters {
  return {
    datagramsIn: 0,
    datagramsOut: 0,
    malformed: 0,
    oversized: 0,
    ignored: 0,
    duplicates: 0,
    messageIdsReused: 0,
    duplicatesEvicted: 0,
    duplicateMemoryFull: 0,
    retransmissions: 0,
    transmissionsGivenUp: 0,
    superseded: 0,
    resetsIn: 0,
    resetsOut: 0,
    probesDelayed: 0,
    queueFull: 0,
    messageIdsExhausted: 0,
    peersFull: 0,
  };
}
