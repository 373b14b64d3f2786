/**
 * Keeps sessions for resumption. Each method may answer at once or later; one that throws counts as one that has
 * nothing. What is kept is as secret as keys are: a store outside of the process seals it.
 */
export interface SessionStore {
  /** The session of a key; `undefined`: there is none, or none any more. */
  find(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /**
   * Keeps a session.
   *
   * @param session belongs to the store
   * @param lifetimeMs afterwards it is not given out any more (RFC 5246 §F.1.4 advises a day at most)
   */
  keep(key: string, session: Uint8Array, lifetimeMs: number): void | Promise<void>;
  /** Forgets a session, where there is one. */
  forget(key: string): void | Promise<void>;
}
