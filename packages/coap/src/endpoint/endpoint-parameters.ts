import type { BlockParameters } from '../block/block-parameters.ts';
import type { ExchangeParameters } from '../exchange/exchange-parameters.ts';
import type { MessageLayerParameters } from '../message-layer/message-layer-parameters.ts';
import type { ObserveParameters } from '../observe/observe-parameters.ts';
import {
  defaultTransmissionParameters,
  derivedTimes,
  resolveTransmissionParameters,
  type TransmissionParameters,
} from '../parameters.ts';
import { OPTION_COUNT_MAX, OptionNumber } from '../wire/index.ts';

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
  optionCountMax: OPTION_COUNT_MAX,
  queueMax: 256,
  queueWaitMaxMs: derivedTimes(defaultTransmissionParameters).maxTransmitWaitMs,
  // One message of the length that RFC 7252 §4.6 calls an upper bound.
  probingBytesMax: 1152,
  duplicateBytesMax: 64 * 1024 * 1024,
  peersMax: 200_000,
  nonRememberedMax: 32,
  workPerStepMax: 64,
  tokenBytes: 8,
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
  const resolved: EndpointParameters = { ...defaultEndpointParameters, ...times, ...parameters, ...transmission };
  for (const name of COUNTS) checkInteger(resolved, name, 1);
  for (const name of COUNTS_OR_NONE) checkInteger(resolved, name, 0);
  // 7 is BERT, "reserved" on UDP (RFC 7959 §2.2).
  check(resolved.blockSzx <= 6, 'blockSzx is 0 to 6 (RFC 7959 §2.2)');
  check(resolved.bodyTimeoutMs > 0, 'bodyTimeoutMs is more than 0');
  // "at least 32 bits of randomness" (RFC 7252 §5.3.1); fewer would also be used up by few requests.
  check(resolved.tokenBytes >= 4 && resolved.tokenBytes <= 8, 'tokenBytes is 4 to 8 (RFC 7252 §5.3.1)');
  check(resolved.datagramBytesMax >= 1152, 'datagramBytesMax is 1152 or more (RFC 7252 §4.6)');
  check(resolved.datagramBytesMax <= 65_507, 'datagramBytesMax is at most what a UDP datagram holds (65507)');
  check(resolved.requestTimeoutMs > 0, 'requestTimeoutMs is more than 0');
  check(resolved.queueWaitMaxMs > 0, 'queueWaitMaxMs is more than 0');
  check(resolved.piggybackWindowMs >= 0, 'piggybackWindowMs is 0 or more');
  // A node takes at most PROCESSING_DELAY to acknowledge (RFC 7252 §4.8.2).
  check(
    resolved.piggybackWindowMs <= processingDelayMs,
    'piggybackWindowMs is at most PROCESSING_DELAY (ackTimeoutMs)',
  );
  check(resolved.handlerTimeoutMs > 0, 'handlerTimeoutMs is more than 0');
  // Beyond it a duplicate of the request would run again.
  check(resolved.handlerTimeoutMs < exchangeLifetimeMs, 'handlerTimeoutMs is less than EXCHANGE_LIFETIME');
  check(resolved.confirmableAtLeastEveryMs >= 0, 'confirmableAtLeastEveryMs is 0 or more');
  check(
    resolved.confirmableAtLeastEveryMs <= 24 * HOUR_MS,
    'confirmableAtLeastEveryMs is at most 24 h (RFC 7641 §4.5)',
  );
  return resolved;
}

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

const COUNTS = [
  'optionCountMax',
  'duplicateBytesMax',
  'peersMax',
  'nonRememberedMax',
  'workPerStepMax',
  'tokenBytes',
  'clientExchangesPerPeerMax',
  'serverExchangesPerPeerMax',
  'serverExchangesMax',
  'bodyBytesMax',
  'assembliesPerPeerMax',
  'assembliesMax',
  'assemblyBytesMax',
  'responseBodiesPerPeerMax',
  'responseBodiesMax',
] as const;

const COUNTS_OR_NONE = [
  'queueMax',
  'probingBytesMax',
  'observersPerPeerMax',
  'observersMax',
  'blockSzx',
  'bodyRestartsMax',
  'responseBodyBytesMax',
] as const;

function checkInteger(
  parameters: EndpointParameters,
  name: (typeof COUNTS)[number] | (typeof COUNTS_OR_NONE)[number],
  least: number,
): void {
  check(Number.isInteger(parameters[name]) && parameters[name] >= least, `${name} is an integer, ${least} or more`);
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(rule);
}
