import { expect, test } from 'vitest';
import { NO_STATE, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { bodyBytes, chunksOf } from './streaming-bodies.fixture.ts';

const body = bodyBytes(1, 5000);
const get = { method: 'GET' as const, path: ['a'] };

test('a handler that answers with a producer after close: the producer is ended', async () => {
  let answer: () => void = () => {};
  let ends = 0;
  const next = () => Promise.resolve({ done: false as const, value: body });
  const end = () => {
    ends++;
    return Promise.resolve({ done: true as const, value: undefined });
  };
  const payload = { [Symbol.asyncIterator]: () => ({ next, return: end }) };
  const made = pair(async () => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return { code: 0x45, payload };
  });
  const asked = made.client.request(SERVER, get);
  const rejected = expect(asked).rejects.toMatchObject({ name: 'EndpointClosedError' });
  await made.network.run(1000);
  await made.server.close();
  answer();
  await made.client.close();
  await rejected;
  expect(ends).toBe(1);
});

test('a streamed response whose options cannot be read: nothing is left of its body', async () => {
  const location = { number: 8, value: Uint8Array.of(0xff) };
  const made = pair(() => ({ code: 0x45, options: [location], payload: chunksOf(body, 500) }));
  const asked = made.client.request(SERVER, get, { responseBody: 'stream' });
  await expect(made.network.settle(asked)).rejects.toMatchObject({ name: 'ProtocolError' });
  expect(made.client.stats().transfers).toBe(0);
  await made.network.run(500_000);
  expect(stateLeft(made.client.stats())).toEqual(NO_STATE);
  expect(made.network.pendingTimers).toBe(0);
});
