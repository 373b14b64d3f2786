/** What an endpoint counts above its message layer, since it was made. */
export interface ExchangeCounters {
  /** Requests that came and were handed to the handler. */
  requestsIn: number;
  /** Requests that were sent. */
  requestsOut: number;
  /** Responses that nobody waits for (RFC 7252 §5.3.2). */
  unexpectedResponses: number;
  /** Requests with a critical option that is not understood (RFC 7252 §5.4.1). */
  badOptions: number;
  /** Requests of ours refused since `clientExchangesPerPeerMax` is reached. */
  clientExchangesFull: number;
  /** Requests answered 5.03 since `serverExchangesPerPeerMax` or `serverExchangesMax` is reached. */
  serverExchangesFull: number;
  /** Requests answered 5.03 since the handler took longer than `handlerTimeoutMs`. */
  handlerTimeouts: number;
  /** Answers that came after that. */
  lateAnswers: number;
  /** Separate responses that did not reach the peer. */
  answersLost: number;
  /** Requests answered 4.01 with Echo, since their address is not verified (RFC 9175 §2.6). */
  echoChallenges: number;
  /** Answers that were not sent, since the peer does not want them (RFC 7967). */
  answersSuppressed: number;
  /** Observations refused since `observersPerPeerMax` or `observersMax` is reached. */
  observersFull: number;
  /** Notifications that were asked for. */
  notificationsOut: number;
  /** Notifications that came and are the newest. */
  notificationsIn: number;
  /** Notifications that were overtaken on their way (RFC 7641 §3.4). */
  notificationsReordered: number;
  /** Notifications that were not sent, since a limit was reached. */
  notificationsDropped: number;
}

/** All counters at zero. */
export function newExchangeCounters(): ExchangeCounters {
  return {
    requestsIn: 0,
    requestsOut: 0,
    unexpectedResponses: 0,
    badOptions: 0,
    clientExchangesFull: 0,
    serverExchangesFull: 0,
    handlerTimeouts: 0,
    lateAnswers: 0,
    answersLost: 0,
    echoChallenges: 0,
    answersSuppressed: 0,
    observersFull: 0,
    notificationsOut: 0,
    notificationsIn: 0,
    notificationsReordered: 0,
    notificationsDropped: 0,
  };
}
