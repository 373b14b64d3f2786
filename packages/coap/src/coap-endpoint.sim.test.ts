import { describe, expect, test } from 'vitest';
import { content, NO_STATE, type Pair, pair, SERVER, stateLeft, text } from './coap-endpoint.fixture.ts';
import { TimeoutError } from './errors.ts';
import type { CoapAnswer } from './server/coap-answer.ts';

/** How the server answers: in the Acknowledgement, after it, or much later than the client's first retransmissions. */
const SHAPES: Readonly<Record<string, number>> = {
  piggybacked: 0,
  'within the window': 150,
  separate: 900,
  slow: 9000,
};

const LOSSES = [0, 0.1, 0.3, 0.5];
const FAULTS = { delayMs: [5, 400] as const, duplication: 0.2, reordering: 0.2 };

/** All state is gone when the longest memory of RFC 7252 §4.8.2 is over. */
const FORGOTTEN_MS = 500_000;

interface Outcome {
  readonly answered: number;
  readonly timedOut: number;
  readonly durationMs: number[];
}

/** Sends numbered requests one after the other and one beside the other, and waits for all. */
async function exchange(
  { network, client }: Pair,
  count: number,
  init: { readonly delayMs: number; readonly confirmable: boolean },
): Promise<Outcome> {
  let answered = 0;
  let timedOut = 0;
  const durationMs: number[] = [];
  const ask = async (number: number): Promise<void> => {
    const begun = network.clock.now();
    const path = [String(init.delayMs), String(number)];
    try {
      const response = await client.request(SERVER, { method: 'POST', path, confirmable: init.confirmable });
      expect(text(response.payload)).toBe(`answer ${number}`);
      answered++;
    } catch (error) {
      expect(TimeoutError.is(error)).toBe(true);
      timedOut++;
    }
    durationMs.push(network.clock.now() - begun);
  };
  await network.settle(Promise.all(Array.from({ length: count }, (_, number) => ask(number))), 3_600_000);
  return { answered, timedOut, durationMs };
}

/** A server that counts how often each request ran. */
function countingServer(faults: Parameters<typeof pair>[1]): {
  readonly made: Pair;
  readonly runs: Map<string, number>;
} {
  const runs = new Map<string, number>();
  const made: Pair = pair(({ path: [delay = '0', number = ''] }) => {
    runs.set(number, (runs.get(number) ?? 0) + 1);
    const answer = content(`answer ${number}`);
    if (delay === '0') return answer;
    return new Promise<CoapAnswer>((resolve) => {
      made.network.clock.schedule(made.network.clock.now() + Number(delay), () => resolve(answer));
    });
  }, faults);
  return { made, runs };
}

describe.each(Object.keys(SHAPES))('a response that is %s', (shape) => {
  const delayMs = SHAPES[shape] ?? 0;

  test.each(LOSSES)(
    'over a link that loses %f, doubles, delays and reorders: one run each, and an end',
    async (loss) => {
      const { made, runs } = countingServer({ seed: 17 + loss * 100, loss, ...FAULTS });
      const count = 12;
      const { answered, timedOut, durationMs } = await exchange(made, count, { delayMs, confirmable: true });
      expect(answered + timedOut).toBe(count);
      expect(Math.max(...runs.values())).toBe(1);
      // Whoever was answered ran; without loss that is everybody.
      expect(runs.size).toBeGreaterThanOrEqual(answered);
      if (loss === 0) expect(answered).toBe(count);
      expect(Math.max(...durationMs)).toBeLessThanOrEqual(93_000);
      const { network, client, server } = made;
      expect([client.stats().clientExchanges, server.stats().serverExchanges]).toEqual([0, 0]);
      await network.run(network.clock.now() + FORGOTTEN_MS);
      expect(stateLeft(client.stats())).toEqual(NO_STATE);
      expect(stateLeft(server.stats())).toEqual(NO_STATE);
      expect(network.pendingTimers).toBe(0);
      expect(made.log).toEqual([]);
    },
  );

  test.each(LOSSES)('to a Non-confirmable request, loss %f: at most one run each, and an end', async (loss) => {
    const { made, runs } = countingServer({ seed: 3 + loss * 100, loss, ...FAULTS });
    const { answered, timedOut } = await exchange(made, 12, { delayMs, confirmable: false });
    expect(answered + timedOut).toBe(12);
    expect(Math.max(...runs.values())).toBe(1);
    if (loss === 0) expect(answered).toBe(12);
    await made.network.run(made.network.clock.now() + FORGOTTEN_MS);
    expect(stateLeft(made.client.stats())).toEqual(NO_STATE);
    expect(stateLeft(made.server.stats())).toEqual(NO_STATE);
  });
});

test('one seed, one history', async () => {
  const history = async (): Promise<string[]> => {
    const { made } = countingServer({ seed: 5, loss: 0.3, ...FAULTS });
    await exchange(made, 8, { delayMs: 900, confirmable: true });
    return made.seen;
  };
  expect(await history()).toEqual(await history());
});

test('most requests get through a link that loses 30 % each way', async () => {
  const { made } = countingServer({ seed: 99, loss: 0.3 });
  let total = 0;
  // One after the other: those that wait for NSTART would share one deadline.
  for (let round = 0; round < 40; round++) {
    total += (await exchange(made, 1, { delayMs: 0, confirmable: true })).answered;
  }
  expect(total).toBeGreaterThanOrEqual(36);
  expect(made.client.stats().retransmissions).toBeGreaterThan(0);
  expect(made.server.stats().duplicates).toBeGreaterThan(0);
});

describe.each([
  ['the empty Acknowledgement', (line: string) => line.startsWith('server ACK 0.00')],
  ['the first separate response', (line: string) => line.startsWith('server CON')],
  ['the Acknowledgement of the separate response', (line: string) => line.startsWith('client ACK')],
  ['the request', (line: string) => line.startsWith('client CON')],
])('lost: %s', (_name, isIt) => {
  test.each([0, 2])('first %i occurrences: the answer comes, and the handler ran once', async (lost) => {
    const { made, runs } = countingServer({ seed: 2 });
    let count = 0;
    made.network.drop(({ from, bytes }) => {
      const type = ['CON', 'NON', 'ACK', 'RST'][((bytes[0] ?? 0) >>> 4) & 3];
      const line = `${from === SERVER ? 'server' : 'client'} ${type} ${(bytes[1] ?? 0) >>> 5}.${String((bytes[1] ?? 0) & 31).padStart(2, '0')}`;
      return isIt(line) && ++count <= lost;
    });
    const { answered } = await exchange(made, 1, { delayMs: 900, confirmable: true });
    expect(answered).toBe(1);
    expect([...runs.values()]).toEqual([1]);
    await made.network.run(made.network.clock.now() + FORGOTTEN_MS);
    expect(stateLeft(made.client.stats())).toEqual(NO_STATE);
    expect(stateLeft(made.server.stats())).toEqual(NO_STATE);
  });
});
