import { MemorySessionStore } from '@motestack/dtls/node';
import { describe, expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { startMovingRelay } from '../src/moving-relay.ts';
import { type DtlsCases, meetAtOurServer } from './describe-dtls-peer.ts';
import type { DtlsPeer, DtlsPeerEnd, DtlsWish } from './dtls-peer.ts';
import { ourClientOptions, startOurDtlsClient } from './our-dtls.ts';

/** How a peer goes on from a session. */
export interface Resumption {
  readonly name: string;
  readonly wish: DtlsWish;
  /** What its client has to be told the first time beside the wish. */
  readonly first?: readonly string[] | undefined;
  /** Has its client come back; one that comes back by itself needs nothing. `undefined`: its client cannot. */
  readonly again?: ((end: DtlsPeerEnd, port: number, cases: DtlsCases) => Promise<DtlsPeerEnd>) | undefined;
  /** What its client tells then. */
  readonly clientTold?: RegExp | undefined;
  /** What its server tells when our client came back, if anything; `undefined`: its server keeps no sessions. */
  readonly serverTold?: RegExp | 'nothing' | undefined;
}

/** Sessions that go on, both roles, by ticket and by id. */
export function describeResumption(peer: DtlsPeer, all: readonly Resumption[], cases: DtlsCases): void {
  const { ready, version } = peer.readiness;
  describe.skipIf(!ready).each(all)(`${peer.name} ${version} / resumption, $name`, (resumption) => {
    const { wish, first = [], again, clientTold, serverTold } = resumption;
    if (again !== undefined)
      test('its client at our server', async () => {
        const { ours, end } = await meetAtOurServer(peer, { ...wish, more: [...(wish.more ?? []), ...first] }, cases);
        const back = await again?.(end, ours.port, cases);
        if (clientTold !== undefined) await back?.told(clientTold);
        await eventually('its return', () => ours.transport.stats().resumptions === 1);
        back?.say('once more');
        await back?.told(/once more/);
        expect(ours.heard.at(-1)).toMatch(/once more$/);
      });
    if (serverTold !== undefined)
      test('our client at its server', async () => {
        const { end, port } = await peer.serve(wish, cases.files());
        cases.ending(end);
        const secrets: string[] = [];
        const keyLog = (line: string): void => void secrets.push(line);
        const sessions = new MemorySessionStore({ now: () => performance.now() }, 1);
        // Through a relay both come from one port: OpenSSL's server hears no other once it had a client.
        const relay = await startMovingRelay(`coaps://127.0.0.1:${port}`);
        cases.ending(relay);
        const relayPort = Number(new URL(relay.url).port);
        for (const [turn, text] of ['a question', 'once more'].entries()) {
          const options = { ...ourClientOptions(wish, cases.files()), sessions, keyLog };
          const ours = await startOurDtlsClient(relayPort, options);
          cases.ending(ours.transport);
          ours.say(text);
          await end.told(new RegExp(text));
          if (peer.isEcho !== true) end.say('an answer');
          await eventually('the answer', () => ours.heard.length > 0);
          if (turn === 1 && serverTold !== 'nothing') await end.told(serverTold);
          await ours.transport.close();
          await end.told(peer.closed);
        }
        // The master secret is that of before (RFC 5246 §F.1.4); a line is `CLIENT_RANDOM`, the random, the secret.
        const [first, second] = secrets.map((line) => line.split(' ')[2]);
        expect(second).toBe(first);
        expect(secrets).toHaveLength(2);
      });
  });
}
