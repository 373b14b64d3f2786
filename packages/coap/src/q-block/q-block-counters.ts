/** What is counted of transfers with Q-Block. */
export interface QBlockCounters {
  /** Blocks of bodies that were sent, first time or again. */
  qBlocksOut: number;
  /** Blocks of bodies that came, without those that came already. */
  qBlocksIn: number;
  /** Blocks that came again. */
  qBlocksDuplicate: number;
  /** Blocks that did not fit what was said of their body, and reports that cannot be read. */
  qBlocksWrong: number;
  /** How often missing blocks were asked for. */
  qBlockRecoveries: number;
  /** Peers that refused Q-Block. */
  qBlockFallbacks: number;
  /** Bodies that were given up in part: NON_MAX_RETRANSMIT is over. */
  qBlockBodiesGivenUp: number;
  /** Request bodies that were refused, since a limit is reached. */
  qBlockUploadsRefused: number;
  /** Response bodies that gave way to others. */
  qBlockResponsesEvicted: number;
  /** Bodies that waited for PROBING_RATE. */
  qBlockBodiesDelayed: number;
}

/** What a Q-Block endpoint holds, beside what every endpoint does. */
export interface QBlockGauges extends QBlockCounters {
  /** Requests with Q-Block that are under way or observe. */
  readonly qBlockRequests: number;
  /** Peers that were sent a body and not heard since. */
  readonly qBlockSilentPeers: number;
  /** Request bodies that are received, or remembered as answered. */
  readonly qBlockUploads: number;
  /** The memory that is set aside for request bodies, in bytes. */
  readonly qBlockUploadBytes: number;
  /** Response bodies that are kept for what peers miss. */
  readonly qBlockResponses: number;
  /** The memory of response bodies, in bytes. */
  readonly qBlockResponseBytes: number;
  /** Requests with Q-Block that are with the handler. */
  readonly qBlockServed: number;
  /** Observers that get notifications in Q-Block2. */
  readonly qBlockObservers: number;
}

/** All 0. */
export function newQBlockCounters(): QBlockCounters {
  return {
    qBlocksOut: 0,
    qBlocksIn: 0,
    qBlocksDuplicate: 0,
    qBlocksWrong: 0,
    qBlockRecoveries: 0,
    qBlockFallbacks: 0,
    qBlockBodiesGivenUp: 0,
    qBlockUploadsRefused: 0,
    qBlockResponsesEvicted: 0,
    qBlockBodiesDelayed: 0,
  };
}
