import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { NO_STATE, stateLeft } from '../coap-endpoint.fixture.ts';
import { Crowd } from './idle-state.fixture.ts';

/** The heap in use after everything that is garbage was collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') for (let pass = 0; pass < 3; pass++) collect();
  return process.memoryUsage().heapUsed;
}

test('after 20,000 more peers the heap is what it was', { timeout: 300_000 }, async () => {
  const crowd = new Crowd();
  // Tables that were full once keep their capacity, and code is compiled when it is used.
  await crowd.visit(0, 20_000);
  const before = heapBytes();
  await crowd.visit(20_000, 40_000);
  const growth = heapBytes() - before;
  expect(stateLeft(crowd.endpoint.stats())).toEqual(NO_STATE);
  // The address alone would take 64 bytes of each.
  expect(growth).toBeLessThan(20_000 * 20);
});
