import type { RandomSource } from '../effects.ts';
import { defaultClientParameters } from '../endpoint/client-parameters.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { type ClientParts, clientOverDatagrams, type PlainClientParameters } from './client-over-datagrams.ts';
import { PlainClient } from './plain-client.ts';

/** What a plain client over datagrams is made of. */
export interface PlainClientOptions extends ClientParts {
  /** Carries its datagrams; closed with the client. */
  readonly transport: DatagramTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes tokens and message IDs. */
  readonly random: RandomSource;
  /** What differs from the defaults, which are those of `defaultEndpointParameters`. Only those of RFC 7252 §4.8 are checked. */
  readonly parameters?: Partial<PlainClientParameters> | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/**
 * Makes a client over datagrams for where each kilobyte counts: requests, observations and pings, with retransmission,
 * duplicates and NSTART as everywhere. Bodies are whole, and have several blocks only with the part `blockWise`; requests
 * are Confirmable, and may be others only with the part `nonConfirmable`. Requests that it gets are rejected with a Reset.
 *
 * @throws {RangeError} a parameter that RFC 7252 §4.8.1 forbids
 */
export function newPlainClient(options: PlainClientOptions): PlainClient {
  const { transport, clock, random, logger } = options;
  const parameters = { ...defaultClientParameters, ...options.parameters };
  return new PlainClient({ ...clientOverDatagrams(transport, parameters, random, options), clock, logger });
}
