import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyBytes, chunksOf, sourceOf } from '../scenarios/streaming-bodies.fixture.ts';
import { BodyRangeError, openFeed } from './body-feed.ts';

const make = fc.constantFrom('iterable', 'source', 'late source', 'source without a size');
const sizes = fc.record({ bytes: fc.nat({ max: 300 }), chunk: fc.integer({ min: 1, max: 90 }) });

test('whatever the chunks and the blocks, the parts joined are the body, and the last says so', async () => {
  await fc.assert(
    fc.asyncProperty(make, sizes, fc.integer({ min: 1, max: 70 }), fc.boolean(), async (kind, size, block, twice) => {
      const body = bodyBytes(3, size.bytes);
      const source = sourceOf(body, { isLate: kind === 'late source', size: kind !== 'source without a size' });
      const feed = openFeed(kind === 'iterable' ? chunksOf(body, size.chunk) : source, undefined);
      const parts: number[] = [];
      for (let isLast = false; !isLast; ) {
        const offset = parts.length;
        // The latest part may be wanted again, by a peer that did not get it.
        if (twice) await feed.read(offset, block);
        const part = await feed.read(offset, block);
        expect(part.payload.length).toBe(Math.min(block, body.length - offset));
        parts.push(...part.payload);
        isLast = part.isLast;
        expect(isLast).toBe(parts.length === body.length);
      }
      expect(Uint8Array.from(parts)).toEqual(body);
    }),
  );
});

test('what lies behind the end, or was passed, is refused by name and not invented', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 40 }), async (bytes, chunk) => {
      const body = bodyBytes(5, bytes);
      const feed = openFeed(chunksOf(body, chunk), undefined);
      await feed.read(0, bytes);
      expect(() => feed.read(bytes, 1)).toThrow(expect.objectContaining({ responseCode: 0x80 }));
      expect(() => feed.read(bytes + 1, 1)).toThrow(BodyRangeError);
      const source = openFeed(sourceOf(body), undefined);
      expect(() => source.read(bytes, 1)).toThrow(expect.objectContaining({ responseCode: 0x80 }));
    }),
  );
});
