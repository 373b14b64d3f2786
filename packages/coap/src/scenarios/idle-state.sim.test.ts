import { expect, test } from 'vitest';
import { NO_STATE, stateLeft } from '../coap-endpoint.fixture.ts';
import { Crowd } from './idle-state.fixture.ts';

test('peers come and go in every manner: everything is held meanwhile, and nothing afterwards', async () => {
  const crowd = new Crowd();
  const during = await crowd.visit(0, 1500);
  expect(Object.entries(stateLeft(during)).filter(([, count]) => count === 0)).toEqual([]);
  expect(stateLeft(crowd.endpoint.stats())).toEqual(NO_STATE);
  expect(crowd.amplificationLimit.count).toBe(0);
  expect(crowd.network.pendingTimers).toBe(0);
});
