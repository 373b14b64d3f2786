import type { Clock, DatagramTransport, EndpointParameters, Logger, RandomSource } from '@motestack/coap';
import type { Definition } from './definitions.ts';
import type { Authorizer } from './registration/registration-interface.ts';
import type { RegistrationLeniencies } from './registration/registration-leniencies.ts';
import type { RegistrationLimits } from './registration/registration-limits.ts';
import type { RegistrationStore } from './registration/registration-store.ts';
import type { SecurityStore } from './security/security-store.ts';

/** What devices may make a server keep; see each for its default. */
export interface ServerLimits extends RegistrationLimits {
  /** Observations of one device at one time; one more rejects with `LimitReachedError`. Default 256. */
  readonly observationsMax: number;
}

/** Told of everything that a server tells, by name, as plain data. */
export type DiagnosticsListener = (event: DiagnosticsEvent, message: Readonly<Record<string, unknown>>) => void;

/** The names of what diagnostics are told of. */
export type DiagnosticsEvent = 'registered' | 'updated' | 'deregistered' | 'request' | 'error';

/** What a server takes on every platform. */
export interface ServerOptions {
  /** Definitions beside objects 0 to 7 and 3303, or in other versions; without one a path can still be used as text. */
  readonly objects?: Iterable<Definition> | undefined;
  /** Where registrations are kept; in memory unless said here. */
  readonly store?: RegistrationStore | undefined;
  /** Knows what endpoint names are proved by; without it devices come without proof, by `coap` alone. */
  readonly security?: SecurityStore | undefined;
  /** Asked at each Register; without it every device may register. */
  readonly authorize?: Authorizer | undefined;
  /**
   * Milliseconds until a request without an answer rejects with `TimeoutError`. Default 30,000: CoAP alone would wait for
   * MAX_TRANSMIT_WAIT, 93 s (RFC 7252 §4.8.2). A timeout counts from the call, time in the queue of a busy device included.
   */
  readonly requestTimeoutMs?: number | undefined;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Leniencies that differ from the defaults. */
  readonly leniencies?: Partial<RegistrationLeniencies> | undefined;
  /** How messages are timed and bounded. */
  readonly coap?: Partial<EndpointParameters> | undefined;
  /** Takes what an operator may want to read, in pino's shape. Never keys, endpoint names or payloads. */
  readonly logger?: Logger | undefined;
  /** Told of what happens, as plain data. */
  readonly diagnostics?: DiagnosticsListener | undefined;
}

/** What a server takes where the platform has to be given. */
export interface PortableServerOptions extends ServerOptions {
  /** Where devices come in; the server closes them with itself. */
  readonly transports: readonly DatagramTransport[];
  /** Time. */
  readonly clock: Clock;
  /** For tokens and locations; cryptographically secure. */
  readonly random: RandomSource;
}

/** The default of `requestTimeoutMs`. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** The default of `observationsMax`. */
export const OBSERVATIONS_MAX = 256;
