import { describe, expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { type DtlsCases, meetAtOurServer, meetAtTheirServer } from './describe-dtls-peer.ts';
import type { DtlsPeer, DtlsWish } from './dtls-peer.ts';

/** How a peer is told that it takes no longer records than so. */
export interface RecordLimit {
  readonly name: string;
  readonly wish: DtlsWish;
  readonly bytes: number;
  /** What its client is told beside the wish; `undefined`: it cannot be told. */
  readonly client?: readonly string[] | undefined;
  /** What its server is told; `undefined`: it does not keep to our limit. */
  readonly server?: readonly string[] | undefined;
  /** Whether the one limit counts both ways (RFC 6066 §4); else each side says what it takes itself (RFC 8449 §4). */
  readonly isMutual: boolean;
  /** What the one that is limited by us tells of it; with `isMutual` either. */
  readonly told?: RegExp | undefined;
}

/** Limits for records, theirs and ours, with handshake messages and data that are near them (RFC 6066 §4, RFC 8449). */
export function describeRecordLimits(peer: DtlsPeer, all: readonly RecordLimit[], cases: DtlsCases): void {
  const { ready, version } = peer.readiness;
  describe.skipIf(!ready).each(all)(`${peer.name} ${version} / $name of $bytes`, (limit) => {
    const { wish, bytes, client, server, isMutual, told } = limit;
    // The answer repeats it behind the names of suite and peer.
    const long = 'x'.repeat(bytes - 80);
    if (client !== undefined)
      test('its client at our server: we keep to its limit', async () => {
        const { ours, end } = await meetAtOurServer(peer, { ...wish, more: client }, cases);
        const [association] = ours.peers;
        expect(association === undefined ? undefined : ours.transport.peerOf(association)?.payloadBytesMax).toBe(bytes);
        if (isMutual && told !== undefined) await end.told(told);
        end.say(long);
        await end.told(new RegExp(` ${long}`));
      });
    if (server !== undefined)
      test('our client at its server: it keeps to our limit', async () => {
        const parameters = { recordBytesMax: bytes };
        const { ours, end } = await meetAtTheirServer(peer, { ...wish, more: server }, cases, { parameters });
        if (isMutual) expect(ours.transport.payloadBytesMax).toBe(bytes);
        if (told !== undefined) await end.told(told);
        const [first] = ours.heard;
        ours.say(long);
        await end.told(new RegExp(long));
        if (peer.isEcho !== true) end.say(long);
        await eventually('its long answer', () => ours.heard.length > 1);
        expect(ours.heard).toEqual([first, long]);
      });
  });
}
