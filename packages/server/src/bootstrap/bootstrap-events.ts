/** What a bootstrap server tells. A listener may be asynchronous; if it throws or rejects, `error` is told. */
export interface BootstrapEvents {
  /** A client asked and is being bootstrapped. */
  started: (endpoint: string) => void | Promise<void>;
  /** A client has its configuration and found it consistent. */
  finished: (endpoint: string) => void | Promise<void>;
  /**
   * A bootstrap broke off: the client refused a step (`ResponseError`, at Bootstrap-Finish with 4.06 for an inconsistent
   * configuration), was silent, or asked anew (`AbortedError`). The client comes back by itself.
   */
  failed: (endpoint: string, error: Error) => void | Promise<void>;
  /** A client was sent a Bootstrap-Pack; whether it took it is known when it registers. */
  packed: (endpoint: string) => void | Promise<void>;
  /** Something failed where nobody waits for it: the configurator, or a listener. Without a listener it goes to the logger. */
  error: (error: Error) => void | Promise<void>;
}
