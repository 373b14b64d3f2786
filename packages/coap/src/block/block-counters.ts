/** What block-wise transfer counts since its endpoint was made. */
export interface BlockCounters {
  /** Blocks of bodies of several blocks that came. */
  blocksIn: number;
  /** Blocks of bodies of several blocks that were sent. */
  blocksOut: number;
  /** Request bodies that were passed on block by block. */
  bodiesStreamed: number;
  /** Transfers of ours that began again: 4.08, 4.13 with a smaller size, or a body that changed (ETag). */
  bodyRestarts: number;
  /** Requests of ours that ended since `bodyTimeoutMs` passed. */
  bodyTimeouts: number;
  /** Bodies beyond `bodyBytesMax`: requests that got 4.13, and responses to requests of ours. */
  bodiesTooLarge: number;
  /** Blocks of requests answered 4.08: what comes before them is not here (RFC 7959 §2.9.2). */
  blocksUnmatched: number;
  /** Request bodies that were dropped since their next block did not come within EXCHANGE_LIFETIME. */
  assembliesExpired: number;
  /** Request bodies that were dropped since the peer began the same request anew. */
  assembliesReplaced: number;
  /** Request bodies that were dropped since their peer reached `assembliesPerPeerMax`. */
  assembliesEvicted: number;
  /** Requests answered 5.03 since `assembliesMax` is reached. */
  assembliesFull: number;
  /** Requests answered 4.13 since `assemblyBytesMax` is reached. */
  assemblyMemoryFull: number;
  /** Response bodies that were dropped since one of the limits on them is reached. */
  responseBodiesEvicted: number;
  /** Requests for a later block that went to the handler, since the body was not kept. */
  responseBodiesAskedAgain: number;
  /** Notifications whose further blocks could not be fetched, or were overtaken by a newer one. */
  notificationsIncomplete: number;
  /** Requests of ours that were repeated with the Echo value that the peer gave (RFC 9175 §2.3). */
  echoesOut: number;
}

/** All counters at zero. */
export function newBlockCounters(): BlockCounters {
  return {
    blocksIn: 0,
    blocksOut: 0,
    bodiesStreamed: 0,
    bodyRestarts: 0,
    bodyTimeouts: 0,
    bodiesTooLarge: 0,
    blocksUnmatched: 0,
    assembliesExpired: 0,
    assembliesReplaced: 0,
    assembliesEvicted: 0,
    assembliesFull: 0,
    assemblyMemoryFull: 0,
    responseBodiesEvicted: 0,
    responseBodiesAskedAgain: 0,
    notificationsIncomplete: 0,
    echoesOut: 0,
  };
}
