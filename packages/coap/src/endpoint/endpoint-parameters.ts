import { type BlockParameters, defaultBlockParameters } from '../block/block-parameters.ts';
import type { ExchangeParameters } from '../exchange/exchange-parameters.ts';
import {
  defaultNonConfirmableParameters,
  type MessageLayerParameters,
} from '../message-layer/message-layer-parameters.ts';
import type { ObserveParameters } from '../observe/observe-parameters.ts';
import {
  assertRange,
  derivedTimes,
  resolveTransmissionParameters,
  type TransmissionParameters,
} from '../parameters.ts';
import { EXTENDED_TOKEN_LENGTH_MAX, OptionNumber, TOKEN_LENGTH_MAX } from '../wire/index.ts';
import { type ClientParameters, defaultClientParameters } from './client-parameters.ts';

/** What an endpoint is told once: the parameters of its layers. */
export interface EndpointParameters
  extends ClientParameters,
    MessageLayerParameters,
    ExchangeParameters,
    ObserveParameters,
    BlockParameters {}

const HOUR_MS = 3_600_000;

/** The defaults; those with a name in RFC 7252 have its values. */
export const defaultEndpointParameters: EndpointParameters = {
  ...defaultClientParameters,
  ...defaultNonConfirmableParameters,
  ...defaultBlockParameters,
  duplicateBytesPerPeerMax: 8 * 1024 * 1024,
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
    assertRange(name, value, { least, most, isInteger: !isTime });
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
