import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DuplicateTable } from './duplicate-table.ts';

const parameters = {
  exchangeLifetimeMs: 247,
  nonLifetimeMs: 145,
  maxTransmitSpanMs: 45,
  duplicateBytesMax: 10_000_000,
  duplicateBytesPerPeerMax: 10_000_000,
};

interface Known {
  readonly isConfirmable: boolean;
  readonly at: number;
  answer: Uint8Array;
}

const step = fc.record({
  afterMs: fc.nat({ max: 60 }),
  peer: fc.constantFrom('a:1', 'b:1', '[::1]:5683'),
  // Few enough that they come again, far enough apart that tables grow.
  messageId: fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 65_500, max: 65_535 })),
  isConfirmable: fc.boolean(),
  isRepeatable: fc.boolean(),
  answer: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 })),
});

test('knows what a map with times knows, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new DuplicateTable(parameters);
      const model = new Map<string, Known>();
      let now = 0;
      for (const { afterMs, peer, messageId, isConfirmable, isRepeatable, answer } of steps) {
        now += afterMs;
        table.forget(now);
        const key = `${peer} ${messageId}`;
        const known = model.get(key);
        const lifetimeMs = known?.isConfirmable ? parameters.exchangeLifetimeMs : parameters.nonLifetimeMs;
        const expected = known !== undefined && now - known.at < lifetimeMs ? known.answer : undefined;
        expect(table.find(peer, messageId, now)).toEqual(expected);
        if (expected === undefined) {
          expect(table.remember({ peer, messageId, isConfirmable, isRepeatable }, now)).toBe(true);
          model.set(key, { isConfirmable, at: now, answer: new Uint8Array(0) });
        }
        if (answer !== null) {
          table.keepAnswer(peer, messageId, answer);
          (model.get(key) as Known).answer = answer;
        }
      }
      table.forget(now + 1000);
      expect([table.count, table.heldBytes, table.forgetAt, table.evictedCount]).toEqual([0, 0, undefined, 0]);
    }),
  );
});

test('never holds more than duplicateBytesMax, answers under way excepted; what must not run twice is kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 2, max: 10 }),
      (max, perPeer, every) => {
        const table = new DuplicateTable({ ...parameters, duplicateBytesMax: max });
        const kept: (readonly [string, number])[] = [];
        let refused = 0;
        let most = 0;
        for (let messageId = 0; messageId < 3000; messageId++) {
          const peer = `10.0.0.1:${Math.floor(messageId / perPeer)}`;
          const isRepeatable = messageId % every > 0;
          const isKept = table.remember({ peer, messageId, isConfirmable: true, isRepeatable }, 0);
          if (!isKept) refused++;
          else if (!isRepeatable) kept.push([peer, messageId]);
          most = Math.max(most, table.heldBytes);
        }
        expect(most).toBeLessThanOrEqual(max);
        expect(table.count + table.evictedCount).toBe(3000 - refused);
        for (const [peer, messageId] of kept) expect(table.find(peer, messageId, 45)).toBeDefined();
      },
    ),
    { numRuns: 25 },
  );
});
