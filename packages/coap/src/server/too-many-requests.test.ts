import { expect, test } from 'vitest';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import { retryAfterMs, tooManyRequests } from './too-many-requests.ts';

test('4.29 with Max-Age says how long to wait (RFC 8516 §3, §4)', async () => {
  const { network, client } = pair(() => tooManyRequests(7));
  const response = await network.settle(client.request(SERVER, { method: 'GET' }));
  expect([response.code, retryAfterMs(response)]).toEqual([0x9d, 7000]);
});

test.each([
  [{ code: 0x9d, maxAgeSeconds: undefined }, 60_000],
  [{ code: 0x9d, maxAgeSeconds: 0 }, 0],
  [{ code: 0xa3, maxAgeSeconds: 5 }, 5000],
  [{ code: 0x45, maxAgeSeconds: 5 }, undefined],
  [{ code: 0x84, maxAgeSeconds: 5 }, undefined],
])('%o: %s ms', (response, expected) => {
  expect(retryAfterMs(response)).toBe(expected);
});
