import type { RandomSource } from '../effects.ts';
import type { MakeBodyTransfers } from '../endpoint/body-transfers.ts';
import { defaultEndpointParameters, type EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { clientOverDatagrams } from './client-over-datagrams.ts';
import { PlainClient } from './plain-client.ts';

/** What a plain client over datagrams is made of. */
export interface PlainClientOptions {
  /** Carries its datagrams; closed with the client. */
  readonly transport: DatagramTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes tokens and message IDs. */
  readonly random: RandomSource;
  /** What differs from `defaultEndpointParameters`. Here only those of RFC 7252 §4.8 are checked. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** Cuts and joins bodies of several blocks: `blockWise`. Default: nobody. */
  readonly bodies?: MakeBodyTransfers | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/**
 * Makes a client over datagrams for where each kilobyte counts: requests, observations and pings, with retransmission,
 * duplicates and NSTART as everywhere; bodies are whole, and have several blocks only with the part `blockWise`.
 * Requests that it gets are rejected with a Reset.
 *
 * @throws {RangeError} a parameter that RFC 7252 §4.8.1 forbids
 */
export function newPlainClient(options: PlainClientOptions): PlainClient {
  const { transport, clock, random, bodies, logger } = options;
  const parameters = { ...defaultEndpointParameters, ...options.parameters };
  return new PlainClient({ ...clientOverDatagrams(transport, parameters, random, bodies), clock, logger });
}
