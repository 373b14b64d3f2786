import type { Clock, EndpointParameters, Logger, RandomSource } from '@motestack/coap';
import type { Definition } from '../definitions.ts';
import type { SecurityStore } from '../security/security-store.ts';
import type { ServerTransport } from '../server-transport.ts';
import type { BootstrapConfigurator } from './bootstrap-configuration.ts';

/** What clients may make a bootstrap server keep. */
export interface BootstrapLimits {
  /** Clients that are bootstrapped at one time; one more is answered with 5.03. Default 1,000. */
  readonly sessionsMax: number;
  /** The longest endpoint name, in bytes of UTF-8. Default 252: what fits one Uri-Query option behind `ep=`. */
  readonly endpointBytesMax: number;
}

/** The defaults of {@link BootstrapLimits}. */
export const defaultBootstrapLimits: BootstrapLimits = { sessionsMax: 1_000, endpointBytesMax: 252 };

/** The default of `requestTimeoutMs`: MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2), since a step that was missed breaks the bootstrap off. */
export const BOOTSTRAP_REQUEST_TIMEOUT_MS = 93_000;

/** What a bootstrap server takes on every platform. */
export interface BootstrapServerOptions {
  /** Says what each client gets. */
  readonly configuration: BootstrapConfigurator;
  /** Definitions beside the built-in ones, for what is written. */
  readonly objects?: Iterable<Definition> | undefined;
  /** Knows what endpoint names are proved by; these keys are other ones than those for the servers (LwM2M Core 1.1.1 §6.1.5). */
  readonly security?: SecurityStore | undefined;
  /** Milliseconds for each request to a client. Default 93,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<BootstrapLimits> | undefined;
  /** How messages are timed and bounded. */
  readonly coap?: Partial<EndpointParameters> | undefined;
  /** Takes what an operator may want to read, in pino's shape. Never keys, endpoint names or payloads. */
  readonly logger?: Logger | undefined;
}

/** What a bootstrap server takes where the platform has to be given. */
export interface PortableBootstrapServerOptions extends BootstrapServerOptions {
  /** Where clients come in; the server closes them with itself. */
  readonly transports: readonly ServerTransport[];
  /** Time. */
  readonly clock: Clock;
  /** For tokens; cryptographically secure. */
  readonly random: RandomSource;
}
