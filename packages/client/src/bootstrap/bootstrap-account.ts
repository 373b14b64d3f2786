import type { ClientCredentials } from '@motestack/coap';
import { type RetryPolicy, resolveRetryPolicy } from '../registration/retry-policy.ts';

/** What a client knows of its bootstrap server: an instance of object 0 (LwM2M Core 1.1.1 §6.1.1). */
export interface BootstrapAccount {
  /** Where the bootstrap server is; schemes as those of servers. */
  readonly uri: string;
  /** What it is shown and known by; other keys than those for servers (LwM2M Core 1.1.1 §6.1.5). */
  readonly security?: ClientCredentials;
  /** The instance of object 0; default 0. */
  readonly objectInstanceId?: number;
  /** `/0/x/11`: how long the client waits before it asks; default 0. */
  readonly holdOffSeconds?: number;
  /** `/0/x/12`: so long after a bootstrap that succeeded the account is forgotten; default 0, never. */
  readonly timeoutSeconds?: number;
  /** `pct`: the format that the client prefers to be written in; default: none is said. */
  readonly preferredContentFormat?: number;
  /** Whether all is asked for in one answer first (Bootstrap-Pack-Request, of 1.2); default `false`. */
  readonly asksForPack?: boolean;
  /** How a bootstrap is tried again; the defaults are those of registrations. */
  readonly retry?: Partial<RetryPolicy>;
}

/** An account with every default filled in. */
export interface ResolvedBootstrapAccount extends BootstrapAccount {
  readonly objectInstanceId: number;
  readonly holdOffSeconds: number;
  readonly timeoutSeconds: number;
  readonly asksForPack: boolean;
  readonly retry: RetryPolicy;
}

/**
 * Fills in defaults and checks.
 *
 * @throws {RangeError} for an identifier or a time that is none
 */
export function resolveBootstrapAccount(stated: string | BootstrapAccount): ResolvedBootstrapAccount {
  const account = typeof stated === 'string' ? { uri: stated } : stated;
  const resolved = {
    objectInstanceId: 0,
    holdOffSeconds: 0,
    timeoutSeconds: 0,
    asksForPack: false,
    ...account,
    retry: resolveRetryPolicy(account.retry),
  };
  for (const name of ['objectInstanceId', 'holdOffSeconds', 'timeoutSeconds'] as const) {
    if (!(Number.isSafeInteger(resolved[name]) && resolved[name] >= 0))
      throw new RangeError(`bootstrap.${name} is ${resolved[name]}, but must be an integer of 0 or more`);
  }
  return resolved;
}
