import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cocoa } from './index.ts';

const step = fc.record({
  afterMs: fc.oneof(fc.nat({ max: 5000 }), fc.nat({ max: 100_000_000 })),
  rttMs: fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.double({ min: 0, max: 250_000, noNaN: true })),
  retransmissions: fc.nat({ max: 4 }),
});

test('whatever is measured and whenever it is asked, the estimate stays within its bounds and asking twice is asking once', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 100 }),
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 2000, max: 60_000 }),
      (steps, rtoMinMs, rtoMaxMs) => {
        const peer = cocoa({ rtoMinMs, rtoMaxMs }).peer();
        let now = 0;
        for (const { afterMs, rttMs, retransmissions } of steps) {
          now += afterMs;
          const rtoMs = peer.rtoMs(now);
          expect(peer.rtoMs(now)).toBe(rtoMs);
          expect(rtoMs).toBeGreaterThanOrEqual(rtoMinMs);
          expect(rtoMs).toBeLessThanOrEqual(rtoMaxMs);
          peer.noteRoundTrip(rttMs, retransmissions, now);
        }
      },
    ),
  );
});

test('a round trip that does not change is learned: the estimate comes to it and stays above', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 20_000 }), (rttMs) => {
      const peer = cocoa().peer();
      for (let count = 0; count < 200; count++) peer.noteRoundTrip(rttMs, 0, count);
      expect(peer.rtoMs(200)).toBeGreaterThanOrEqual(rttMs);
      expect(peer.rtoMs(200)).toBeLessThan(rttMs * 1.01 + 1);
    }),
  );
});
