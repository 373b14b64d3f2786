/**
 * How a message layer times its transmissions.
 *
 * @see RFC 7252 §4.8
 */
export interface TransmissionParameters {
  /** ACK_TIMEOUT: the least time before a Confirmable message is sent again. */
  readonly ackTimeoutMs: number;
  /** ACK_RANDOM_FACTOR: the first wait is up to so many times `ackTimeoutMs`; 1 or more. */
  readonly ackRandomFactor: number;
  /** MAX_RETRANSMIT: how often a Confirmable message is sent again. */
  readonly maxRetransmit: number;
  /** NSTART: how many exchanges with one peer may be outstanding at the same time. */
  readonly nstart: number;
  /** DEFAULT_LEISURE: the time over which answers to a multicast request are spread. */
  readonly defaultLeisureMs: number;
  /** PROBING_RATE: the average rate at which a peer that does not answer may be sent to. */
  readonly probingRateBytesPerSecond: number;
  /** MAX_LATENCY: the longest time that a datagram is taken to travel. */
  readonly maxLatencyMs: number;
}

/** Those of the parameters that one message may have of its own. */
export type RetransmissionParameters = Pick<
  TransmissionParameters,
  'ackTimeoutMs' | 'ackRandomFactor' | 'maxRetransmit'
>;

/** The values of RFC 7252 §4.8 and, for MAX_LATENCY, §4.8.2. */
export const defaultTransmissionParameters: TransmissionParameters = {
  ackTimeoutMs: 2_000,
  ackRandomFactor: 1.5,
  maxRetransmit: 4,
  nstart: 1,
  defaultLeisureMs: 5_000,
  probingRateBytesPerSecond: 1,
  maxLatencyMs: 100_000,
};

/**
 * Times that follow from the parameters.
 *
 * @see RFC 7252 §4.8.2
 */
export interface DerivedTimes {
  /** MAX_TRANSMIT_SPAN: from the first transmission of a Confirmable message to its last. */
  readonly maxTransmitSpanMs: number;
  /** MAX_TRANSMIT_WAIT: from the first transmission of a Confirmable message to giving it up. */
  readonly maxTransmitWaitMs: number;
  /** PROCESSING_DELAY: the time that a node takes to turn a Confirmable message into an Acknowledgement. */
  readonly processingDelayMs: number;
  /** MAX_RTT: the longest round trip. */
  readonly maxRttMs: number;
  /** EXCHANGE_LIFETIME: how long the message ID of a Confirmable message is remembered. */
  readonly exchangeLifetimeMs: number;
  /** NON_LIFETIME: how long the message ID of a Non-confirmable message is remembered. */
  readonly nonLifetimeMs: number;
}

/**
 * Fills in the defaults and checks what was given.
 *
 * @param parameters what differs from the defaults
 * @returns all parameters
 * @throws {RangeError} a parameter that RFC 7252 §4.8.1 forbids or that means nothing
 */
export function resolveTransmissionParameters(
  parameters: Partial<TransmissionParameters> = {},
): TransmissionParameters {
  const resolved = { ...defaultTransmissionParameters, ...parameters };
  for (const [name, least, isInteger, most = Number.MAX_VALUE] of RANGES) {
    assertRange(name, resolved[name], { least, most, isInteger });
  }
  return resolved;
}

/**
 * Computes the times that follow from the parameters.
 *
 * @param parameters durations in milliseconds
 * @returns durations in milliseconds
 * @see RFC 7252 §4.8.2
 */
export function derivedTimes(parameters: TransmissionParameters): DerivedTimes {
  const { ackTimeoutMs, ackRandomFactor, maxRetransmit, maxLatencyMs } = parameters;
  const longestFirstWaitMs = ackTimeoutMs * ackRandomFactor;
  const maxTransmitSpanMs = longestFirstWaitMs * (2 ** maxRetransmit - 1);
  const processingDelayMs = ackTimeoutMs;
  return {
    maxTransmitSpanMs,
    maxTransmitWaitMs: longestFirstWaitMs * (2 ** (maxRetransmit + 1) - 1),
    processingDelayMs,
    maxRttMs: 2 * maxLatencyMs + processingDelayMs,
    exchangeLifetimeMs: maxTransmitSpanMs + 2 * maxLatencyMs + processingDelayMs,
    nonLifetimeMs: maxTransmitSpanMs + maxLatencyMs,
  };
}

/**
 * The times at which one Confirmable message is sent, and the time at which it is given up.
 *
 * @param parameters durations in milliseconds
 * @param sentAt time of the first transmission, monotonic milliseconds
 * @param random one draw from [0, 1); the only randomness, so a test can fix it
 * @returns `maxRetransmit + 2` ascending instants: first transmission, each retransmission,
 *   then the give-up time
 * @see RFC 7252 §4.2; with the defaults, `random` near 1 gives the 45 s and 93 s of §4.8.2
 * @example
 * retransmissionSchedule(defaultTransmissionParameters, 0, 0)
 * // [0, 2000, 6000, 14000, 30000, 62000]
 */
export function retransmissionSchedule(parameters: TransmissionParameters, sentAt: number, random: number): number[] {
  const { ackTimeoutMs, ackRandomFactor, maxRetransmit } = parameters;
  const firstWaitMs = ackTimeoutMs * (1 + random * (ackRandomFactor - 1));
  return Array.from({ length: maxRetransmit + 2 }, (_, attempt) => sentAt + firstWaitMs * (2 ** attempt - 1));
}

type Range = readonly [name: keyof TransmissionParameters, least: number, isInteger?: boolean, most?: number];

/** What RFC 7252 §4.8.1 allows, and what means something. */
const RANGES: readonly Range[] = [
  ['ackTimeoutMs', Number.MIN_VALUE],
  // "ACK_RANDOM_FACTOR MUST NOT be decreased below 1.0".
  ['ackRandomFactor', 1],
  // Doubling for more than this would exceed what a timer can wait.
  ['maxRetransmit', 0, true, 20],
  ['nstart', 1, true],
  ['defaultLeisureMs', 0],
  ['probingRateBytesPerSecond', Number.MIN_VALUE],
  ['maxLatencyMs', 0],
];

/**
 * Refuses a parameter that means nothing.
 *
 * @throws {RangeError} it names the parameter, what is allowed and what was given
 */
export function assertRange(
  name: string,
  value: number,
  {
    least,
    most,
    isInteger,
  }: { readonly least: number; readonly most: number; readonly isInteger?: boolean | undefined },
): void {
  if (value >= least && value <= most && (!isInteger || Number.isInteger(value))) return;
  throw new RangeError(`${name} is ${isInteger ? 'an integer' : 'a number'} from ${least} to ${most}, not ${value}`);
}
