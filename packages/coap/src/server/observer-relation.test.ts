import { expect, test } from 'vitest';
import { RelationHandle } from './observer-relation.ts';

const commands = { notify: () => {}, endRelation: () => {} };

test('a signal is given to who listens, and to who asks for it after the end', () => {
  const about = { peer: '192.0.2.1:5683', token: Uint8Array.of(1, 2) };
  const [early, late] = [new RelationHandle(1, commands, about), new RelationHandle(2, commands, about)];
  const reason = new Error('the end');
  const told: unknown[] = [];
  early.signal.addEventListener('abort', () => told.push(early.signal.reason));
  for (const relation of [early, late]) relation.finish(reason);
  expect(told).toEqual([reason]);
  expect([late.signal.aborted, late.signal.reason]).toEqual([true, reason]);
  expect([late.peer, late.token]).toEqual([about.peer, about.token]);
});
