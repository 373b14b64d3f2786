/** What the observations of an endpoint are told once. */
export interface ObserveParameters {
  /** How many observations one peer may have here. */
  readonly observersPerPeerMax: number;
  /** How many observations all peers together may have here. */
  readonly observersMax: number;
  /** After so long without one, the next notification is Confirmable; at most 24 hours (RFC 7641 §4.5). */
  readonly confirmableAtLeastEveryMs: number;
}
