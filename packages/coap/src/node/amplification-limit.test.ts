import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { AmplificationLimit } from '../freshness/amplification-limit.ts';
import { obeyTooManyRequests } from '../manners/obey-too-many-requests.ts';
import { tooManyRequests } from '../server/too-many-requests.ts';
import { decodeMessage, encodeMessage, Method } from '../wire/index.ts';
import { nodeClock } from './node-clock.ts';
import { nodeMac } from './node-mac.ts';
import { openCoapClient } from './open-coap-client.ts';
import { type OpenCoapEndpointOptions, openCoapEndpoint } from './open-coap-endpoint.ts';

/** IPv4 and UDP. */
const HEADER_BYTES = 28;
const handler = () => ({ code: 0x45, payload: new Uint8Array(1000) });

/** How many times as much as it sends a socket gets that knows nothing of Echo, and the code. */
async function amplificationOf(options: OpenCoapEndpointOptions): Promise<readonly [factor: number, code: number]> {
  const server = await openCoapEndpoint({ url: 'coap://127.0.0.1:0', handler, ...options });
  const socket = createSocket('udp4');
  const empty = { token: new Uint8Array(0), options: [], payload: new Uint8Array(0) };
  const request = encodeMessage({ type: 0, code: Method.Get, messageId: 1, ...empty });
  socket.send(request, Number(new URL(server.localUrl).port), '127.0.0.1');
  const [answer] = (await once(socket, 'message')) as [Uint8Array];
  socket.close();
  await server.close();
  return [(answer.length + HEADER_BYTES) / (request.length + HEADER_BYTES), decodeMessage(answer).code];
}

test('an address that did not show itself gets at most three times what was sent in its name (RFC 9175 §2.6)', async () => {
  const amplificationLimit = new AmplificationLimit({ mac: nodeMac() });
  const [factor, code] = await amplificationOf({ amplificationLimit });
  expect(factor).toBeLessThan(3);
  expect(code).toBe(0x81);
});

test('off by default', async () => {
  const [factor, code] = await amplificationOf({});
  expect(factor).toBeGreaterThan(30);
  expect(code).toBe(0x45);
});

test('a client of ours gets through, and obeys what it is asked to', async () => {
  const answers = [tooManyRequests(0)];
  const server = await openCoapEndpoint({
    url: 'coap://127.0.0.1:0',
    handler: () => answers.shift() ?? handler(),
    amplificationLimit: new AmplificationLimit({ mac: nodeMac() }),
  });
  const client = await openCoapClient(server.localUrl, {
    around: (endpoint) => obeyTooManyRequests(endpoint, { clock: nodeClock }),
  });
  expect((await client.get('/')).payload).toHaveLength(1000);
  expect(server.stats()).toMatchObject({ echoChallenges: 1, requestsIn: 2 });
  await client.close();
  await server.close();
});
