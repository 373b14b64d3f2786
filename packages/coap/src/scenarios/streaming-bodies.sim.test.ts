import { describe, expect, test } from 'vitest';
import { NO_STATE, type Pair, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { AbortedError, CoapError, ProtocolError, TimeoutError } from '../errors.ts';
import { bodyBytes, chunksOf, gathered, sourceOf } from './streaming-bodies.fixture.ts';

const LOSSES = [0, 0.1, 0.3, 0.5];
const FAULTS = { delayMs: [5, 400] as const, duplication: 0.2, reordering: 0.2 };
/** All state is gone when bodies (EXCHANGE_LIFETIME) and messages are forgotten. */
const FORGOTTEN_MS = 500_000;
const COUNT = 6;
/** Each message has its 93 s. */
const MESSAGE_MS = 93_000;

async function end({ network, client, server }: Pair): Promise<void> {
  expect([client.stats().clientExchanges, client.stats().transfers]).toEqual([0, 0]);
  await network.run(network.clock.now() + FORGOTTEN_MS);
  expect(stateLeft(client.stats())).toEqual(NO_STATE);
  expect(stateLeft(server.stats())).toEqual(NO_STATE);
  expect(network.pendingTimers).toBe(0);
}

/** Waits in virtual time, as a slow disk does. */
function pause(made: Pair, ms: number): Promise<void> {
  return new Promise((resolve) => made.network.clock.schedule(made.network.clock.now() + ms, resolve));
}

/** Whether an error is one by which a transfer may end on a bad link: the rest was given up by one of the two. */
function isFairEnd(error: unknown): boolean {
  return TimeoutError.is(error) || ProtocolError.is(error);
}

describe.each(LOSSES)('over a link that loses %f, doubles, delays and reorders', (loss) => {
  test.each([0, 300])(
    'uploads that are read as they come, %i ms for each chunk: whole, once, and an end',
    async (slowMs) => {
      const whole: { readonly number: number; readonly body: Uint8Array }[] = [];
      const runs: number[] = [];
      const made = pair(
        async (request) => {
          const number = Number(request.path[0]);
          runs.push(number);
          const parts: number[] = [];
          try {
            for await (const chunk of request.body) {
              parts.push(...chunk);
              if (slowMs > 0) await pause(made, slowMs);
            }
          } catch (error) {
            expect(error).toSatisfy((thrown: Error) => thrown instanceof CoapError);
            return { code: 0x88 };
          }
          whole.push({ number, body: Uint8Array.from(parts) });
          return { code: 0x44, payload: chunksOf(bodyBytes(number + 1, 2500), 600) };
        },
        { seed: 3 + loss * 100, loss, ...FAULTS },
        { streamBufferBytes: 1024 },
        () => true,
      );
      let answered = 0;
      const ask = async (number: number): Promise<void> => {
        const begun = made.network.clock.now();
        try {
          const init = {
            method: 'POST' as const,
            path: [String(number)],
            payload: chunksOf(bodyBytes(number, 4500), 700),
          };
          const response = await made.client.request(SERVER, init);
          if (response.code !== 0x44) return;
          expect(response.payload).toEqual(bodyBytes(number + 1, 2500));
          answered++;
        } catch (error) {
          expect(error).toSatisfy(isFairEnd);
        } finally {
          expect(made.network.clock.now() - begun).toBeLessThanOrEqual(MESSAGE_MS * 9);
        }
      };
      await made.network.settle(Promise.all(Array.from({ length: COUNT }, (_, number) => ask(number))), 36_000_000);
      if (loss === 0) expect(answered).toBe(COUNT);
      for (const { number, body } of whole) expect(body).toEqual(bodyBytes(number, 4500));
      // A handler runs once for each request, whole or not.
      expect(new Set(runs).size).toBe(runs.length);
      expect(whole.length).toBeGreaterThanOrEqual(answered);
      await end(made);
    },
  );

  test.each([
    ['an iterable', (number: number) => chunksOf(bodyBytes(number, 5000), 999)],
    ['a source', (number: number) => sourceOf(bodyBytes(number, 5000), { isLate: true, eTag: Uint8Array.of(number) })],
  ])('downloads from %s, read as they come: what was read is right, and an end', async (_name, payloadOf) => {
    const made = pair(
      ({ path }) => ({ code: 0x45, payload: payloadOf(Number(path[0])) }),
      { seed: 7 + loss * 100, loss, ...FAULTS },
      { streamBufferBytes: 2048 },
    );
    let whole = 0;
    const ask = async (number: number): Promise<void> => {
      const expected = bodyBytes(number, 5000);
      let length = 0;
      const begun = made.network.clock.now();
      try {
        const init = { method: 'GET' as const, path: [String(number)] };
        const response = await made.client.request(SERVER, init, { responseBody: 'stream' });
        for await (const chunk of response.body) {
          expect(chunk).toEqual(expected.subarray(length, length + chunk.length));
          length += chunk.length;
        }
        expect(length).toBe(expected.length);
        whole++;
      } catch (error) {
        expect(error).toSatisfy(isFairEnd);
      }
      expect(made.network.clock.now() - begun).toBeLessThanOrEqual(MESSAGE_MS * 6);
    };
    await made.network.settle(Promise.all(Array.from({ length: COUNT }, (_, number) => ask(number))), 36_000_000);
    if (loss === 0) expect(whole).toBe(COUNT);
    await end(made);
  });

  test('some are given up in the middle, by either side: no body is mixed with another', async () => {
    const received: string[] = [];
    const made = pair(
      async (request) => {
        const number = Number(request.query[0]);
        if (number % 4 === 1) return { code: 0x8d };
        try {
          received.push((await gathered(request.body)).join());
        } catch (error) {
          expect(error).toSatisfy((thrown: Error) => thrown instanceof CoapError);
        }
        return { code: 0x44 };
      },
      { seed: 13 + loss * 100, loss, ...FAULTS },
      { nstart: 4 },
      () => true,
    );
    const sent = Array.from({ length: 8 }, (_, number) => bodyBytes(number * 17, 4000));
    const ask = async (payload: Uint8Array, number: number): Promise<void> => {
      const controller = new AbortController();
      if (number % 4 === 2) made.network.clock.schedule(made.network.clock.now() + 900, () => controller.abort());
      const init = {
        method: 'PUT' as const,
        path: ['a'],
        query: [String(number % 2)],
        payload: chunksOf(payload, 512),
      };
      try {
        await made.client.request(SERVER, init, { signal: controller.signal });
      } catch (error) {
        expect(AbortedError.is(error) || isFairEnd(error)).toBe(true);
      }
    };
    await made.network.settle(Promise.all(sent.map((payload, number) => ask(payload, number))), 36_000_000);
    const whole = new Set(sent.map((payload) => payload.join()));
    for (const body of received) expect(whole.has(body)).toBe(true);
    await end(made);
  });
});
