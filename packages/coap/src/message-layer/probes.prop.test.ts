import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageLayer, outgoing, PEER } from './message-layer.fixture.ts';

const step = fc.record({ afterMs: fc.nat({ max: 20_000 }), payloadBytes: fc.nat({ max: 300 }) });

test('whatever is asked for and when, a silent peer gets at most probingBytesMax and PROBING_RATE over any time', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 320, max: 2000 }),
      fc.integer({ min: 1, max: 50 }),
      (steps, probingBytesMax, probingRateBytesPerSecond) => {
        const layer = messageLayer({ probingBytesMax, probingRateBytesPerSecond, queueMax: 100 });
        const out: { at: number; length: number }[] = [];
        let asked = 0;
        let gone = 0;
        let now = 0;
        let wakeAt: number | undefined;
        const take = (effects: ReturnType<typeof layer.handleTimeout>, at: number): void => {
          for (const { bytes } of effects.transmits) out.push({ at, length: bytes.length });
          gone += effects.transmits.length + effects.events.filter(({ kind }) => kind === 'gave-up').length;
          wakeAt = effects.wakeAt;
        };
        const until = (end: number): void => {
          while (wakeAt !== undefined && wakeAt <= end) {
            now = Math.max(now, wakeAt);
            take(layer.handleTimeout(now), now);
          }
        };
        for (const { afterMs, payloadBytes } of steps) {
          until(now + afterMs);
          now += afterMs;
          const message = outgoing({ isConfirmable: false, payload: new Uint8Array(payloadBytes) });
          take(layer.send(PEER, message, { name: `${asked++}` }, now), now);
        }
        until(Number.POSITIVE_INFINITY);
        expect(gone).toBe(asked);
        expect(layer.gauges()).toMatchObject({ transmissions: 0, silentPeers: 0, peersKnown: 0 });
        for (let first = 0; first < out.length; first++) {
          let bytes = 0;
          for (const { at, length } of out.slice(first)) {
            bytes += length;
            const elapsedMs = at - (out[first]?.at ?? 0);
            expect(bytes).toBeLessThanOrEqual(probingBytesMax + (elapsedMs * probingRateBytesPerSecond) / 1000 + 1e-6);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
