import { expect, test } from 'vitest';
import { SERVER } from '../coap-endpoint.fixture.ts';
import { BodyProbing } from './body-probing.ts';
import { body, qBlockPair } from './q-block.fixture.ts';
import { resolveQBlockParameters } from './q-block-parameters.ts';

const PEER = '10.0.0.1:5683';

test('the next body to a silent peer waits for PROBING_RATE, at most NON_PROBING_WAIT (RFC 9177 §7.2)', () => {
  const probing = new BodyProbing(resolveQBlockParameters());
  expect(probing.begin(PEER, 100, 0)).toBe(0);
  expect(probing.begin(PEER, 100_000, 10)).toBe(100_000);
  expect(probing.begin(PEER, 100, 20)).toBe(100_000 + 247_500);
  expect(probing.heard(PEER)).toBe(true);
  expect(probing.begin(PEER, 100, 30)).toBe(30);
});

test('what time has made up for is forgotten; beyond peersMax nobody is remembered', () => {
  const probing = new BodyProbing(resolveQBlockParameters({ peersMax: 1 }));
  probing.begin(PEER, 100, 0);
  probing.begin('10.0.0.2:5683', 100, 0);
  expect([probing.count, probing.nextAt]).toEqual([1, 100_000]);
  probing.forget(99_999);
  expect(probing.count).toBe(1);
  probing.forget(100_000);
  expect(probing.count).toBe(0);
});

test('a body that waits goes when the peer is heard', async () => {
  const { network, client, seen } = qBlockPair(() => ({ code: 0x44 }));
  network.drop(({ from }) => from === SERVER && network.clock.now() < 1000);
  const put = (path: string) =>
    client.request(SERVER, { method: 'PUT', path: [path], payload: body(1, 1500), confirmable: false });
  const both = Promise.all([put('a'), put('b')]);
  await network.run(500);
  expect(seen.filter((line) => line.startsWith('> NON 0.03') && !line.includes('lost'))).toHaveLength(2);
  await network.settle(both);
  expect(client.qBlockStats()).toMatchObject({ qBlockBodiesDelayed: 1, qBlockSilentPeers: 0 });
  // The first answer was lost: its last block went once more, after twice NON_RECEIVE_TIMEOUT.
  expect(network.clock.now()).toBeLessThan(9000);
});
