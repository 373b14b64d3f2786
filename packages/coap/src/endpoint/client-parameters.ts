import type { ClientExchangeParameters } from '../exchange/exchange-parameters.ts';
import { strictMatching } from '../exchange/response-matching.ts';
import type { PlainLayerParameters } from '../message-layer/message-layer-parameters.ts';
import { defaultTransmissionParameters, derivedTimes } from '../parameters.ts';
import { OPTION_COUNT_MAX, TOKEN_LENGTH_MAX } from '../wire/index.ts';

/** What a client is told once, whatever parts it has. */
export interface ClientParameters extends PlainLayerParameters, ClientExchangeParameters {
  /** How long a request waits for its response unless it says otherwise; MAX_TRANSMIT_WAIT by default. */
  readonly requestTimeoutMs: number;
}

const { maxTransmitWaitMs } = /* @__PURE__ */ derivedTimes(defaultTransmissionParameters);

/** The defaults; those with a name in RFC 7252 have its values. */
export const defaultClientParameters: ClientParameters = {
  ...defaultTransmissionParameters,
  requestTimeoutMs: maxTransmitWaitMs,
  datagramBytesMax: 4096,
  tokenBytesMax: TOKEN_LENGTH_MAX,
  optionCountMax: OPTION_COUNT_MAX,
  queueMax: 256,
  queueWaitMaxMs: maxTransmitWaitMs,
  duplicateBytesMax: 64 * 1024 * 1024,
  peersMax: 200_000,
  workPerStepMax: 64,
  tokenBytes: 8,
  responseMatching: strictMatching,
  clientExchangesPerPeerMax: 256,
};
