import { expect, test } from 'vitest';
import { newPlainClient } from '../client/new-plain-client.ts';
import { content, pair, SERVER } from '../coap-endpoint.fixture.ts';
import { blockWise } from '../endpoint/block-wise.ts';

const GET = { method: 'GET', path: ['x'] } as const;

test('onSent is called once, when a request leaves: the second waits until the first is answered (NSTART)', async () => {
  const { network, client } = pair(() => content('x'), { delayMs: [10, 10] });
  const sentAt: string[] = [];
  const ask = (name: string) =>
    client.request(SERVER, GET, { onSent: () => sentAt.push(`${name} ${network.clock.now()}`) });
  const both = Promise.all([ask('first'), ask('second')]);
  expect(sentAt).toEqual(['first 0']);
  await network.settle(both);
  expect(sentAt).toEqual(['first 0', 'second 20']);
});

test.each([undefined, blockWise])(
  'a plain client tells it too, and what onSent throws harms nobody',
  async (bodies) => {
    const { network } = pair(() => content('x'));
    const { clock, randomSource: random } = network;
    const transport = network.transport('10.0.0.3:40000', { remote: SERVER });
    const client = newPlainClient({ transport, clock, random, bodies });
    let count = 0;
    const onSent = () => {
      count++;
      throw new Error('mine');
    };
    await network.settle(client.request(SERVER, GET, { onSent }));
    expect(count).toBe(1);
  },
);

test('onSent of a Non-confirmable request that waits for PROBING_RATE', async () => {
  const { network, client } = pair(undefined, { loss: 1 }, { probingBytesMax: 0, probingRateBytesPerSecond: 1 });
  const sentAt: number[] = [];
  const onSent = () => sentAt.push(network.clock.now());
  const init = { ...GET, confirmable: false };
  const asked = [1, 2].map(() => client.request(SERVER, init, { onSent, timeoutMs: 60_000 }));
  expect(sentAt).toEqual([0]);
  await network.settle(Promise.allSettled(asked));
  // 4 bytes of header, 8 of token, 2 of path, at a byte in a second.
  expect(sentAt).toEqual([0, 14_000]);
});

test('onSent of a request in blocks is called for the first, and of one that is lost at its first attempt', async () => {
  const { network, client } = pair(() => content('x'), { loss: 0.3, seed: 4 });
  const sentAt: number[] = [];
  const init = { method: 'PUT', path: ['x'], payload: new Uint8Array(5000) } as const;
  await network.settle(client.request(SERVER, init, { onSent: () => sentAt.push(network.clock.now()) }));
  expect(sentAt).toEqual([0]);
});

test('whenSent of a streamed answer is called once, when its first block went out', async () => {
  async function* body(): AsyncIterable<Uint8Array> {
    for (let block = 0; block < 5; block++) yield new Uint8Array(1024);
  }
  const heard: number[] = [];
  const made = pair(() => ({ code: 0x45, payload: body(), whenSent: () => heard.push(made.seen.length) }));
  const { payload } = await made.network.settle(made.client.request(SERVER, GET));
  expect(payload).toHaveLength(5120);
  expect(heard).toHaveLength(1);
  expect(heard[0]).toBeLessThan(5);
});
