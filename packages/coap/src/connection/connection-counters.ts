/** What a layer of connections counts, since it was made. */
export interface ConnectionCounters {
  /** Connections that came to be. */
  connectionsOpened: number;
  /** Connections that ended, in whatever way. */
  connectionsLost: number;
  /** Messages that came, empty and signaling ones included. */
  messagesIn: number;
  /** Messages that were handed out for sending. */
  messagesOut: number;
  /** Signaling messages that came (RFC 8323 §5). */
  signalsIn: number;
  /** Streams that could not be read on: the connection was aborted. */
  malformed: number;
  /** Messages that make no sense and are ignored: reserved codes, Pongs that nobody waits for. */
  ignored: number;
  /** Abort messages that came. */
  abortsIn: number;
  /** Abort messages that were sent. */
  abortsOut: number;
  /** Release messages that came. */
  releasesIn: number;
  /** Connections whose peer did not send its CSM within `csmTimeoutMs`. */
  csmTimeouts: number;
  /** Connections whose peer did not answer a Ping within `pongTimeoutMs`. */
  idleTimeouts: number;
  /** Messages refused since `connectQueueMax` messages wait for a connection. */
  queueFull: number;
}

/** All counters at zero. */
export function newConnectionCounters(): ConnectionCounters {
  return {
    connectionsOpened: 0,
    connectionsLost: 0,
    messagesIn: 0,
    messagesOut: 0,
    signalsIn: 0,
    malformed: 0,
    ignored: 0,
    abortsIn: 0,
    abortsOut: 0,
    releasesIn: 0,
    csmTimeouts: 0,
    idleTimeouts: 0,
    queueFull: 0,
  };
}
