import { describe, expect, test } from 'vitest';
import type { ClientEndpoint } from '../client/client-endpoint.ts';
import { NO_STATE, type Pair, pair, stateLeft } from '../coap-endpoint.fixture.ts';
import { qBlockPair } from '../q-block/q-block.fixture.ts';
import { runShape, SHAPES, ShapeServer } from './exchange-shapes.fixture.ts';

const LOSSES = [0, 0.1, 0.2, 0.3, 0.4, 0.5];
/** One fault at a time, and all of them; the longest delay is three times ACK_TIMEOUT. */
const LINKS = {
  'delays evenly': { delayMs: [30, 30] },
  doubles: { delayMs: [20, 60], duplication: 0.5 },
  'doubles everything': { delayMs: [0, 900], duplication: 1 },
  reorders: { delayMs: [5, 400], reordering: 0.5 },
  'reorders everything': { delayMs: [5, 1500], reordering: 1 },
  'delays by up to 6 s': { delayMs: [0, 6000] },
  'does all of it': { delayMs: [0, 3000], duplication: 0.5, reordering: 0.5 },
} as const;
const COUNT = 4;
/** EXCHANGE_LIFETIME, bodies and relations: nothing is remembered longer. */
const FORGOTTEN_MS = 900_000;

interface Ended extends Pick<Pair, 'network' | 'log'> {
  readonly client: ClientEndpoint;
  readonly server: ClientEndpoint;
}

async function end(made: Ended): Promise<void> {
  const { network, client, server } = made;
  await network.run(network.clock.now() + FORGOTTEN_MS);
  expect(stateLeft(client.stats())).toEqual(NO_STATE);
  expect(stateLeft(server.stats())).toEqual(NO_STATE);
  expect(network.pendingTimers).toBe(0);
  expect(made.log).toEqual([]);
}

/** What may change something ran once at most; what only reads may be asked again. */
function expectRunOnce({ runs }: ShapeServer): void {
  for (const [name, count] of runs) if (!name.startsWith('GET body')) expect([name, count]).toEqual([name, 1]);
}

describe.each(Object.keys(LINKS) as (keyof typeof LINKS)[])('over a link that %s', (link) => {
  describe.each(Object.keys(SHAPES))('%s', (shape) => {
    test.each(LOSSES)('and loses %f: right, once, in time, and nothing is left', async (loss) => {
      const server: ShapeServer = new ShapeServer(() => made.network);
      const made: Pair = pair(server.handler, { seed: 7 + 100 * loss, loss, ...LINKS[link] });
      const answered = await runShape(made, shape, COUNT);
      if (loss === 0 && link !== 'delays by up to 6 s') expect(answered).toBe(COUNT);
      expectRunOnce(server);
      await end(made);
    });
  });

  test.each(LOSSES)('bodies both ways by Q-Block, loss %f', async (loss) => {
    const server: ShapeServer = new ShapeServer(() => made.network);
    const made = qBlockPair(server.handler, { seed: 5 + 100 * loss, loss, ...LINKS[link] });
    const answered = await runShape(made, 'both block directions', COUNT);
    if (loss === 0 && link !== 'delays by up to 6 s') expect(answered).toBe(COUNT);
    expectRunOnce(server);
    await end(made);
  });
});
