import type { Clock, EndpointParameters, Logger, RandomSource, RequestHandler, RequestHead } from '@motestack/coap';
import type { Definition } from './definitions.ts';
import type { QueueOptions } from './queue/queue-mode.ts';
import type { Authorizer } from './registration/authorizer.ts';
import type { ProfileStore } from './registration/profile-store.ts';
import type { RegistrationLeniencies } from './registration/registration-leniencies.ts';
import type { RegistrationLimits } from './registration/registration-limits.ts';
import type { RegistrationStore } from './registration/registration-store.ts';
import type { SecurityStore } from './security/security-store.ts';
import type { ServerTransport } from './server-transport.ts';

/** What devices may make a server keep; see each for its default. */
export interface ServerLimits extends RegistrationLimits {
  /** Observations of one device at one time; one more rejects with `LimitReachedError`. Default 256. */
  readonly observationsMax: number;
}

/** CoAP resources beside those of LwM2M, at the same addresses. A `CoapRouter` of `@motestack/coap` is one. */
export interface ApplicationResources {
  /** Answers requests. */
  readonly handler: RequestHandler;
  /** Which requests' bodies go to the handler as they come. */
  readonly streamRequestBody?: ((head: RequestHead) => boolean) | undefined;
}

/** Told of everything that a server tells, by name, as plain data. */
export type DiagnosticsListener = (event: DiagnosticsEvent, message: Readonly<Record<string, unknown>>) => void;

/** The names of what diagnostics are told of. */
export type DiagnosticsEvent =
  | 'registered'
  | 'updated'
  | 'deregistered'
  | 'disconnected'
  | 'awake'
  | 'asleep'
  | 'request'
  | 'error';

/** What a server takes on every platform. */
export interface ServerOptions {
  /** Definitions beside objects 0 to 7 and 3303, or in other versions; without one a path can still be used as text. */
  readonly objects?: Iterable<Definition> | undefined;
  /** Where registrations are kept; in memory unless said here. */
  readonly store?: RegistrationStore | undefined;
  /** Knows what endpoint names are proved by; without it devices come without proof, by `coap` alone. */
  readonly security?: SecurityStore | undefined;
  /** Asked at each Register, Update, De-register and Send; without it every device may do all of them. */
  readonly authorize?: Authorizer | undefined;
  /** Knows the object lists that Profile IDs stand for (1.2); without it a Register without a list is told 4.09. */
  readonly profiles?: ProfileStore | undefined;
  /**
   * What becomes of observations when a device registers anew and has forgotten them (LwM2M Core §6.2.1). `end-observations`
   * (default): their loops end. `observe-again`: they are made again under the new registration, and the loops go on.
   */
  readonly whenReplaced?: 'end-observations' | 'observe-again' | undefined;
  /** The application's own CoAP resources, a `CoapRouter` say: they answer what is not LwM2M's (`/rd`, `/dp`, `/bs`, `/bspack`). */
  readonly resources?: ApplicationResources | undefined;
  /**
   * Milliseconds until a request without an answer rejects with `TimeoutError`. Default 30,000: CoAP alone would wait for
   * MAX_TRANSMIT_WAIT, 93 s (RFC 7252 §4.8.2). A timeout counts from the call, time in the queue of a busy device included.
   */
  readonly requestTimeoutMs?: number | undefined;
  /** How devices in queue mode and commands of `device.queue` are treated. */
  readonly queue?: QueueOptions | undefined;
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
  readonly transports: readonly ServerTransport[];
  /** Time. */
  readonly clock: Clock;
  /** For tokens and locations; cryptographically secure. */
  readonly random: RandomSource;
}

/** The default of `requestTimeoutMs`. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** The default of `observationsMax`. */
export const OBSERVATIONS_MAX = 256;
