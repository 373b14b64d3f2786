import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answer,
  bytesOf,
  endpoint,
  notification,
  OTHER_PEER,
  observeBytes,
  PEER,
  request,
} from './endpoint.fixture.ts';

const peer = fc.constantFrom(PEER, OTHER_PEER);
const header = fc.tuple(fc.constantFrom(0x40, 0x50, 0x60, 0x70, 0x41, 0x51), fc.nat({ max: 255 }), fc.nat({ max: 6 }));
const datagram = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  // Messages that are likely to meet something: few IDs, tokens of the core.
  fc
    .tuple(header, fc.uint8Array({ maxLength: 20 }))
    .map(([[first, code, id], rest]) => Uint8Array.of(first, code, 0, id, ...rest)),
  fc.nat({ max: 6 }).map((messageId) => observeBytes({ messageId })),
  fc
    .record({ id: fc.nat({ max: 6 }), token: fc.integer({ min: 1, max: 9 }), code: fc.constantFrom(0x45, 0x84) })
    .map(({ id, token, code }) => bytesOf({ type: 2, code, messageId: id, token: new Uint8Array(8).fill(token) })),
);
const command = fc.oneof(
  fc.record({ kind: fc.constant('datagram' as const), peer, bytes: datagram }),
  fc.record({
    kind: fc.constantFrom('timeout', 'unreachable', 'respond', 'accept', 'notify', 'end', 'abandon', 'forget'),
    peer,
    bytes: fc.constant(new Uint8Array(0)),
  }),
  fc.record({ kind: fc.constantFrom('request', 'observe', 'ping'), peer, bytes: fc.constant(new Uint8Array(0)) }),
);

test('whatever comes in whatever order: no step throws, every request of ours ends once, nothing is left', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(command, fc.nat({ max: 9000 })), { maxLength: 120 }), (commands) => {
      const core = endpoint({ serverExchangesPerPeerMax: 4, queueMax: 2, workPerStepMax: 3 });
      const ended = new Map<number, number>();
      let [now, requests, exchanges] = [0, 0, 0];
      const open = new Set<number>();
      const take = ({ events, wakeAt }: ReturnType<typeof core.handleTimeout>): number | undefined => {
        for (const event of events) {
          if (event.kind === 'request') {
            exchanges = event.exchangeId;
            open.add(event.exchangeId);
          }
          if (event.kind === 'response' || event.kind === 'failed' || event.kind === 'pong') {
            ended.set(event.id, (ended.get(event.id) ?? 0) + 1);
          }
        }
        return wakeAt;
      };
      const accept = (): void => {
        try {
          take(core.acceptObserver(exchanges, now));
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      };
      const abandoned = new Set<number>();
      const run: Record<string, (from: string, bytes: Uint8Array) => void> = {
        datagram: (from, bytes) => take(core.handleDatagram(from, bytes, now)),
        timeout: () => take(core.handleTimeout(now)),
        unreachable: (from) => take(core.handleUnreachable(from, now)),
        respond: () => take(core.respond(exchanges, answer(), now)),
        accept,
        notify: () => take(core.notify(exchanges, notification(now % 2 === 0), now)),
        end: () => take(core.endRelation(exchanges, now)),
        abandon: () => {
          abandoned.add(requests);
          take(core.abandon(requests, now));
        },
        forget: () => take(core.forget(requests, now)),
        request: (from) => take(core.request(request({ id: ++requests, peer: from }), now)),
        observe: (from) => take(core.request(request({ id: ++requests, peer: from, purpose: 'observe' }), now)),
        ping: (from) => take(core.request(request({ id: ++requests, peer: from, purpose: 'ping' }), now)),
      };
      for (const [{ kind, peer: from, bytes }, afterMs] of commands) {
        now += afterMs;
        run[kind]?.(from, bytes);
      }
      // Let everything come to its end.
      let wakeAt = take(core.handleTimeout(now));
      for (let rounds = 0; wakeAt !== undefined && rounds < 5000; rounds++) {
        now = Math.max(now, wakeAt);
        wakeAt = take(core.handleTimeout(now));
      }
      expect(wakeAt).toBeUndefined();
      for (let id = 1; id <= requests; id++) {
        if (!abandoned.has(id)) expect(ended.get(id)).toBe(1);
        else expect(ended.get(id) ?? 0).toBeLessThanOrEqual(1);
      }
      const { clientExchanges, serverExchanges, transmissions, peersKnown, duplicatesRemembered } = core.stats();
      expect([clientExchanges, serverExchanges, transmissions, peersKnown, duplicatesRemembered]).toEqual([
        0, 0, 0, 0, 0,
      ]);
    }),
    { numRuns: 300 },
  );
});
