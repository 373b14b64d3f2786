import { SimulatedNetwork } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { Presence } from './presence.ts';

test('a device is awake for a while after it was heard, each time anew', async () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const slept: string[] = [];
  const presence = new Presence(network.clock, (id) => slept.push(`${id}@${network.clock.now()}`));
  expect(presence.heard('a', 93_000)).toBe(true);
  expect(presence.heard('b', 10_000)).toBe(true);
  await network.run(5_000);
  expect(presence.heard('b', 10_000)).toBe(false);
  await network.run(14_999);
  expect([presence.isAwake('b'), presence.size]).toEqual([true, 2]);
  await network.run(15_001);
  expect([presence.isAwake('b'), presence.isAwake('a')]).toEqual([false, true]);
  expect(presence.unheard('a')).toBe(true);
  expect(presence.unheard('a')).toBe(false);
  await network.run(200_000);
  expect(slept).toEqual(['b@15000']);
  presence.heard('c', 1_000);
  presence.close();
  await network.run(300_000);
  expect(slept).toHaveLength(1);
  expect(network.pendingTimers).toBe(0);
});
