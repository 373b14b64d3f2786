import type { ClientCredentials } from '@motestack/coap';
import type { BootstrapAccount } from './bootstrap/bootstrap-account.ts';
import { checkBinding } from './objects/server-checks.ts';
import { type RetryPolicy, resolveRetryPolicy } from './registration/retry-policy.ts';
import { RequestRefusedError } from './request-refused-error.ts';

/** What a client knows of one server: its instances of objects 0 and 1. */
export interface ServerAccount {
  /**
   * Where the server is, such as `coap://host:port` or `coaps://host:port`; the port is 5683 or 5684 unless said. With
   * `coap+tcp`, `coaps+tcp`, `coap+ws` and `coaps+ws` it is reached over TCP, TLS and WebSocket.
   */
  readonly uri: string;
  /** `/0/x/25`, of 1.2: where the server is reached as well, tried after `uri` in their order; `preferredTransport` comes first. */
  readonly secondaryUris?: readonly string[];
  /** What a server at `coaps` is shown and known by: resources 2 to 5, 15 and 16 of object 0. */
  readonly security?: ClientCredentials;
  /** `/1/x/0`, 1 to 65534, another one for each server; default: counted from 1. */
  readonly shortServerId?: number;
  /** `/1/x/1`: how long the registration lasts without an Update; default 86400, 0 is for ever. */
  readonly lifetimeSeconds?: number;
  /** `/1/x/2`: the `pmin` of observations for which the server attached none. */
  readonly minimumPeriodSeconds?: number;
  /** `/1/x/3`: the `pmax` of observations for which the server attached none. */
  readonly maximumPeriodSeconds?: number;
  /** `/1/x/5`: how long the client stays away when the server disables it; default 86400. */
  readonly disableTimeoutSeconds?: number;
  /** `/1/x/6`: whether notifications are kept while the client is offline; default `true`. */
  readonly storesNotifications?: boolean;
  /** `/1/x/7`; default: what the URI's scheme says, `U` or `T`. */
  readonly binding?: string;
  /** `/1/x/13`: servers with an order are registered at one after the other, ascending; default: at once. */
  readonly priority?: number;
  /** `/1/x/14`: how long the first Register waits when its turn has come; default 0. */
  readonly initialDelaySeconds?: number;
  /** `/1/x/15`: whether a failure keeps the client from the servers that come later in the order; default `false`. */
  readonly blocksOnFailure?: boolean;
  /** `/1/x/16`: whether a registration that fails for good leads to a bootstrap, where there is one; default `true`. */
  readonly bootstrapsOnFailure?: boolean;
  /** `/1/x/17` to `/1/x/20`: how registration is tried again; see {@link RetryPolicy} for the defaults. */
  readonly retry?: Partial<RetryPolicy>;
  /** `/1/x/22`: the letter of the binding that is used where there is a choice. */
  readonly preferredTransport?: string;
  /** `/1/x/23`: whether the server wants no Send; default `false`. */
  readonly muteSend?: boolean;
  /** `/1/x/26`: notifications are Confirmable unless the server attached `con`; default: not Confirmable, but once a day. */
  readonly confirmableNotifications?: boolean;
}

type Defaulted =
  | 'shortServerId'
  | 'lifetimeSeconds'
  | 'storesNotifications'
  | 'binding'
  | 'muteSend'
  | 'confirmableNotifications';

/** An account with every default filled in. */
export type ResolvedAccount = ServerAccount & Required<Pick<ServerAccount, Defaulted>>;

const SECONDS = [
  'lifetimeSeconds',
  'minimumPeriodSeconds',
  'maximumPeriodSeconds',
  'disableTimeoutSeconds',
  'initialDelaySeconds',
  'priority',
] as const;

/** The letter of the binding that a URI is of (LwM2M Core 1.2 §6.2.1.2). */
export function bindingOf(uri: string): 'U' | 'T' {
  return uri.split(':', 1)[0]?.includes('+') ? 'T' : 'U';
}

/** All URIs of a server; those of the preferred transport first. */
export function urisOf({ uri, secondaryUris = [] }: ServerAccount, preferred: string | undefined): readonly string[] {
  const uris = [uri, ...secondaryUris];
  return [...uris.filter((one) => bindingOf(one) === preferred), ...uris.filter((one) => bindingOf(one) !== preferred)];
}

/** The bindings that an account may name; whether the platform has them is seen when it connects. */
const ALL_BINDINGS = 'UTSNMH';

/**
 * Fills in defaults and checks.
 *
 * @param stated the URI, or the account
 * @param shortServerId unless the account says one
 * @param security unless the account says one
 * @throws {RangeError} for an identifier or a time that is none
 */
export function resolveAccount(
  stated: string | ServerAccount,
  shortServerId = 1,
  security?: ClientCredentials,
): ResolvedAccount {
  const account = typeof stated === 'string' ? { uri: stated } : stated;
  const resolved: ResolvedAccount = {
    ...(security === undefined ? {} : { security }),
    shortServerId,
    lifetimeSeconds: 86_400,
    storesNotifications: true,
    binding: [...new Set([account.uri, ...(account.secondaryUris ?? [])].map(bindingOf))].join(''),
    muteSend: false,
    confirmableNotifications: false,
    ...account,
  };
  assertAccount(resolved);
  return resolved;
}

function assertAccount(account: ResolvedAccount): void {
  const { shortServerId, binding, retry } = account;
  if (!(Number.isInteger(shortServerId) && shortServerId >= 1 && shortServerId <= 65_534)) {
    throw new RangeError(`shortServerId is ${shortServerId}, but must be 1 to 65534 (LwM2M Core 1.1.1, object 1)`);
  }
  for (const name of SECONDS) {
    const { [name]: seconds = 0 } = account;
    if (!(Number.isSafeInteger(seconds) && seconds >= 0)) {
      throw new RangeError(`${name} is ${seconds}, but must be an integer of 0 or more (LwM2M Core 1.1.1, object 1)`);
    }
  }
  resolveRetryPolicy(retry);
  try {
    checkBinding(binding, ALL_BINDINGS);
  } catch (cause) {
    if (!RequestRefusedError.is(cause)) throw cause;
    throw new RangeError(`binding: ${cause.message} (LwM2M Core 1.1.1 §6.2.1.2)`, { cause });
  }
}

/**
 * Fills in defaults and checks, for all servers of a client. Each has a Short Server ID of its own: those that say none are
 * counted from 1.
 *
 * @throws {TypeError} for two servers with one Short Server ID
 * @throws {RangeError} as {@link resolveAccount}
 */
function resolveAccounts(
  stated: readonly (string | ServerAccount)[],
  security?: ClientCredentials,
): readonly ResolvedAccount[] {
  const taken = new Set(stated.flatMap((account) => (typeof account === 'string' ? [] : [account.shortServerId])));
  let next = 1;
  const accounts = stated.map((account) => {
    while (taken.has(next)) next += 1;
    const isFree = typeof account === 'string' || account.shortServerId === undefined;
    return resolveAccount(account, isFree ? next++ : next, security);
  });
  assertDistinct(accounts);
  return accounts;
}

/** @throws {TypeError} for two servers with one Short Server ID (LwM2M Core 1.1.1, object 1, resource 0) */
export function assertDistinct(accounts: readonly ResolvedAccount[]): void {
  const ids = accounts.map(({ shortServerId }) => shortServerId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new TypeError(`two servers have the shortServerId ${twice}`);
}

/**
 * The accounts of a client's options, with every default filled in.
 *
 * @throws {TypeError} for two servers with one Short Server ID, or for none where there is no bootstrap server either
 * @throws {RangeError} as {@link resolveAccount}
 */
export function accountsOf(options: AccountOptions): readonly ResolvedAccount[] {
  const { server, servers = [], security, bootstrap } = options;
  const accounts = resolveAccounts(server === undefined ? servers : [server, ...servers], security);
  if (accounts.length > 0 || bootstrap !== undefined) return accounts;
  throw new TypeError('a client needs a server: say it in server, servers or bootstrap');
}

/** Where a client's options name its servers. */
export interface AccountOptions {
  readonly server?: string | ServerAccount;
  readonly servers?: readonly (string | ServerAccount)[];
  readonly security?: ClientCredentials;
  readonly bootstrap?: string | BootstrapAccount;
}
