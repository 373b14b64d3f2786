import type { BlockParameters } from '../block/block-parameters.ts';
import type { ExchangeParameters } from '../exchange/exchange-parameters.ts';
import { strictMatching } from '../exchange/response-matching.ts';
import type { MessageLayerParameters } from '../message-layer/message-layer-parameters.ts';
import type { ObserveParameters } from '../observe/observe-parameters.ts';
import {
  defaultTransmissionParameters,
  derivedTimes,
  resolveTransmissionParameters,
  type TransmissionParameters,
} from '../parameters.ts';
import { EXTENDED_TOKEN_LENGTH_MAX, OPTION_COUNT_MAX, OptionNumber, TOKEN_LENGTH_MAX } from '../wire/index.ts';

/** What an endpoint is told once: the parameters of its layers. */
export interface EndpointParameters
  extends MessageLayerParameters,
    ExchangeParameters,
    ObserveParameters,
    BlockParameters {
  /** How long a request waits for its response unless it says otherwise; MAX_TRANSMIT_WAIT by default. */
  readonly requestTimeoutMs: number;
}

const HOUR_MS = 3_600_000;

/** The defaults; those with a name in RFC 7252 have its values. */
export const defaultEndpointParameters: EndpointParameters = {
  ...defaultTransmissionParameters,
  requestTimeoutMs: derivedTimes(defaultTransmissionParameters).maxTransmitWaitMs,
  datagramBytesMax: 4096,
  tokenBytesMax: TOKEN_LENGTH_MAX,
  optionCountMax: OPTION_COUNT_MAX,
  queueMax: 256,
  queueWaitMaxMs: derivedTimes(defaultTransmissionParameters).maxTransmitWaitMs,
  // One message of the length that RFC 7252 §4.6 calls an upper bound.
  probingBytesMax: 1152,
  duplicateBytesMax: 64 * 1024 * 1024,
  duplicateBytesPerPeerMax: 8 * 1024 * 1024,
  peersMax: 200_000,
  nonRememberedMax: 32,
  workPerStepMax: 64,
  tokenBytes: 8,
  responseMatching: strictMatching,
  clientExchangesPerPeerMax: 256,
  serverExchangesPerPeerMax: 64,
  serverExchangesMax: 10_000,
  piggybackWindowMs: 200,
  handlerTimeoutMs: 60_000,
  criticalOptions: [
    OptionNumber.UriHost,
    OptionNumber.UriPort,
    OptionNumber.UriPath,
    OptionNumber.UriQuery,
    OptionNumber.Accept,
  ],
  observersPerPeerMax: 256,
  observersMax: 100_000,
  confirmableAtLeastEveryMs: 24 * HOUR_MS,
  blockSzx: 6,
  bodyBytesMax: 1024 * 1024,
  bodyTimeoutMs: HOUR_MS,
  bodyRestartsMax: 3,
  streamBufferBytes: 64 * 1024,
  assembliesPerPeerMax: 8,
  assembliesMax: 1000,
  assemblyBytesMax: 64 * 1024 * 1024,
  responseBodiesPerPeerMax: 8,
  responseBodiesMax: 1000,
  responseBodyBytesMax: 64 * 1024 * 1024,
};

/**
 * Fills in the defaults and checks what was given.
 *
 * @param parameters what differs from the defaults
 * @returns all parameters
 * @throws {RangeError} a parameter that the RFCs forbid or that means nothing
 */
export function resolveEndpointParameters(parameters: Partial<EndpointParameters> = {}): EndpointParameters {
  const transmission = resolveTransmissionParameters(transmissionOf(parameters));
  const { maxTransmitWaitMs, processingDelayMs, exchangeLifetimeMs } = derivedTimes(transmission);
  const times = { requestTimeoutMs: maxTransmitWaitMs, queueWaitMaxMs: maxTransmitWaitMs };
  const memory = parameters.duplicateBytesMax ?? defaultEndpointParameters.duplicateBytesMax;
  const derived = { ...times, duplicateBytesPerPeerMax: Math.max(1, Math.floor(memory / SHARES)) };
  const resolved: EndpointParameters = { ...defaultEndpointParameters, ...derived, ...parameters, ...transmission };
  const ranges: Ranges = {
    ...RANGES,
    // A node takes at most PROCESSING_DELAY to acknowledge (RFC 7252 §4.8.2).
    piggybackWindowMs: [0, processingDelayMs],
    tokenBytes: [TOKEN_BYTES_MIN, parameters.tokenBytesMax ?? TOKEN_LENGTH_MAX],
    // From EXCHANGE_LIFETIME on a duplicate of the request would run again.
    handlerTimeoutMs: [Number.MIN_VALUE, exchangeLifetimeMs - 1],
  };
  for (const [name, value] of Object.entries(resolved)) {
    if (typeof value !== 'number' || name in transmission) continue;
    const isTime = name.endsWith('Ms');
    const [least = isTime ? Number.MIN_VALUE : 1, most = Number.POSITIVE_INFINITY] = ranges[name] ?? [];
    if (value >= least && value <= most && (isTime || Number.isInteger(value))) continue;
    throw new RangeError(`${name} is ${isTime ? 'a time' : 'an integer'} from ${least} to ${most}, not ${value}`);
  }
  return resolved;
}

/** So many peers fill the memory for duplicates together. */
const SHARES = 8;

/** "at least 32 bits of randomness" (RFC 7252 §5.3.1); fewer would also be used up by few requests. */
const TOKEN_BYTES_MIN = 4;

type Ranges = Readonly<Record<string, readonly [least: number, most?: number]>>;

/** Where the least is not 1, or for a time more than 0, or there is a most. */
const RANGES: Ranges = {
  // RFC 7252 §4.6, and what a UDP datagram holds.
  datagramBytesMax: [1152, 65_507],
  tokenBytesMax: [TOKEN_LENGTH_MAX, EXTENDED_TOKEN_LENGTH_MAX],
  // 7 is BERT, "reserved" on UDP (RFC 7959 §2.2).
  blockSzx: [0, 6],
  // RFC 7641 §4.5.
  confirmableAtLeastEveryMs: [0, 24 * HOUR_MS],
  queueMax: [0],
  probingBytesMax: [0],
  observersPerPeerMax: [0],
  observersMax: [0],
  bodyRestartsMax: [0],
  responseBodyBytesMax: [0],
};

/** Those of the message layer's times and counts that RFC 7252 §4.8 names. */
function transmissionOf(parameters: Partial<EndpointParameters>): TransmissionParameters {
  const all: EndpointParameters = { ...defaultEndpointParameters, ...parameters };
  return {
    ackTimeoutMs: all.ackTimeoutMs,
    ackRandomFactor: all.ackRandomFactor,
    maxRetransmit: all.maxRetransmit,
    nstart: all.nstart,
    defaultLeisureMs: all.defaultLeisureMs,
    probingRateBytesPerSecond: all.probingRateBytesPerSecond,
    maxLatencyMs: all.maxLatencyMs,
  };
}
