import type {
  ClientCredentials,
  Clock,
  CoapEndpoint,
  CoapEndpointOptions,
  DatagramTransport,
  EndpointParameters,
  Logger,
  RandomSource,
  RequestHandler,
} from '@motestack/coap';
import type { ImplementedInstance } from '@motestack/model';
import type { BootstrapAccount } from './bootstrap/bootstrap-account.ts';
import type { ClientLimits } from './client-limits.ts';
import type { AccessControlOptions } from './device-management/access-control.ts';
import type { ImplementedObject } from './device-management/implemented-object.ts';
import type { TransactionHandlers } from './device-management/transaction.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import type { TrafficCounter } from './objects/traffic-meter.ts';
import type { BootstrapPart } from './registration/bootstrap-part.ts';
import type { ServerAccount } from './server-account.ts';

/** Queue mode: the client sleeps, and servers keep their requests until they hear from it. */
export interface QueueModeOptions {
  /** How long the client stays awake after each message; default 93,000, the MAX_TRANSMIT_WAIT of RFC 7252. */
  readonly awakeMs?: number;
}

/** What a client is made of. */
export interface ClientOptions {
  /** The Endpoint Client Name, such as `urn:dev:mac:0024befffe804ff1`. */
  readonly endpoint: string;
  /** The server's URI, or its account. */
  readonly server?: string | ServerAccount;
  /** Several servers at once. */
  readonly servers?: readonly (string | ServerAccount)[];
  /**
   * The bootstrap server, by its URI or its account: it is asked where there is no server, where a registration fails for good
   * (`/1/x/16`), and when a server says so (`/1/x/9`).
   */
  readonly bootstrap?: string | BootstrapAccount;
  /** What servers at `coaps` are shown and known by, where their accounts do not say it. */
  readonly security?: ClientCredentials;
  /** Who may do what, where there are several servers: object 2. */
  readonly accessControl?: AccessControlOptions;
  /**
   * What the device has: instances made by `instance` of a definition, and objects whose instances come and go, made by
   * `implementObject`. Objects 0, 1 and 2 are the client's own.
   */
  readonly objects: readonly (ImplementedInstance | ImplementedObject)[];
  /** The version of the enabler; default 1.1. */
  readonly lwm2mVersion?: LwM2mVersion;
  /** Takes part in changes that belong together: Write, Write-Composite and bootstrap. */
  readonly transaction?: TransactionHandlers;
  /** Whether the client sleeps between its messages (`Q`); default `false`. */
  readonly queueMode?: boolean | QueueModeOptions;
  /** `sms`: the number at which the device takes messages, without `+`. */
  readonly smsNumber?: string;
  /** `pid`, of 1.2: tells the server that it knows the device's objects already. They are listed if it does not. */
  readonly profileId?: string;
  /** The path that stands before all others, such as `/lwm2m`; default `/`. */
  readonly rootPath?: `/${string}`;
  /** So often the server is pinged while nothing else is sent, to keep a NAT's memory fresh; default: never. */
  readonly keepAliveSeconds?: number;
  /**
   * The Content-Formats that Register announces (`ct`), of those that the version has; default 112, 110 and 11542 (in 1.2
   * 112, 11544 and 110), and none for 1.0.
   */
  readonly announcedContentFormats?: readonly number[];
  /** How long a Register or Update waits for its answer; default 93,000, the MAX_TRANSMIT_WAIT of RFC 7252. */
  readonly requestTimeoutMs?: number;
  /** What servers may make grow. */
  readonly limits?: Partial<ClientLimits>;
  /** The application's own CoAP resources, a `CoapRouter` say: they answer what no path of LwM2M begins with. */
  readonly resources?: { readonly handler: RequestHandler };
  /** Parameters of the CoAP endpoint. */
  readonly coap?: Partial<EndpointParameters>;
  /** Takes what an operator may want to read; without it nothing is written. */
  readonly logger?: Logger;
}

/** What the client gives an endpoint. */
export type EndpointParts = Pick<CoapEndpointOptions, 'clock' | 'random' | 'handler' | 'parameters' | 'logger'>;

/**
 * Makes an endpoint over something else than datagrams, such as TCP.
 *
 * @param parts what the client gives it
 * @param watcher is told what becomes of the connection
 */
export type OpenEndpoint = (parts: EndpointParts, watcher: ConnectionWatcher) => CoapEndpoint;

/** Is told what becomes of a connection. */
export interface ConnectionWatcher {
  /** It was there, and has ended by itself. */
  lost(): void;
  /** Counts what goes over it. */
  readonly traffic: TrafficCounter;
}

/**
 * Opens a connected transport to a server. Called for each attempt to register, so that names are resolved anew.
 *
 * @param uri as the account has it
 * @param candidate counts the addresses of the server's name, from 0
 * @param security as the account has it
 * @returns a transport for datagrams, or what makes an endpoint over a connection; `undefined` when there is no such
 *   candidate
 */
export type TransportFactory = (
  uri: string,
  candidate: number,
  security: ClientCredentials | undefined,
) => Promise<DatagramTransport | OpenEndpoint | undefined>;

/** What a client needs of the world: `@motestack/client/node` fills it in. */
export interface ClientPlatform {
  /** Opens transports. */
  readonly connect: TransportFactory;
  /** The time. */
  readonly clock: Clock;
  /** Tokens and jitter come from it. */
  readonly random: RandomSource;
  /** The letters of `/1/x/7` that `connect` has transports for; default `U`. */
  readonly bindings?: string;
  /** What configures the client where no server takes it; default: nothing does. */
  readonly bootstrapPart?: BootstrapPart;
}
