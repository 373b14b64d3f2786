import { defaultTransmissionParameters } from '../parameters.ts';

/** What bounds and times transfers with Q-Block. */
export interface QBlockParameters {
  /** MAX_PAYLOADS: so many blocks go at once; both peers have the same. */
  readonly maxPayloads: number;
  /** NON_TIMEOUT: the least time between two MAX_PAYLOADS_SETs that nobody asks to continue. */
  readonly nonTimeoutMs: number;
  /** ACK_RANDOM_FACTOR: NON_TIMEOUT_RANDOM is NON_TIMEOUT up to so many times that, drawn for each body. */
  readonly ackRandomFactor: number;
  /** NON_RECEIVE_TIMEOUT: a missing block is asked for after so long, then after twice that, and so on. */
  readonly nonReceiveTimeoutMs: number;
  /** NON_MAX_RETRANSMIT: how often missing blocks are asked for without any of them coming. */
  readonly nonMaxRetransmit: number;
  /** NON_PROBING_WAIT: a body waits no longer than this for PROBING_RATE. */
  readonly nonProbingWaitMs: number;
  /** NON_PARTIAL_TIMEOUT: how long a body is kept, in part or for what a peer still misses. */
  readonly nonPartialTimeoutMs: number;
  /** PROBING_RATE (RFC 7252 §4.7), for bodies to a peer that does not answer. */
  readonly probingRateBytesPerSecond: number;
  /** The size of blocks that are sent: 0 to 6 for 16 to 1024 bytes. */
  readonly blockSzx: number;
  /** The longest body that is received. */
  readonly bodyBytesMax: number;
  /** How many request bodies of one peer are received, or with the handler, at a time. */
  readonly uploadsPerPeerMax: number;
  /**
   * How many request bodies are received at a time, or remembered as answered, so that none is handled twice. A peer has
   * no more of it than it leaves to others: half, where it is alone.
   */
  readonly uploadsMax: number;
  /** The memory for request bodies that are received, in bytes: by the sizes that peers announce, shared alike. */
  readonly uploadBytesMax: number;
  /** How many requests are remembered until they are answered; the oldest gives way, and its answer goes uncut. */
  readonly servedMax: number;
  /** How many response bodies are kept for what a peer misses; the oldest gives way. */
  readonly responsesMax: number;
  /** The memory of response bodies that are kept, in bytes; the oldest give way. */
  readonly responseBytesMax: number;
  /** How many peers are remembered as knowing Q-Block, or not; the oldest gives way. */
  readonly peersMax: number;
  /** How long a peer that refused Q-Block is not asked again. */
  readonly refusalRememberedMs: number;
  /** How often a response body may change while it comes. */
  readonly bodyRestartsMax: number;
  /**
   * Whether every peer is taken to know Q-Block until it refuses: then Non-confirmable bodies go as such from the first
   * on. Default: a Confirmable request finds out (RFC 9177 §4.1).
   */
  readonly assumesSupport: boolean;
}

const { ackTimeoutMs, ackRandomFactor, maxRetransmit, maxLatencyMs, probingRateBytesPerSecond } =
  defaultTransmissionParameters;

/** "computed in the same way as EXCHANGE_LIFETIME" (RFC 9177 §7.2). */
const NON_PARTIAL_TIMEOUT_MS = ackTimeoutMs * (2 ** maxRetransmit - 1) * ackRandomFactor + 2 * maxLatencyMs + 2000;

/** The values of RFC 9177 §7.2, Table 3; the limits are ours. */
export const defaultQBlockParameters: QBlockParameters = {
  maxPayloads: 10,
  nonTimeoutMs: ackTimeoutMs,
  ackRandomFactor,
  nonReceiveTimeoutMs: 2 * ackTimeoutMs,
  nonMaxRetransmit: maxRetransmit,
  nonProbingWaitMs: NON_PARTIAL_TIMEOUT_MS + 500,
  nonPartialTimeoutMs: NON_PARTIAL_TIMEOUT_MS,
  probingRateBytesPerSecond,
  blockSzx: 6,
  bodyBytesMax: 1024 * 1024,
  uploadsPerPeerMax: 16,
  uploadsMax: 4096,
  uploadBytesMax: 16 * 1024 * 1024,
  servedMax: 4096,
  responsesMax: 256,
  responseBytesMax: 16 * 1024 * 1024,
  peersMax: 1000,
  refusalRememberedMs: 3_600_000,
  bodyRestartsMax: 3,
  assumesSupport: false,
};

/**
 * Fills in the defaults and checks what was given.
 *
 * @throws {RangeError} a parameter that RFC 9177 §7.2 forbids or that means nothing
 */
export function resolveQBlockParameters(parameters: Partial<QBlockParameters> = {}): QBlockParameters {
  const resolved = { ...defaultQBlockParameters, ...parameters };
  const { maxPayloads, nonTimeoutMs, nonReceiveTimeoutMs, blockSzx } = resolved;
  for (const [name, value] of Object.entries(resolved)) {
    if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0))
      throw new RangeError(`${name} is 0 or more`);
  }
  const isPositive = Number.isInteger(maxPayloads) && maxPayloads >= 1 && nonTimeoutMs > 0;
  if (!isPositive) throw new RangeError('maxPayloads and nonTimeoutMs are more than 0');
  if (!Number.isInteger(blockSzx) || blockSzx > 6) throw new RangeError('blockSzx is 0 to 6');
  if (resolved.ackRandomFactor < 1) throw new RangeError('ackRandomFactor is 1 or more (RFC 7252 §4.8.1)');
  if (resolved.probingRateBytesPerSecond === 0) throw new RangeError('probingRateBytesPerSecond is more than 0');
  // "MUST always be greater than NON_TIMEOUT_RANDOM by at least one second" (RFC 9177 §7.2).
  if (nonReceiveTimeoutMs < nonTimeoutMs * resolved.ackRandomFactor + 1000) {
    throw new RangeError('nonReceiveTimeoutMs exceeds NON_TIMEOUT_RANDOM by a second or more (RFC 9177 §7.2)');
  }
  return resolved;
}
