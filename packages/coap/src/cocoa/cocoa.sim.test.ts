import { describe, expect, test } from 'vitest';
import { content, NO_STATE, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import type { EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { TimeoutError } from '../errors.ts';
import { cocoa } from './index.ts';

interface Run {
  readonly answered: number;
  /** Copies that were sent although the first one arrived. */
  readonly spurious: number;
  readonly tookMs: number;
}

/** Requests one after the other over a link whose delay and loss change with time. */
async function run(
  parameters: Partial<EndpointParameters>,
  link: (round: number) => { readonly delayMs: readonly [number, number]; readonly loss?: number },
  seed: number,
): Promise<Run> {
  const { network, client, server } = pair(() => content('here'), { seed }, parameters);
  let answered = 0;
  for (let round = 0; round < 60; round++) {
    network.degrade(link(round));
    try {
      await network.settle(client.request(SERVER, { method: 'GET', path: [String(round)] }), 100_000);
      answered++;
    } catch (error) {
      expect(TimeoutError.is(error)).toBe(true);
    }
  }
  const tookMs = network.clock.now();
  const spurious = server.stats().duplicates;
  await network.run(tookMs + 500_000);
  expect([stateLeft(client.stats()), stateLeft(server.stats())]).toEqual([NO_STATE, NO_STATE]);
  return { answered, spurious, tookMs };
}

describe.each([1, 2, 3])('CoCoA beside the default times, seed %i', (seed) => {
  test('on a slow link whose delay changes: far fewer spurious retransmissions', async () => {
    // Round trips of 3 to 9 seconds that come and go in waves.
    const link = (round: number) => {
      const middleMs = 3000 + 1500 * Math.sin(round / 6);
      return { delayMs: [middleMs - 150, middleMs + 150] as const };
    };
    const fixed = await run({}, link, seed);
    const adaptive = await run({ rtoEstimator: cocoa() }, link, seed);
    expect([fixed.answered, adaptive.answered]).toEqual([60, 60]);
    expect(adaptive.spurious).toBeLessThan(fixed.spurious / 2);
  });

  test('on a fast link that loses 30 %: the same answers in less time', async () => {
    const link = () => ({ delayMs: [20, 60] as const, loss: 0.3 });
    const fixed = await run({}, link, seed);
    const adaptive = await run({ rtoEstimator: cocoa() }, link, seed);
    expect(adaptive.answered).toBeGreaterThanOrEqual(fixed.answered - 3);
    expect(adaptive.tookMs).toBeLessThan(fixed.tookMs);
  });
});
