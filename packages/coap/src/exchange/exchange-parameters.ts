import type { ResponseMatching } from './response-matching.ts';

/** What the exchanges of a client are told once. */
export interface ClientExchangeParameters {
  /** The length of the tokens that are made here, 1 to 8 bytes; fewer than 4 can be guessed (RFC 7252 §5.3.1). */
  readonly tokenBytes: number;
  /** From whom else than the peer that was asked a response may come: `strictMatching` by default, nobody. */
  readonly responseMatching: ResponseMatching;
  /** How many requests to one peer may be unanswered. */
  readonly clientExchangesPerPeerMax: number;
}

/** What the exchanges of an endpoint are told once. */
export interface ExchangeParameters extends ClientExchangeParameters {
  /** How many requests of one peer may be with the handler. */
  readonly serverExchangesPerPeerMax: number;
  /** How many requests may be with the handler. */
  readonly serverExchangesMax: number;
  /** How long an answer is waited for before an empty Acknowledgement goes out (RFC 7252 §5.2.2). */
  readonly piggybackWindowMs: number;
  /** How long an answer is waited for before it is 5.03. */
  readonly handlerTimeoutMs: number;
  /** Critical options that are understood in requests: those of the endpoint, and what the handler takes care of. */
  readonly criticalOptions: readonly number[];
}
