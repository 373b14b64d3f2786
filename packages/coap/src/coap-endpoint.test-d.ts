import { expectTypeOf } from 'vitest';
import type {
  AbortSignalLike,
  CoapAnswer,
  CoapEndpoint,
  CoapRequest,
  CoapResponse,
  DatagramTransport,
  Logger,
  RequestHandler,
} from './index.ts';
import { TimeoutError } from './index.ts';

declare const endpoint: CoapEndpoint;

// The platform's signals fit, and both kinds of handler.
expectTypeOf<AbortSignal>().toExtend<AbortSignalLike>();
expectTypeOf<(request: CoapRequest) => CoapAnswer>().toExtend<RequestHandler>();
expectTypeOf<(request: CoapRequest) => Promise<CoapAnswer>>().toExtend<RequestHandler>();
expectTypeOf(
  endpoint.request('p', { method: 'GET' }, { signal: AbortSignal.timeout(1) }),
).resolves.toEqualTypeOf<CoapResponse>();

// `await using` closes an endpoint.
expectTypeOf<CoapEndpoint>().toExtend<AsyncDisposable>();
expectTypeOf<Console>().toExtend<Logger>();

// @ts-expect-error a method has a name of RFC 7252 or RFC 8132
await endpoint.request('p', { method: 'get' });
// @ts-expect-error an answer has a code
endpoint.setHandler(() => ({ payload: new Uint8Array(0) }));
// @ts-expect-error what came is not to be changed
(response: CoapResponse) => (response.code = 1);
// @ts-expect-error a transport that cannot close
({ localUrl: '', remote: undefined, open() {}, send() {} }) satisfies DatagramTransport;

declare const caught: unknown;
if (TimeoutError.is(caught)) expectTypeOf(caught.code).toEqualTypeOf<'timeout'>();
