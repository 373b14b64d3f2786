import type {
  ClientCredentials,
  Clock,
  DatagramTransport,
  EndpointParameters,
  Logger,
  RandomSource,
} from '@motestack/coap';
import type { ImplementedInstance } from '@motestack/model';
import type { ClientLimits } from './client-limits.ts';
import type { ImplementedObject } from './device-management/implemented-object.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import type { RetryPolicy } from './registration/retry-policy.ts';

/** What a client knows of one server: its instances of objects 0 and 1. */
export interface ServerAccount {
  /** Where the server is: `coap://host:port` or `coaps://host:port`; the port is 5683 or 5684 unless said. */
  readonly uri: string;
  /** What a server at `coaps` is shown and known by: resources 2 to 5, 15 and 16 of object 0. */
  readonly security?: ClientCredentials;
  /** `/1/x/0`, 1 to 65534; default 1. */
  readonly shortServerId?: number;
  /** `/1/x/1`: how long the registration lasts without an Update; default 86400, 0 is for ever. */
  readonly lifetimeSeconds?: number;
  /** `/1/x/2`: the `pmin` of observations for which the server attached none. */
  readonly minimumPeriodSeconds?: number;
  /** `/1/x/3`: the `pmax` of observations for which the server attached none. */
  readonly maximumPeriodSeconds?: number;
  /** Notifications are Confirmable unless the server attached `con`; default: not Confirmable, but once a day. */
  readonly confirmableNotifications?: boolean;
  /** How registration is tried again; see {@link RetryPolicy} for the defaults. */
  readonly retry?: Partial<RetryPolicy>;
}

/** What a client is made of. */
export interface ClientOptions {
  /** The Endpoint Client Name, such as `urn:dev:mac:0024befffe804ff1`. */
  readonly endpoint: string;
  /** The server's URI, or its account. */
  readonly server: string | ServerAccount;
  /** What a server at `coaps` is shown and known by, where its account does not say it. */
  readonly security?: ClientCredentials;
  /**
   * What the device has: instances made by `instance` of a definition, and objects whose instances come and go, made by
   * `implementObject`. Objects 0 and 1 are the client's own.
   */
  readonly objects: readonly (ImplementedInstance | ImplementedObject)[];
  /** The version of the enabler; default 1.1. */
  readonly lwm2mVersion?: LwM2mVersion;
  /**
   * The Content-Formats that Register announces (`ct`), of those that the version has; default 112, 110 and 11542, and none
   * for 1.0.
   */
  readonly announcedContentFormats?: readonly number[];
  /** How long a Register or Update waits for its answer; default 93,000, the MAX_TRANSMIT_WAIT of RFC 7252. */
  readonly requestTimeoutMs?: number;
  /** What servers may make grow. */
  readonly limits?: Partial<ClientLimits>;
  /** Parameters of the CoAP endpoint. */
  readonly coap?: Partial<EndpointParameters>;
  /** Takes what an operator may want to read; without it nothing is written. */
  readonly logger?: Logger;
}

/**
 * Opens a connected transport to a server. Called for each attempt to register, so that names are resolved anew.
 *
 * @param uri as the account has it
 * @param candidate counts the addresses of the server's name, from 0
 * @param security as the account has it
 * @returns `undefined` when there is no such candidate
 */
export type TransportFactory = (
  uri: string,
  candidate: number,
  security: ClientCredentials | undefined,
) => Promise<DatagramTransport | undefined>;

/** What a client needs of the world: `@motestack/client/node` fills it in. */
export interface ClientPlatform {
  /** Opens transports. */
  readonly connect: TransportFactory;
  /** The time. */
  readonly clock: Clock;
  /** Tokens and jitter come from it. */
  readonly random: RandomSource;
}

/** An account with every default filled in. */
export type ResolvedAccount = Required<Omit<ServerAccount, OptionalInAccount>> & Pick<ServerAccount, OptionalInAccount>;

type OptionalInAccount = 'security' | 'minimumPeriodSeconds' | 'maximumPeriodSeconds' | 'retry';

/**
 * Fills in defaults and checks.
 *
 * @throws {RangeError} for an identifier or a time that is none
 */
export function resolveAccount({ server, security }: Pick<ClientOptions, 'server' | 'security'>): ResolvedAccount {
  const stated = typeof server === 'string' ? { uri: server } : server;
  const account = security === undefined ? stated : { security, ...stated };
  const resolved = { shortServerId: 1, lifetimeSeconds: 86_400, confirmableNotifications: false, ...account };
  const { shortServerId, lifetimeSeconds, minimumPeriodSeconds = 0, maximumPeriodSeconds = 0 } = resolved;
  if (!(Number.isInteger(shortServerId) && shortServerId >= 1 && shortServerId <= 65_534)) {
    throw new RangeError(`shortServerId is ${shortServerId}, but must be 1 to 65534 (LwM2M Core 1.1.1, object 1)`);
  }
  for (const [name, seconds] of Object.entries({ lifetimeSeconds, minimumPeriodSeconds, maximumPeriodSeconds })) {
    if (!(Number.isSafeInteger(seconds) && seconds >= 0)) {
      throw new RangeError(`${name} is ${seconds}, but must be an integer of 0 or more (LwM2M Core 1.1.1, object 1)`);
    }
  }
  return resolved;
}
