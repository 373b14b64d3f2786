import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PeerSerials } from './peer-serials.ts';

const step = fc.record({
  peer: fc.constantFrom('a:1', 'b:1', '[::1]:5683'),
  messageId: fc.oneof(fc.nat({ max: 0xffff }), fc.nat({ max: 20 }), fc.integer({ min: 65_500, max: 65_535 })),
});

test('an ID that came is never taken for one that did not', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const serials = new PeerSerials();
      const known = new Map<string, Set<number>>();
      for (const { peer, messageId } of steps) {
        const serial = serials.find(peer);
        expect(serial > 0).toBe(known.has(peer));
        const ids = known.get(peer) ?? new Set();
        known.set(peer, ids.add(messageId));
        if (serial === 0) serials.add(peer, messageId);
        else serials.note(serial, messageId);
        for (const id of ids) expect(serials.mayHave(serials.find(peer), id)).toBe(true);
      }
    }),
  );
});

test('of IDs that are counted upwards, around the end and out of order by a few, none that is to come may have come', () => {
  const serials = new PeerSerials();
  const serial = serials.add('a:1', 65_000);
  for (let count = 1; count < 5000; count++) {
    const messageId = (65_000 + count) & 0xffff;
    expect(serials.mayHave(serial, messageId)).toBe(count % 3 === 1 && count > 1);
    // Every third comes before the one that it was sent after.
    if (count % 3 === 0) serials.note(serial, (messageId + 1) & 0xffff);
    serials.note(serial, messageId);
  }
  expect(serials.mayHave(serial, 64_999)).toBe(false);
});

test('all IDs may have come when they did', () => {
  const serials = new PeerSerials();
  const serial = serials.add('a:1', 0);
  for (let messageId = 1; messageId < 0x10000; messageId++) serials.note(serial, messageId);
  expect(serials.mayHave(serial, 0)).toBe(true);
  expect(serials.mayHave(serial, 0xffff)).toBe(true);
});
