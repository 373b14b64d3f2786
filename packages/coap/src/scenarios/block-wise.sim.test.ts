import { describe, expect, test } from 'vitest';
import type { CoapMethod } from '../client/coap-request-init.ts';
import { NO_STATE, type Pair, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { BodyChangedError, TimeoutError } from '../errors.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';

const LOSSES = [0, 0.1, 0.3, 0.5];
const FAULTS = { delayMs: [5, 400] as const, duplication: 0.2, reordering: 0.2 };

/** All state is gone when bodies (EXCHANGE_LIFETIME) and messages are forgotten. */
const FORGOTTEN_MS = 500_000;

/** A body that says which it is at every place. */
function body(seed: number, length: number): Uint8Array {
  const made = new Uint8Array(length);
  for (let index = 0; index < length; index++) made[index] = (seed * 31 + index * 7 + (index >>> 8) * 13) & 0xff;
  return made;
}

/** A server that answers each body with its own, and writes down what ran. */
function mirror(faults: Parameters<typeof pair>[1], answerBytes: number, parameters: Parameters<typeof pair>[2] = {}) {
  const runs: { readonly number: number; readonly payload: Uint8Array }[] = [];
  const made = pair(
    ({ path, payload, method }) => {
      const number = Number(path[0]);
      if (method !== 'GET') runs.push({ number, payload });
      return { code: method === 'GET' ? 0x45 : 0x44, payload: body(number + 1, answerBytes) };
    },
    faults,
    parameters,
  );
  return { made, runs };
}

async function end({ network, client, server, log }: Pair): Promise<void> {
  expect([client.stats().clientExchanges, client.stats().transfers]).toEqual([0, 0]);
  await network.run(network.clock.now() + FORGOTTEN_MS);
  expect(stateLeft(client.stats())).toEqual(NO_STATE);
  expect(stateLeft(server.stats())).toEqual(NO_STATE);
  expect(network.pendingTimers).toBe(0);
  expect(log).toEqual([]);
}

describe.each<[CoapMethod, number, number]>([
  ['PUT', 3000, 0],
  ['POST', 2100, 3000],
  ['FETCH', 1500, 1025],
  ['GET', 0, 5000],
])('%s with %i bytes, answered with %i', (method, requestBytes, answerBytes) => {
  test.each(LOSSES)(
    'over a link that loses %f, doubles, delays and reorders: whole, once, and an end',
    async (loss) => {
      const { made, runs } = mirror({ seed: 11 + loss * 100, loss, ...FAULTS }, answerBytes);
      const count = 8;
      let answered = 0;
      const ask = async (number: number): Promise<void> => {
        const begun = made.network.clock.now();
        try {
          const payload = body(number, requestBytes);
          const response = await made.client.request(SERVER, { method, path: [String(number)], payload });
          expect(response.payload).toEqual(body(number + 1, answerBytes));
          answered++;
        } catch (error) {
          expect(TimeoutError.is(error)).toBe(true);
        }
        // Each message has its 93 s.
        const blocks = Math.ceil(requestBytes / 1024) + Math.ceil(answerBytes / 1024) + 1;
        expect(made.network.clock.now() - begun).toBeLessThanOrEqual(93_000 * blocks);
      };
      await made.network.settle(Promise.all(Array.from({ length: count }, (_, number) => ask(number))), 36_000_000);
      if (loss === 0) expect(answered).toBe(count);
      for (const { number, payload } of runs) expect(payload).toEqual(body(number, requestBytes));
      const numbers = runs.map(({ number }) => number);
      expect(new Set(numbers).size).toBe(numbers.length);
      if (method !== 'GET') expect(numbers.length).toBeGreaterThanOrEqual(answered);
      await end(made);
    },
  );
});

test.each(LOSSES)(
  'bodies to one resource at the same time, some given up: none is mixed with another (loss %f)',
  async (loss) => {
    const received: Uint8Array[] = [];
    const made = pair(
      ({ payload }) => {
        received.push(payload);
        return { code: 0x44 };
      },
      { seed: 5 + loss * 10, loss, ...FAULTS },
      { nstart: 4 },
    );
    const { network, client } = made;
    const sent = Array.from({ length: 12 }, (_, number) => body(number * 17, 4000));
    let delivered = 0;
    const ask = async (payload: Uint8Array, number: number): Promise<void> => {
      // Every third is given up in the middle, and another follows at once.
      const timeoutMs = number % 3 === 0 ? 900 : 93_000;
      const options = { timeoutMs, bodyTimeoutMs: number % 3 === 0 ? 1200 : 3_600_000 };
      try {
        const { code } = await client.request(SERVER, { method: 'PUT', path: ['firmware'], payload }, options);
        if (code === 0x44) delivered++;
        else expect([0x88, 0xa3]).toContain(code);
      } catch (error) {
        expect(TimeoutError.is(error)).toBe(true);
      }
    };
    await network.settle(Promise.all(sent.map((payload, number) => ask(payload, number))), 36_000_000);
    const whole = new Set(sent.map((payload) => payload.join()));
    for (const payload of received) expect(whole.has(payload.join())).toBe(true);
    expect(new Set(received.map((payload) => payload.join())).size).toBe(received.length);
    expect(received.length).toBeGreaterThanOrEqual(delivered);
    if (loss === 0) expect(delivered).toBeGreaterThanOrEqual(8);
    await end(made);
  },
);

test.each(LOSSES)(
  'a resource that changes while it is fetched: one version or the other, never both (loss %f)',
  async (loss) => {
    let version = 0;
    const made = pair(
      () => ({ code: 0x45, payload: body(version, 4000) }),
      { seed: 8, loss, ...FAULTS },
      {
        // Nothing is kept: every block comes from the handler as it is then.
        responseBodyBytesMax: 0,
      },
    );
    const { network, client } = made;
    const asked = Array.from({ length: 6 }, async () => {
      try {
        const { payload } = await client.request(SERVER, { method: 'GET', path: ['changing'] });
        const first = Array.from({ length: version + 1 }, (_, number) => body(number, 4000).join());
        expect(first).toContain(payload.join());
      } catch (error) {
        expect(TimeoutError.is(error) || BodyChangedError.is(error)).toBe(true);
      }
    });
    for (let change = 0; change < 5; change++) {
      await network.run(network.clock.now() + 2500);
      version++;
    }
    await network.settle(Promise.all(asked), 36_000_000);
    expect(made.server.stats().responseBodiesAskedAgain).toBeGreaterThan(0);
    await end(made);
  },
);

test.each(LOSSES)(
  'notifications of several blocks: whole, ascending, and the last one in the end (loss %f)',
  async (loss) => {
    const relations: ObserverRelation[] = [];
    let state = 0;
    const made = pair(
      (request) => {
        if (request.observe === 0) {
          const relation = request.acceptObserver();
          relations.push(relation);
          relation.signal.addEventListener('abort', () => relations.splice(relations.indexOf(relation), 1));
        }
        return { code: 0x45, payload: body(state, 2500 + state) };
      },
      { seed: 21, loss, ...FAULTS },
    );
    const { network, client } = made;
    const seen: number[] = [];
    const note = (payload: Uint8Array): void => {
      const number = payload.length - 2500;
      expect(payload).toEqual(body(number, payload.length));
      seen.push(number);
    };
    const ends: (Error | undefined)[] = [];
    const callbacks = {
      onNotification: ({ payload }: { payload: Uint8Array }) => note(payload),
      onEnd: (error: Error | undefined) => ends.push(error),
    };
    const observing = client.observe(SERVER, { method: 'GET', path: ['large'] }, callbacks);
    const observation = await network.settle(observing).catch(() => undefined);
    if (observation !== undefined) {
      expect(observation.established).toBe(true);
      note(observation.response.payload);
      for (let change = 1; change <= 20; change++) {
        state = change;
        for (const relation of [...relations]) relation.notify({ code: 0x45, payload: body(change, 2500 + change) });
        await network.run(network.clock.now() + (change % 3 === 0 ? 50 : 8000));
      }
      await network.run(network.clock.now() + 400_000);
      expect(seen).toEqual(seen.toSorted((left, right) => left - right));
      if (relations.length > 0 && client.stats().notificationsIncomplete === 0) expect(seen.at(-1)).toBe(20);
      if (loss === 0) expect(seen.at(-1)).toBe(20);
      observation.forget();
      expect(ends).toHaveLength(1);
    } else expect(loss).toBeGreaterThan(0);
    for (const relation of [...relations]) relation.end();
    await end(made);
  },
);

test('small blocks, both ways, agreed on by the smaller of the two', async () => {
  const { made, runs } = mirror({ seed: 3 }, 500, { blockSzx: 1 });
  const payload = body(1, 300);
  const response = await made.network.settle(made.client.request(SERVER, { method: 'POST', path: ['1'], payload }));
  expect(response.payload).toEqual(body(2, 500));
  expect(runs).toEqual([{ number: 1, payload }]);
  await end(made);
});
