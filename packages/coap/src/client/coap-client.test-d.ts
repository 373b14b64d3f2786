import { expectTypeOf } from 'vitest';
import type { ClientObservation, ClientResponse, CoapClient, CoapEndpoint, RequestingEndpoint } from '../index.ts';
import { CoapResponseError } from '../index.ts';

declare const client: CoapClient;

expectTypeOf<CoapEndpoint>().toExtend<RequestingEndpoint>();
expectTypeOf<CoapClient>().toExtend<AsyncDisposable>();
expectTypeOf(client.get('/x')).resolves.toEqualTypeOf<ClientResponse>();
expectTypeOf(
  client.put(['a', 'b'], 'text', { signal: AbortSignal.timeout(1) }),
).resolves.toEqualTypeOf<ClientResponse>();
expectTypeOf(client.observe('/x', { bufferMax: 1, overflow: 'end' })).toEqualTypeOf<ClientObservation>();
for await (const response of client.observe('/x')) expectTypeOf(response).toEqualTypeOf<ClientResponse>();

// @ts-expect-error a GET has no payload
await client.get('/x', 'payload');
// @ts-expect-error a payload is text or bytes
await client.post('/x', { a: 1 });
// @ts-expect-error not a policy
client.observe('/x', { overflow: 'block' });
// @ts-expect-error an observation that throws errors anyway
client.observe('/x', { throwOnError: true });

declare const caught: unknown;
if (CoapResponseError.is(caught)) expectTypeOf(caught.response).toEqualTypeOf<ClientResponse>();
