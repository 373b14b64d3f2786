import { describe, expect, test } from 'vitest';
import { NO_STATE, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { AbortedError, BodyChangedError, PeerUnreachableError, TimeoutError } from '../errors.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { bodyBytes, chunksOf, gathered, type Produced, sourceOf } from './streaming-bodies.fixture.ts';

const FORGOTTEN_MS = 500_000;
const put = (payload: Parameters<typeof chunksOf>[0] | AsyncIterable<Uint8Array>, path = 'a') => ({
  method: 'PUT' as const,
  path: [path],
  payload,
});
const get = { method: 'GET' as const, path: ['a'] };

async function forget({ network, client, server }: ReturnType<typeof pair>): Promise<void> {
  await network.run(network.clock.now() + FORGOTTEN_MS);
  expect(stateLeft(client.stats())).toEqual(NO_STATE);
  expect(stateLeft(server.stats())).toEqual(NO_STATE);
  expect(network.pendingTimers).toBe(0);
}

describe.each([0, 1, 1024, 1025, 2048, 5000])('a body of %i bytes', (length) => {
  const body = bodyBytes(1, length);

  test.each([
    ['an iterable of short chunks', () => chunksOf(body, 100)],
    ['an iterable of long chunks', () => chunksOf(body, 4096)],
    ['a source', () => sourceOf(body)],
    ['a source that reads later, and does not know its size', () => sourceOf(body, { isLate: true, size: false })],
  ])('is sent from %s', async (_name, make) => {
    const received: Uint8Array[] = [];
    const made = pair(({ payload }) => {
      received.push(payload);
      return { code: 0x44 };
    });
    const request = made.client.request(SERVER, { method: 'PUT', path: ['a'], payload: make() });
    expect((await made.network.settle(request)).code).toBe(0x44);
    expect(received).toEqual([body]);
    await forget(made);
  });

  test('is streamed to the handler', async () => {
    const received: Uint8Array[] = [];
    const handler = async (request: CoapRequest) => {
      received.push(await gathered(request.body));
      return { code: 0x44 };
    };
    const made = pair(handler, {}, {}, () => true);
    expect((await made.network.settle(made.client.request(SERVER, put(body)))).code).toBe(0x44);
    expect(received).toEqual([body]);
    expect(made.server.stats().bodiesStreamed).toBe(length > 1024 ? 1 : 0);
    await forget(made);
  });

  test.each([
    ['an iterable', () => chunksOf(body, 700)],
    ['a source', () => sourceOf(body)],
    ['a source that reads later, and does not know its size', () => sourceOf(body, { isLate: true, size: false })],
  ])('is answered from %s, and read as it comes', async (_name, make) => {
    const made = pair(() => ({ code: 0x45, payload: make(), payloadSize: length }));
    const read = async () => {
      const response = await made.client.request(SERVER, get, { responseBody: 'stream' });
      return [response.code, await gathered(response.body)];
    };
    expect(await made.network.settle(read())).toEqual([0x45, body]);
    await forget(made);
  });

  test('answers a POST from a source', async () => {
    const made = pair(() => ({ code: 0x44, payload: sourceOf(body, { isLate: true }) }));
    const asked = made.client.request(SERVER, { method: 'POST', path: ['a'], payload: bodyBytes(2, 3000) });
    expect((await made.network.settle(asked)).payload).toEqual(body);
    await forget(made);
  });
});

test('a request body streamed in and an answer streamed out of it, both at once', async () => {
  async function* doubled(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) yield chunk.map((byte) => byte ^ 0xff);
  }
  // The answer begins when the request is whole, so what is read before that has to be kept by the handler.
  const made = pair(
    async ({ body }) => ({ code: 0x44, payload: doubled(chunksOf(await gathered(body), 900)) }),
    {},
    {},
    () => true,
  );
  const body = bodyBytes(3, 4000);
  const both = async () => {
    const init = { ...put(chunksOf(body, 333)), method: 'POST' as const };
    const { body: answer } = await made.client.request(SERVER, init, { responseBody: 'stream' });
    return gathered(answer);
  };
  expect(await made.network.settle(both())).toEqual(body.map((byte) => byte ^ 0xff));
  await forget(made);
});

describe('demand', () => {
  test('streamBufferBytes of 2048: so much is fetched before anybody reads, and no more', async () => {
    const made = pair(() => ({ code: 0x45, payload: bodyBytes(1, 20_000) }), {}, { streamBufferBytes: 2048 });
    const { network, client } = made;
    const response = await network.settle(client.request(SERVER, get, { responseBody: 'stream' }));
    await network.run(60_000);
    expect(client.stats().blocksIn).toBe(2);
    expect(await network.settle(gathered(response.body))).toEqual(bodyBytes(1, 20_000));
    await forget(made);
  });

  test('streamBufferBytes of 2049: one block more', async () => {
    const made = pair(() => ({ code: 0x45, payload: bodyBytes(1, 20_000) }), {}, { streamBufferBytes: 2049 });
    await made.network.settle(made.client.request(SERVER, get, { responseBody: 'stream' }));
    await made.network.run(60_000);
    expect(made.client.stats().blocksIn).toBe(3);
  });

  test('a handler that reads slowly: the block is acknowledged, and its 2.31 comes when there is room', async () => {
    const body = bodyBytes(4, 6000);
    const got: number[] = [];
    const made = pair(
      async (request) => {
        for await (const chunk of request.body) {
          got.push(chunk.length);
          await new Promise<void>((resolve) => made.network.clock.schedule(made.network.clock.now() + 5000, resolve));
        }
        return { code: 0x44 };
      },
      {},
      { streamBufferBytes: 1024 },
      () => true,
    );
    const response = await made.network.settle(made.client.request(SERVER, put(body)));
    expect(response.code).toBe(0x44);
    expect(got).toEqual([1024, 1024, 1024, 1024, 1024, 880]);
    expect(made.seen.filter((line) => line.startsWith('server CON 2.31'))).not.toEqual([]);
    expect(made.client.stats().retransmissions).toBe(0);
    await forget(made);
  });

  test('a producer is asked for the next chunk when the one before it is on its way', async () => {
    const produced = { chunks: 0, isClosed: false };
    const made = pair(() => ({ code: 0x44 }), { delayMs: [1000, 1000] });
    const asked = made.client.request(SERVER, put(chunksOf(bodyBytes(1, 10_240), 1024, produced)));
    await made.network.run(100);
    // One block and the first of the next, to know that there is one.
    expect(produced.chunks).toBe(2);
    await made.network.settle(asked);
    expect(produced).toEqual({ chunks: 10, isClosed: true });
    await forget(made);
  });
});

describe('ends before the end', () => {
  const long = bodyBytes(5, 50_000);

  test('what a producer throws rejects the request, and the handler never sees a body', async () => {
    const failure = new Error('disk');
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bodyBytes(1, 3000);
      throw failure;
    }
    let runs = 0;
    const made = pair(() => {
      runs++;
      return { code: 0x44 };
    });
    await expect(made.network.settle(made.client.request(SERVER, put(broken())))).rejects.toBe(failure);
    expect([runs, made.client.stats().transfers]).toEqual([0, 0]);
    await forget(made);
  });

  test.each([2999, 3001])('a body of 3000 bytes that was said to have %i rejects the request', async (payloadSize) => {
    const made = pair(() => ({ code: 0x44 }));
    const init = { ...put(chunksOf(bodyBytes(1, 3000), 1000)), payloadSize };
    await expect(made.network.settle(made.client.request(SERVER, init))).rejects.toThrow(`${payloadSize} bytes`);
    await forget(made);
  });

  test('what the producer of an answer throws is 5.00, or ends what the client reads', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bodyBytes(1, 3000);
      throw new Error('disk');
    }
    const made = pair(() => ({ code: 0x45, payload: broken() }));
    const response = await made.network.settle(made.client.request(SERVER, get, { responseBody: 'stream' }));
    await expect(made.network.settle(gathered(response.body))).rejects.toThrow('refused with 5.00');
    expect((await made.network.settle(made.client.request(SERVER, get))).code).toBe(0xa0);
    expect(made.log).toEqual(['the body of an answer failed Error: disk', 'the body of an answer failed Error: disk']);
    await forget(made);
  });

  test('the signal ends an upload, and its producer', async () => {
    const produced = { chunks: 0, isClosed: false };
    const controller = new AbortController();
    const made = pair(() => ({ code: 0x44 }), { delayMs: [500, 500] });
    const asked = made.client.request(SERVER, put(chunksOf(long, 1024, produced)), { signal: controller.signal });
    const outcome = expect(asked).rejects.toSatisfy(AbortedError.is);
    await made.network.run(5000);
    controller.abort();
    await outcome;
    expect(produced.chunks).toBeLessThan(10);
    await forget(made);
    expect(produced.isClosed).toBe(true);
  });

  test('the signal ends a download that is being read', async () => {
    const controller = new AbortController();
    const made = pair(() => ({ code: 0x45, payload: long }), { delayMs: [500, 500] });
    const options = { responseBody: 'stream' as const, signal: controller.signal };
    const response = await made.network.settle(made.client.request(SERVER, get, options));
    const outcome = expect(gathered(response.body)).rejects.toSatisfy(AbortedError.is);
    controller.abort();
    await made.network.settle(outcome);
    expect(made.client.stats().transfers).toBe(0);
    await forget(made);
  });

  test('whoever leaves the loop ends the download, and in the end the producer', async () => {
    const produced = { chunks: 0, isClosed: false };
    const made = pair(() => ({ code: 0x45, payload: chunksOf(long, 1024, produced) }), {}, { streamBufferBytes: 1024 });
    const response = await made.network.settle(made.client.request(SERVER, get, { responseBody: 'stream' }));
    const leave = async () => {
      for await (const chunk of response.body) return chunk.length;
      return 0;
    };
    expect(await made.network.settle(leave())).toBe(1024);
    expect(made.client.stats()).toMatchObject({ transfers: 0, clientExchanges: 0 });
    await expect(gathered(response.body)).rejects.toThrow('once');
    expect(produced.isClosed).toBe(false);
    await forget(made);
    expect(produced.isClosed).toBe(true);
  });

  test('a handler that answers an error in the middle: the peer hears it with its next block', async () => {
    const made = pair(
      async ({ body }) => {
        for await (const _chunk of body) return { code: 0x8d };
        return { code: 0x44 };
      },
      {},
      {},
      () => true,
    );
    const produced = { chunks: 0, isClosed: false };
    const asked = made.client.request(SERVER, put(chunksOf(long, 1024, produced)));
    expect((await made.network.settle(asked)).code).toBe(0x8d);
    expect(produced.chunks).toBeLessThan(10);
    await forget(made);
  });

  test('a handler that answers a success in the middle: the rest comes and is dropped', async () => {
    const made = pair(
      () => ({ code: 0x44, payload: long }),
      {},
      {},
      () => true,
    );
    const response = await made.network.settle(made.client.request(SERVER, put(long)));
    expect([response.code, response.payload]).toEqual([0x44, long]);
    await forget(made);
  });

  test('a peer that goes away: the handler is told by name, when the next block is too late', async () => {
    const ends: unknown[] = [];
    const made = pair(
      async (request) => {
        request.signal.addEventListener('abort', () => ends.push(request.signal.reason));
        await gathered(request.body).catch((error: unknown) => ends.push(error));
        return { code: 0x44 };
      },
      {},
      {},
      () => true,
    );
    const controller = new AbortController();
    const asked = made.client.request(SERVER, put(chunksOf(long, 100)), { signal: controller.signal });
    const outcome = expect(asked).rejects.toSatisfy(AbortedError.is);
    await made.network.run(10);
    controller.abort();
    await outcome;
    await made.network.run(made.network.clock.now() + 247_000);
    expect(ends.map(TimeoutError.is)).toEqual([true, true]);
    await forget(made);
  });

  test('a peer that begins anew: the older handler is told by name, and the newer one gets the body', async () => {
    const runs: (Uint8Array | unknown)[] = [];
    const made = pair(
      async ({ body }) => {
        const run = runs.push(undefined) - 1;
        runs[run] = await gathered(body).catch((error: unknown) => error);
        return { code: 0x44 };
      },
      {},
      {},
      () => true,
    );
    const tag = { number: 292, value: Uint8Array.of(1) };
    const controller = new AbortController();
    const first = { ...put(chunksOf(long, 100)), options: [tag] };
    const outcome = expect(made.client.request(SERVER, first, { signal: controller.signal })).rejects.toThrow();
    await made.network.run(10);
    controller.abort();
    await outcome;
    await made.network.settle(made.client.request(SERVER, { ...put(bodyBytes(9, 4000)), options: [tag] }));
    expect(runs).toEqual([expect.toSatisfy(BodyChangedError.is), bodyBytes(9, 4000)]);
    await forget(made);
  });

  test('a body that changes while it is read ends by name: what was read cannot be taken back', async () => {
    let version = 0;
    const made = pair(
      () => ({ code: 0x45, payload: sourceOf(bodyBytes(version, 20_000), { eTag: Uint8Array.of(++version) }) }),
      {},
      { streamBufferBytes: 1024 },
    );
    const response = await made.network.settle(made.client.request(SERVER, get, { responseBody: 'stream' }));
    await expect(made.network.settle(gathered(response.body))).rejects.toSatisfy(BodyChangedError.is);
    await forget(made);
  });

  test('a peer that cannot be reached any more ends the upload and the download by name', async () => {
    const made = pair(() => ({ code: 0x45, payload: long }), { delayMs: [500, 500] });
    const response = await made.network.settle(made.client.request(SERVER, get, { responseBody: 'stream' }));
    const reading = gathered(response.body).catch((error: unknown) => error);
    const sending = made.client.request(SERVER, put(chunksOf(long, 1000))).catch((error: unknown) => error);
    await made.network.run(made.network.clock.now() + 600);
    await made.server.close();
    const outcomes = await made.network.settle(Promise.all([reading, sending]));
    expect(outcomes.map(PeerUnreachableError.is)).toEqual([true, true]);
    await made.network.run(made.network.clock.now() + FORGOTTEN_MS);
    expect(stateLeft(made.client.stats())).toEqual(NO_STATE);
  });

  test('close ends all of it', async () => {
    const made = pair(
      ({ body }) => gathered(body).then(() => ({ code: 0x44 })),
      { delayMs: [500, 500] },
      {},
      () => true,
    );
    const asked = expect(made.client.request(SERVER, put(chunksOf(long, 1000)))).rejects.toThrow('closed');
    await made.network.run(5000);
    await made.server.close();
    await made.client.close();
    await asked;
    expect(made.network.pendingTimers).toBe(0);
  });
});

test('a body that takes the place of one whose first block is still to come: both producers are ended', async () => {
  const produced: Produced[] = [];
  let begin: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    begin = resolve;
  });
  async function* late(own: Produced): AsyncGenerator<Uint8Array, void, undefined> {
    await gate;
    yield* chunksOf(bodyBytes(1, 5000), 100, own);
  }
  const handler = () => {
    const own = { chunks: 0, isClosed: false };
    produced.push(own);
    return { code: 0x45, payload: late(own) };
  };
  const made = pair(handler, {}, { nstart: 2 });
  const both = Promise.allSettled([made.client.request(SERVER, get), made.client.request(SERVER, get)]);
  await made.network.run(1000);
  expect(produced).toHaveLength(2);
  begin();
  await made.network.settle(both);
  await forget(made);
  // Those that were begun at all.
  expect(produced.filter(({ chunks, isClosed }) => chunks > 0 && !isClosed)).toEqual([]);
});

test('a body that was read already: the request is rejected, and nothing is left of it', async () => {
  const made = pair(() => ({ code: 0x44 }));
  const once: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      throw new TypeError('a body can be read once');
    },
  };
  await expect(made.client.request(SERVER, put(once))).rejects.toThrow('a body can be read once');
  expect(made.client.stats().transfers).toBe(0);
  expect(made.seen).toEqual([]);
  await forget(made);
});
