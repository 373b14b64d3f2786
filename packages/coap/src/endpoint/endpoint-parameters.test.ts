import { expect, test } from 'vitest';
import {
  defaultEndpointParameters,
  type EndpointParameters,
  resolveEndpointParameters,
} from './endpoint-parameters.ts';

test('the defaults are legal, and those of RFC 7252 §4.8', () => {
  expect(resolveEndpointParameters()).toEqual(defaultEndpointParameters);
  expect(defaultEndpointParameters).toMatchObject({ requestTimeoutMs: 93_000, ackTimeoutMs: 2000, nstart: 1 });
});

test('what follows from other parameters follows, unless it is given', () => {
  expect(resolveEndpointParameters({ ackTimeoutMs: 1000 })).toMatchObject({
    requestTimeoutMs: 46_500,
    queueWaitMaxMs: 46_500,
  });
  expect(resolveEndpointParameters({ ackTimeoutMs: 1000, requestTimeoutMs: 5 }).requestTimeoutMs).toBe(5);
});

test.each<[Partial<EndpointParameters>, Partial<EndpointParameters>]>([
  [{ datagramBytesMax: 1152 }, { datagramBytesMax: 1151 }],
  [{ datagramBytesMax: 65_507 }, { datagramBytesMax: 65_508 }],
  [{ tokenBytes: 4 }, { tokenBytes: 3 }],
  [{ tokenBytes: 8 }, { tokenBytes: 9 }],
  [
    { tokenBytesMax: 32, tokenBytes: 32 },
    { tokenBytesMax: 32, tokenBytes: 33 },
  ],
  [{ tokenBytesMax: 8 }, { tokenBytesMax: 7 }],
  [{ tokenBytesMax: 65_804 }, { tokenBytesMax: 65_805 }],
  [{ queueMax: 0 }, { queueMax: -1 }],
  [{ probingBytesMax: 0 }, { probingBytesMax: -1 }],
  [{ queueMax: 1 }, { queueMax: 1.5 }],
  [{ observersMax: 0 }, { observersMax: -1 }],
  [{ observersPerPeerMax: 0 }, { observersPerPeerMax: Number.NaN }],
  [{ peersMax: 1 }, { peersMax: 0 }],
  [{ nonRememberedMax: 1 }, { nonRememberedMax: 0 }],
  [{ workPerStepMax: 1 }, { workPerStepMax: 0 }],
  [{ serverExchangesMax: 1 }, { serverExchangesMax: 0 }],
  [{ serverExchangesPerPeerMax: 1 }, { serverExchangesPerPeerMax: 0 }],
  [{ clientExchangesPerPeerMax: 1 }, { clientExchangesPerPeerMax: 0 }],
  [{ optionCountMax: 1 }, { optionCountMax: 0 }],
  [{ duplicateBytesMax: 1 }, { duplicateBytesMax: 0 }],
  [{ requestTimeoutMs: 1 }, { requestTimeoutMs: 0 }],
  [{ queueWaitMaxMs: 1 }, { queueWaitMaxMs: 0 }],
  [{ piggybackWindowMs: 0 }, { piggybackWindowMs: -1 }],
  [{ piggybackWindowMs: 2000 }, { piggybackWindowMs: 2001 }],
  [{ handlerTimeoutMs: 1 }, { handlerTimeoutMs: 0 }],
  [{ handlerTimeoutMs: 246_999 }, { handlerTimeoutMs: 247_000 }],
  [{ confirmableAtLeastEveryMs: 86_400_000 }, { confirmableAtLeastEveryMs: 86_400_001 }],
  [{ blockSzx: 6 }, { blockSzx: 7 }],
  [{ blockSzx: 0 }, { blockSzx: -1 }],
  [{ bodyBytesMax: 1 }, { bodyBytesMax: 0 }],
  [{ bodyTimeoutMs: 1 }, { bodyTimeoutMs: 0 }],
  [{ bodyRestartsMax: 0 }, { bodyRestartsMax: -1 }],
  [{ assembliesPerPeerMax: 1 }, { assembliesPerPeerMax: 0 }],
  [{ assembliesMax: 1 }, { assembliesMax: 0 }],
  [{ assemblyBytesMax: 1 }, { assemblyBytesMax: 0 }],
  [{ responseBodiesPerPeerMax: 1 }, { responseBodiesPerPeerMax: 0 }],
  [{ responseBodiesMax: 1 }, { responseBodiesMax: 0 }],
  [{ responseBodyBytesMax: 0 }, { responseBodyBytesMax: -1 }],
  [{ confirmableAtLeastEveryMs: 0 }, { confirmableAtLeastEveryMs: -1 }],
])('%o is legal, %o is not', (legal, illegal) => {
  expect(resolveEndpointParameters(legal)).toMatchObject(legal);
  expect(() => resolveEndpointParameters(illegal)).toThrow(RangeError);
});
