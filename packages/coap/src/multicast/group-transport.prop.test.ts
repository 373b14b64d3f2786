import fc from 'fast-check';
import { expect, test } from 'vitest';
import { content } from '../coap-endpoint.fixture.ts';
import { bytesOf } from '../message-layer/message-layer.fixture.ts';
import { MessageType } from '../wire/index.ts';
import { GROUP, groupNetwork } from './multicast.fixture.ts';

const valid = fc.record({
  type: fc.constantFrom(...Object.values(MessageType)),
  code: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.nat({ max: 255 })),
  messageId: fc.nat({ max: 3 }),
  token: fc.uint8Array({ maxLength: 8 }),
  payload: fc.uint8Array({ maxLength: 20 }),
});
const datagram = fc.oneof(fc.uint8Array({ maxLength: 40 }), valid.map(bytesOf));

test('whatever comes to a group, what goes out are Non-confirmable 2.xx answers with a payload, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(datagram, { maxLength: 30 }), async (datagrams) => {
      const made = groupNetwork(
        2,
        () =>
          ({ path }) =>
            content(`${path.length}`),
      );
      const out: Uint8Array[] = [];
      made.network.tap(({ from, bytes }) => {
        if (from.startsWith('10.0.1.')) out.push(bytes);
      });
      const stranger = made.network.transport('10.0.0.77:1');
      for (const bytes of datagrams) stranger.send(GROUP, bytes);
      await made.network.run(1_000_000);
      for (const bytes of out) {
        expect([(bytes[0] ?? 0) >>> 4, (bytes[1] ?? 0) >>> 5]).toEqual([0b0101, 2]);
        expect(bytes.at(-2)).toBe(0xff);
      }
      await made.close();
      expect(made.network.pendingTimers).toBe(0);
    }),
    { numRuns: 40 },
  );
});
