import { DecodeError } from '@motestack/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_NUMBER_MAX } from '../wire/index.ts';
import { decodeMissingBlocks, encodeMissingBlocks } from './missing-blocks.ts';
import { ReceivingBody } from './receiving-body.ts';

test('what is written is read again', () => {
  const numbers = fc.uniqueArray(fc.nat(BLOCK_NUMBER_MAX), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(numbers, (some) => {
      const sorted = some.toSorted((left, right) => left - right);
      expect(decodeMissingBlocks(encodeMissingBlocks(sorted))).toEqual(sorted);
    }),
  );
});

test('any bytes are read, ascending, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        const numbers = decodeMissingBlocks(bytes);
        expect(numbers).toEqual([...new Set(numbers)].toSorted((left, right) => left - right));
      } catch (error) {
        expect(DecodeError.is(error)).toBe(true);
      }
    }),
  );
});

test('blocks in any order, some of them twice, make the body; what is asked for is what is missing', () => {
  const bodies = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }),
    order: fc.array(fc.nat(60), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(bodies, ({ bytes, order }) => {
      const init = { szx: 0, size: bytes.length, maxPayloads: 4, receiveTimeoutMs: 4000, askMax: 100 };
      const body = new ReceivingBody(init, 0);
      const count = Math.ceil(bytes.length / 16);
      const take = (blockNumber: number) => {
        const block = { blockNumber, more: blockNumber + 1 < count, szx: 0 };
        return body.take(block, bytes.subarray(blockNumber * 16, blockNumber * 16 + 16), 0);
      };
      const had = new Set<number>();
      for (const blockNumber of order.filter((number) => number < count)) {
        expect(take(blockNumber)).toBe(had.has(blockNumber) ? 'duplicate' : 'new');
        had.add(blockNumber);
      }
      for (let rounds = 0; !body.isWhole && rounds < 60; rounds++) {
        const missing = body.ask(0) ?? [];
        expect(missing.length).toBeGreaterThan(0);
        expect(missing.length).toBeLessThanOrEqual(4);
        for (const blockNumber of missing) expect(take(blockNumber)).toBe('new');
      }
      expect(body.isWhole).toBe(true);
      expect(body.whole()).toEqual(bytes);
    }),
  );
});
