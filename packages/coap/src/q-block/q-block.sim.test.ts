import { describe, expect, test } from 'vitest';
import type { CoapMethod } from '../client/coap-request-init.ts';
import { NO_STATE, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { TimeoutError } from '../errors.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { body, type QBlockPair, qBlockPair } from './q-block.fixture.ts';

const LOSSES = [0, 0.1, 0.3, 0.5];
const FAULTS = { delayMs: [5, 400] as const, duplication: 0.2, reordering: 0.2 };
/** NON_PARTIAL_TIMEOUT after the last of all, and the message IDs of that. */
const FORGOTTEN_MS = 900_000;
/** NON_PARTIAL_TIMEOUT is how long a request waits. */
const REQUEST_MS = 247_000;

async function end({ network, client, server, log }: QBlockPair): Promise<void> {
  expect([client.stats().clientExchanges, client.stats().transfers]).toEqual([0, 0]);
  await network.run(network.clock.now() + FORGOTTEN_MS);
  for (const endpoint of [client, server]) {
    expect(stateLeft(endpoint.stats())).toEqual(NO_STATE);
    const held = Object.entries(endpoint.qBlockStats()).filter(([name]) =>
      /Requests|SilentPeers|Uploads$|UploadBytes|Responses$|ResponseBytes|Served|Observers/.test(name),
    );
    expect(held).toHaveLength(8);
    expect(held.filter(([, value]) => value !== 0)).toEqual([]);
  }
  expect(network.pendingTimers).toBe(0);
  expect(log).toEqual([]);
}

describe.each<[CoapMethod, number, number, boolean]>([
  ['PUT', 3000, 0, false],
  ['POST', 14_500, 3000, false],
  ['FETCH', 1500, 12_025, false],
  ['GET', 0, 11_000, false],
  ['POST', 2100, 3000, true],
])('%s with %i bytes, answered with %i, Confirmable: %s', (method, requestBytes, answerBytes, confirmable) => {
  test.each(LOSSES)(
    'over a link that loses %f, doubles, delays and reorders: whole, once, and an end',
    async (loss) => {
      const runs: { readonly number: number; readonly payload: Uint8Array }[] = [];
      const made = qBlockPair(
        (request) => {
          const number = Number(request.path[0]);
          if (request.method !== 'GET') runs.push({ number, payload: request.payload });
          return { code: request.method === 'PUT' ? 0x44 : 0x45, payload: body(number + 1, answerBytes) };
        },
        { seed: 11 + loss * 100, loss, ...FAULTS },
      );
      const { network, client } = made;
      let answered = 0;
      const ask = async (number: number): Promise<void> => {
        const begun = network.clock.now();
        const payload = body(number, requestBytes);
        try {
          const response = await client.request(SERVER, { method, path: [String(number)], payload, confirmable });
          expect(response.payload).toEqual(body(number + 1, answerBytes));
          answered++;
        } catch (error) {
          expect(TimeoutError.is(error)).toBe(true);
        }
        expect(network.clock.now() - begun).toBeLessThanOrEqual(REQUEST_MS);
      };
      await network.settle(Promise.all(Array.from({ length: 6 }, (_, number) => ask(number))), 3_600_000);
      if (loss === 0) expect(answered).toBe(6);
      for (const { number, payload } of runs) expect(payload).toEqual(body(number, requestBytes));
      const numbers = runs.map(({ number }) => number);
      expect(new Set(numbers).size).toBe(numbers.length);
      if (method !== 'GET') expect(numbers.length).toBeGreaterThanOrEqual(answered);
      await end(made);
    },
  );
});

test.each(LOSSES)('the first request of all finds out whether the server knows Q-Block (loss %f)', async (loss) => {
  const received: Uint8Array[] = [];
  const made = qBlockPair(
    ({ payload }) => {
      received.push(payload);
      return { code: 0x44 };
    },
    { seed: 3, loss, ...FAULTS, qBlock: { assumesSupport: false } },
  );
  const init = { method: 'PUT', path: ['first'], payload: body(1, 2500), confirmable: false } as const;
  try {
    expect((await made.network.settle(made.client.request(SERVER, init))).code).toBe(0x44);
    expect(received).toEqual([init.payload]);
  } catch (error) {
    expect(loss).toBeGreaterThan(0);
    expect(TimeoutError.is(error)).toBe(true);
  }
  expect(made.seen[0]).toMatch('> CON 0.03 QB1:0/1/1024');
  await end(made);
});

test.each([
  [0, false],
  [0.1, false],
  [0.3, false],
  [0.5, false],
  [0, true],
  [0.3, true],
])('notifications of several blocks: whole and ascending (loss %f, Confirmable: %s)', async (loss, confirmable) => {
  const relations: ObserverRelation[] = [];
  let state = 0;
  const made = qBlockPair(
    (request) => {
      if (request.observe === 0) {
        const relation = request.acceptObserver();
        relations.push(relation);
        relation.signal.addEventListener('abort', () => relations.splice(relations.indexOf(relation), 1));
      }
      return { code: 0x45, payload: body(state, 11_500 + state) };
    },
    { seed: 21, loss, ...FAULTS },
  );
  const { network, client } = made;
  const seen: number[] = [];
  const note = (payload: Uint8Array): void => {
    const number = payload.length - 11_500;
    expect(payload).toEqual(body(number, payload.length));
    seen.push(number);
  };
  const ends: (Error | undefined)[] = [];
  const callbacks = {
    onNotification: ({ payload }: { payload: Uint8Array }) => note(payload),
    onEnd: (error: Error | undefined) => ends.push(error),
  };
  const observing = client.observe(SERVER, { method: 'GET', path: ['large'], confirmable }, callbacks);
  const observation = await network.settle(observing).catch(() => undefined);
  if (observation !== undefined) {
    expect(observation.established).toBe(true);
    note(observation.response.payload);
    for (let change = 1; change <= 12; change++) {
      state = change;
      const answer = { code: 0x45, payload: body(change, 11_500 + change) };
      for (const relation of [...relations]) relation.notify(answer, { confirmable });
      await network.run(network.clock.now() + (change % 3 === 0 ? 50 : 30_000));
    }
    await network.run(network.clock.now() + 400_000);
    expect(seen).toEqual(seen.toSorted((left, right) => left - right));
    if (loss === 0) expect(seen.at(-1)).toBe(12);
    observation.forget();
    expect(ends).toHaveLength(1);
  } else expect(loss).toBeGreaterThan(0);
  for (const relation of [...relations]) relation.end();
  await end(made);
});
