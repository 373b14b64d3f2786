import { describe, expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import type { DtlsCases } from './describe-dtls-peer.ts';
import type { DtlsPeer, DtlsWish } from './dtls-peer.ts';
import {
  credentialOf,
  ourClientOptions,
  ourServerOptions,
  startOurDtlsClient,
  startOurDtlsServer,
  trustIn,
} from './our-dtls.ts';

/** What a peer does with a wrong key or with somebody whom it does not believe. */
export interface Refusals {
  readonly wish: DtlsWish;
  /** What its client tells when our server refuses it, or does not answer it; `undefined`: nothing in the time that we have. */
  readonly clientRefused?: RegExp | undefined;
  /** Our client's error when its server refuses it; `undefined`: it believes everybody. */
  readonly serverRefuses?: Readonly<Record<string, unknown>> | undefined;
  /** Our server's event when its client refuses it; `undefined`: it believes everybody. */
  readonly clientRefuses?: string | undefined;
}

const impatient = { retransmitMsInitial: 200, handshakeTimeoutMs: 1200 };
const anotherKey = Buffer.from('another-byte-key').toString('hex');
/** unknown_ca and certificate_unknown (RFC 5246 §7.2). */
const alerts = { psk: 0, x509: 48, rawPublicKey: 46 } as const;

/** Who is refused, by whom, and by what name. */
export function describeRefusals(peer: DtlsPeer, all: readonly Refusals[], cases: DtlsCases): void {
  const { ready, version } = peer.readiness;
  describe.skipIf(!ready).each(all)(`${peer.name} ${version} / refused, $wish.credential`, (refusals) => {
    if (refusals.wish.credential === 'psk') describeWrongKeys(peer, refusals, cases);
    else describeStrangers(peer, refusals, cases);
  });
}

/** A wrong key ends in silence, as RFC 4279 §2 allows, so that nobody learns which identities there are. */
function describeWrongKeys(peer: DtlsPeer, { wish, clientRefused, serverRefuses }: Refusals, cases: DtlsCases): void {
  test('its client with another key, by our server', async () => {
    const parameters = { handshakeTimeoutMs: 1200 };
    const ours = await startOurDtlsServer({ ...ourServerOptions(wish, cases.files()), parameters });
    cases.ending(ours.transport);
    const wrong = { ...wish, preSharedKey: anotherKey };
    const end = cases.ending(await peer.connect(wrong, ours.port, cases.files()));
    await eventually('the end of the handshake', () => ours.events.length > 0);
    expect(ours.events[0]).toMatch(/^handshakeFailed (timeout|alert-received \d+)$/);
    expect(ours.transport.stats()).toMatchObject({ associations: 0, handshakesFailed: 1 });
    expect(ours.transport.stats().recordsDropped).toBeGreaterThan(0);
    await ours.transport.close();
    if (clientRefused !== undefined) await end.told(clientRefused);
  });
  test('our client with another key, by its server', async () => {
    const { end, port } = await peer.serve({ ...wish, preSharedKey: anotherKey }, cases.files());
    cases.ending(end);
    const options = { ...ourClientOptions(wish, cases.files()), parameters: impatient };
    await expect(startOurDtlsClient(port, options)).rejects.toMatchObject({ name: 'DtlsError', ...serverRefuses });
  });
}

function describeStrangers(peer: DtlsPeer, refusals: Refusals, cases: DtlsCases): void {
  const { wish, clientRefused, serverRefuses, clientRefuses } = refusals;
  const { credential } = wish;
  const alert = alerts[credential];
  test('its client, a stranger, by our server', async () => {
    const ours = await startOurDtlsServer(ourServerOptions(wish, cases.files()));
    cases.ending(ours.transport);
    const end = cases.ending(await peer.connect({ ...wish, as: 'stranger' }, ours.port, cases.files()));
    if (clientRefused !== undefined) await end.told(clientRefused);
    await eventually('our refusal', () => ours.events.length > 0);
    expect(ours.events).toEqual([`handshakeFailed alert-sent ${alert}`]);
  });
  test('its server, a stranger, by our client', async () => {
    const { end, port } = await peer.serve(wish, cases.files());
    cases.ending(end);
    const verifier = trustIn(credential, 'stranger', cases.files(), 'server');
    const connecting = startOurDtlsClient(port, { ...ourClientOptions(wish, cases.files()), verifier });
    await expect(connecting).rejects.toMatchObject({ name: 'DtlsError', code: 'alert-sent', alert });
  });
  if (serverRefuses !== undefined)
    test('our client, a stranger, by its server', async () => {
      const { end, port } = await peer.serve(wish, cases.files());
      cases.ending(end);
      const certificate = credentialOf(credential, 'stranger', cases.files());
      const options = { ...ourClientOptions(wish, cases.files()), certificate, parameters: impatient };
      await expect(startOurDtlsClient(port, options)).rejects.toMatchObject({ name: 'DtlsError', ...serverRefuses });
    });
  if (clientRefuses !== undefined)
    test('our server, a stranger, by its client', async () => {
      const ours = await startOurDtlsServer(ourServerOptions(wish, cases.files()));
      cases.ending(ours.transport);
      cases.ending(await peer.connect({ ...wish, trusts: 'stranger' }, ours.port, cases.files()));
      await eventually('its refusal', () => ours.events.length > 0);
      expect(ours.events).toEqual([clientRefuses]);
    });
}
