import { describe, expect, test } from 'vitest';
import type { CoapObservation } from '../client/coap-observation.ts';
import { content, NO_STATE, type Pair, pair, SERVER, stateLeft, text } from '../coap-endpoint.fixture.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';

const FAULTS = { delayMs: [5, 400] as const, duplication: 0.2, reordering: 0.3 };
const FORGOTTEN_MS = 500_000;
const GET = { method: 'GET', path: ['temperature'] } as const;

interface Watched {
  readonly made: Pair;
  readonly relations: ObserverRelation[];
  readonly values: string[];
  readonly ends: (Error | undefined)[];
  /** Tells the new state to all that observe. */
  change(value: number, options?: { readonly confirmable?: boolean }): void;
  observe(): Promise<CoapObservation>;
}

/** A server with one observable value, and a client that writes down what it is told. */
function watched(faults: Parameters<typeof pair>[1]): Watched {
  const relations: ObserverRelation[] = [];
  const [values, ends]: [string[], (Error | undefined)[]] = [[], []];
  let state = 0;
  const made = pair((request) => {
    if (request.observe === 0) {
      const relation = request.acceptObserver();
      relations.push(relation);
      relation.signal.addEventListener('abort', () => relations.splice(relations.indexOf(relation), 1));
    }
    return content(String(state));
  }, faults);
  return {
    made,
    relations,
    values,
    ends,
    change(value, options) {
      state = value;
      for (const relation of [...relations]) relation.notify(content(String(value)), options);
    },
    observe: () =>
      made.client.observe(SERVER, GET, {
        onNotification: ({ payload }) => values.push(text(payload)),
        onEnd: (error) => ends.push(error),
      }),
  };
}

async function wait({ network }: Pair, ms: number): Promise<void> {
  await network.run(network.clock.now() + ms);
}

describe.each([0, 0.1, 0.3, 0.5])('over a link that loses %f, doubles, delays and reorders', (loss) => {
  test.each([1, 2, 3])(
    'Confirmable notifications: in order, the last one arrives or the relation ends (seed %i)',
    async (seed) => {
      const { made, relations, values, ends, change, observe } = watched({ seed, loss, ...FAULTS });
      const observation = await made.network.settle(observe()).catch(() => undefined);
      if (observation === undefined) return;
      expect(observation.established).toBe(true);
      for (let value = 1; value <= 30; value++) {
        change(value);
        await wait(made, value % 3 === 0 ? 20 : 700);
      }
      await wait(made, 120_000);
      const numbers = [Number(text(observation.response.payload)), ...values.map(Number)];
      expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
      expect(new Set(numbers).size).toBe(numbers.length);
      if (relations.length > 0) expect(numbers.at(-1)).toBe(30);
      else expect(loss).toBeGreaterThan(0);
      expect(ends).toEqual([]);
      observation.forget();
      expect(ends).toEqual([undefined]);
      for (const relation of [...relations]) relation.end();
      await wait(made, FORGOTTEN_MS);
      expect(stateLeft(made.client.stats())).toEqual(NO_STATE);
      expect(stateLeft(made.server.stats())).toEqual(NO_STATE);
      expect(made.network.pendingTimers).toBe(0);
    },
  );

  test('Non-confirmable notifications: in order, each at most once', async () => {
    const { made, values, change, observe } = watched({ seed: 8, loss, ...FAULTS });
    const observation = await made.network.settle(observe()).catch(() => undefined);
    if (observation === undefined) return;
    for (let value = 1; value <= 30; value++) {
      change(value, { confirmable: false });
      await wait(made, 300);
    }
    await wait(made, 5000);
    const numbers = values.map(Number);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((left, right) => left - right));
    expect(numbers.length).toBeGreaterThan(loss === 0.5 ? 3 : 8);
  });

  test('cancel ends the relation, or the server finds out by itself', async () => {
    const { made, relations, ends, change, observe } = watched({ seed: 4, loss, ...FAULTS });
    const observation = await made.network.settle(observe()).catch(() => undefined);
    if (observation === undefined) return;
    change(1);
    const cancelled = await made.network.settle(observation.cancel()).catch(() => undefined);
    expect(ends).toEqual([undefined]);
    if (cancelled !== undefined) expect([cancelled.observe, relations.length]).toEqual([undefined, 0]);
    change(2);
    await wait(made, 120_000);
    change(3);
    await wait(made, 120_000);
    expect(relations).toEqual([]);
    await wait(made, FORGOTTEN_MS);
    expect(stateLeft(made.server.stats())).toEqual(NO_STATE);
    expect(stateLeft(made.client.stats())).toEqual(NO_STATE);
  });
});

test('a client that is gone is taken off the list when a Confirmable notification times out', async () => {
  const { made, relations, change, observe } = watched({ seed: 1 });
  await made.network.settle(observe());
  made.network.drop(({ to }) => to !== SERVER);
  const [relation] = relations;
  change(1);
  await wait(made, 61_000);
  expect(relation?.signal.aborted).toBe(false);
  await wait(made, 33_000);
  expect(relation?.signal.reason).toMatchObject({ code: 'timeout' });
  expect(made.server.stats()).toMatchObject({ observers: 0, transmissionsGivenUp: 1 });
});

test('notifications that nobody asked for are Confirmable once in 24 hours', async () => {
  const { made, relations, change, observe } = watched({ seed: 1 });
  await made.network.settle(observe());
  const hour = 3_600_000;
  made.seen.length = 0;
  for (let value = 1; value <= 50; value++) {
    await wait(made, hour);
    change(value, { confirmable: false });
  }
  await wait(made, 1000);
  const confirmable = made.seen.flatMap((line, index) => (line.startsWith('server CON') ? [index] : []));
  expect(confirmable).toEqual([23, 48]);
  expect(relations).toHaveLength(1);
});

test('a request from a callback is sent again like any other', async () => {
  const answers: string[] = [];
  const { made, change } = watched({ seed: 1 });
  const { client, network } = made;
  const ask = async (): Promise<void> => {
    answers.push(text((await client.request(SERVER, GET)).payload));
  };
  const failures: unknown[] = [];
  const onNotification = (): void => {
    ask().catch((error: unknown) => failures.push(error));
  };
  await network.settle(client.observe(SERVER, GET, { onNotification, onEnd: (error) => failures.push(error) }));
  // No timer of the first request is left that could wake the endpoint by chance.
  await wait(made, 10_000);
  let dropped = 0;
  network.drop(({ to, bytes }) => to === SERVER && bytes[1] === 1 && dropped++ === 0);
  change(7);
  await wait(made, 5000);
  expect([answers, failures]).toEqual([['7'], []]);
});
