/** Why the client bootstraps: a server executed `/1/x/9`, its registration failed for good, or the application asks. */
export type BootstrapReason = 'triggered' | 'registration-failed' | 'requested';

/**
 * What configures a client where no server takes it. While it works, every registration is in the state `bootstrapping`;
 * accounts are changed by `addServer` and `removeServer` of the client.
 *
 * @see LwM2M Core 1.1.1 §6.1
 */
export interface BootstrapPart {
  /**
   * Does the whole of it, hold-off and retries included.
   *
   * @returns whether there is a configuration to register with
   */
  bootstrap(reason: BootstrapReason): Promise<boolean>;
}
