import { describe, expect, test } from 'vitest';
import { content, NO_STATE, stateLeft, text } from '../coap-endpoint.fixture.ts';
import { ResponseCode } from '../wire/index.ts';
import { collect, GROUP, groupNetwork } from './multicast.fixture.ts';

const GET = { method: 'GET', path: ['temperature'] } as const;

describe('a request to a group (RFC 7252 §8)', () => {
  test('every member answers once, at some time within the leisure, from its own address', async () => {
    const { network, client, members } = groupNetwork(20, (index) => () => content(`${index}`));
    const responses = await network.settle(collect(client.request(GROUP, GET)));
    expect(responses.map(({ peer, payload }) => `${peer} ${text(payload)}`).toSorted()).toEqual(
      members.map(({ address }, index) => `${address} ${index}`).toSorted(),
    );
    const at = responses.map(({ receivedAt }) => receivedAt);
    expect(Math.max(...at)).toBeLessThanOrEqual(5000 + 30);
    // Spread, not in a bunch: the answers of 20 do not all come in one second.
    expect(Math.max(...at) - Math.min(...at)).toBeGreaterThan(2000);
    // All are waited for until the time is over.
    expect(network.clock.now()).toBe(10_000);
  });

  test.each([0, 0.1, 0.3, 0.5])(
    'at a loss of %f it ends in its time, nobody runs twice, nothing is left',
    async (loss) => {
      const runs: number[] = new Array(30).fill(0);
      const count = (index: number): number => {
        runs[index] = (runs[index] ?? 0) + 1;
        return runs[index] ?? 0;
      };
      const faults = { seed: 7 + loss * 10, loss, delayMs: [5, 300] as const, duplication: 0.3, reordering: 0.2 };
      const made = groupNetwork(30, (index) => () => content(`${count(index)}`), { faults });
      const { network, client, members } = made;
      const responses = await network.settle(collect(client.request(GROUP, GET)));
      expect(network.clock.now()).toBe(10_000);
      expect(Math.max(...runs)).toBeLessThanOrEqual(1);
      expect(new Set(responses.map(({ peer }) => peer)).size).toBe(responses.length);
      if (loss === 0) expect(responses).toHaveLength(30);
      await network.run(600_000);
      for (const { groupEndpoint, unicastEndpoint } of members) {
        expect([stateLeft(groupEndpoint.stats()), stateLeft(unicastEndpoint.stats())]).toEqual([NO_STATE, NO_STATE]);
      }
      await made.close();
      expect(network.pendingTimers).toBe(0);
    },
  );

  test('errors and empty answers are not sent, and no Reset ever', async () => {
    const answers = [
      content('useful'),
      { code: ResponseCode.NotFound },
      { code: ResponseCode.Changed },
      { code: ResponseCode.InternalServerError },
    ];
    const { network, client, members } = groupNetwork(4, (index) => () => answers[index] ?? content(''));
    const responses = await network.settle(collect(client.request(GROUP, GET)));
    expect(responses.map(({ peer }) => peer)).toEqual([members[0]?.address]);
    expect(members.map(({ groupTransport }) => groupTransport.counters.suppressed)).toEqual([0, 1, 1, 1]);
  });

  test('a second request of a client is answered in a leisure of its own', async () => {
    const { network, client } = groupNetwork(1, () => () => content('x'));
    const both = await network.settle(
      Promise.all([collect(client.request(GROUP, GET)), collect(client.request(GROUP, GET))]),
    );
    const [first = 0, second = 0] = both.map(([response]) => response?.receivedAt ?? Number.NaN);
    expect(first).toBeLessThanOrEqual(5000 + 20);
    expect(second).toBeGreaterThanOrEqual(5000);
  });
});

describe('bodies of several blocks (RFC 7959 §2.8)', () => {
  const body = 'abcdefgh'.repeat(400);

  test.each([0, 0.3])('the rest is fetched from each member alone, loss %f', async (loss) => {
    const faults = { seed: 3, loss };
    const { network, client } = groupNetwork(8, (index) => () => content(`${index}${body}`), { faults });
    const responses = await network.settle(collect(client.request(GROUP, GET)));
    for (const { isComplete, payload, peer } of responses) {
      if (isComplete) expect(text(payload)).toBe(`${Number(peer.split(/[.:]/)[3]) - 1}${body}`);
      else expect(payload).toHaveLength(1024);
    }
    if (loss === 0) expect(responses.filter(({ isComplete }) => isComplete)).toHaveLength(8);
  });

  test('a body that changes meanwhile, or is beyond bodyBytesMax, comes as its first block and says so', async () => {
    let count = 0;
    const changing = groupNetwork(1, () => () => ({ ...content(body), eTag: Uint8Array.of(++count) }));
    const [changed] = await changing.network.settle(collect(changing.client.request(GROUP, GET)));
    expect([changed?.isComplete, changed?.payload.length]).toEqual([false, 1024]);
    for (const [bodyBytesMax, isComplete] of [
      [3200, true],
      [3199, false],
    ] as const) {
      const bounded = groupNetwork(1, () => () => content(body), { client: { bodyBytesMax } });
      const [response] = await bounded.network.settle(collect(bounded.client.request(GROUP, GET)));
      expect([response?.isComplete, response?.payload.length]).toEqual([isComplete, isComplete ? 3200 : 1024]);
    }
  });
});
