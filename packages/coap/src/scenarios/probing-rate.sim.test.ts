import { expect, test } from 'vitest';
import { content, NO_STATE, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { TimeoutError } from '../errors.ts';

const ask = { method: 'POST', path: ['log'], payload: new Uint8Array(80), confirmable: false } as const;

test('RFC 7252 §4.7: a server that falls silent is sent to at PROBING_RATE, and at full speed when it is back', async () => {
  const { network, client, server } = pair(() => content('taken'));
  const at: number[] = [];
  let outBytes = 0;
  network.tap(({ at: time, to, bytes }) => {
    if (to !== SERVER) return;
    at.push(time);
    outBytes += bytes.length;
  });
  const askMany = (count: number) =>
    Promise.allSettled(Array.from({ length: count }, () => client.request(SERVER, ask)));
  const first = await network.settle(askMany(10));
  expect(first.every(({ status }) => status === 'fulfilled')).toBe(true);

  network.degrade({ loss: 1 });
  outBytes = 0;
  const begun = network.clock.now();
  const lost = await network.settle(askMany(40), 200_000);
  for (const outcome of lost) expect(outcome.status === 'rejected' && TimeoutError.is(outcome.reason)).toBe(true);
  const elapsedSeconds = (network.clock.now() - begun) / 1000;
  expect(outBytes).toBeLessThanOrEqual(1152 + elapsedSeconds);
  expect(client.stats().probesDelayed).toBeGreaterThan(20);

  network.degrade({ loss: 0 });
  // It waits for what time makes up for; its answer lifts the limit for all that wait.
  const again = await network.settle(
    Promise.allSettled(Array.from({ length: 20 }, () => client.request(SERVER, ask, { timeoutMs: 240_000 }))),
    300_000,
  );
  expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  const last = at.slice(-15);
  expect((last.at(-1) ?? 0) - (last[0] ?? 0)).toBeLessThan(100);
  await network.run(network.clock.now() + 1_500_000);
  expect([stateLeft(client.stats()), stateLeft(server.stats())]).toEqual([NO_STATE, NO_STATE]);
  expect(network.pendingTimers).toBe(0);
});
