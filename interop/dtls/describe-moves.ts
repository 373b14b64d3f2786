import { describe, expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { startMovingRelay } from '../src/moving-relay.ts';
import type { DtlsCases } from './describe-dtls-peer.ts';
import { type DtlsPeer, type DtlsWish, ianaName } from './dtls-peer.ts';
import { ourClientOptions, ourServerOptions, startOurDtlsClient, startOurDtlsServer } from './our-dtls.ts';

/** Connection IDs, both roles, and a NAT between that gives the client another port (RFC 9146). */
export function describeMoves(
  peer: DtlsPeer,
  all: readonly DtlsWish[],
  cidOf: (bytes: number) => string,
  cases: DtlsCases,
): void {
  const { ready, version } = peer.readiness;
  const rows = all.flatMap((wish) => [
    { wish, suite: ianaName(wish), ours: 8, theirs: 6 },
    { wish, suite: ianaName(wish), ours: 4, theirs: 0 },
  ]);
  describe.skipIf(!ready).each(rows)(
    `${peer.name} ${version} / connection ID, $suite, $ours and $theirs bytes`,
    (row) => {
      const wish = { ...row.wish, more: [cidOf(row.theirs)] };
      test('its client behind a NAT that moves, at our server', async () => {
        const options = { ...ourServerOptions(wish, cases.files()), connectionIdBytes: row.ours };
        const ours = await startOurDtlsServer(options);
        cases.ending(ours.transport);
        const relay = cases.ending(await startMovingRelay(ours.transport.localUrl));
        const end = cases.ending(await peer.connect(wish, Number(new URL(relay.url).port), cases.files()));
        for (const what of peer.agreed(wish, 'client')) await end.told(what);
        end.say('before');
        await end.told(/heard .* before/);
        await relay.move();
        end.say('after');
        await end.told(/heard .* after/);
        expect(ours.events).toEqual(['connected', 'moved']);
        expect(ours.transport.stats()).toMatchObject({ associations: 1, moves: 1, handshakesBegun: 1, withheld: 0 });
      });
      test('our client behind a NAT that moves, at its server', async () => {
        // A server puts the client's ID into its records; without one of its own it could not follow.
        const server = { ...wish, more: [cidOf(Math.max(row.theirs, 1))] };
        const { end, port } = await peer.serve(server, cases.files());
        cases.ending(end);
        const relay = cases.ending(await startMovingRelay(`coaps://127.0.0.1:${port}`));
        const relayPort = Number(new URL(relay.url).port);
        const options = {
          ...ourClientOptions(wish, cases.files()),
          connectionIdBytes: row.theirs === 0 ? 0 : row.ours,
        };
        const ours = await startOurDtlsClient(relayPort, options);
        cases.ending(ours.transport);
        ours.say('before');
        await end.told(/heard before/);
        end.say('an answer');
        await eventually('the answer', () => ours.heard.length === 1);
        await relay.move();
        ours.say('after');
        await end.told(/heard after/);
        end.say('another answer');
        await eventually('the other answer', () => ours.heard.length === 2);
        expect(ours.heard).toEqual(['an answer', 'another answer']);
        expect(ours.transport.isConnected).toBe(true);
      });
    },
  );
}
