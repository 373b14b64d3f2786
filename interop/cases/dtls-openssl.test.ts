import type { KeyAgreementGroup } from '@motestack/dtls/node';
import { describe, expect, test } from 'vitest';
import { describeAgreements, dtlsCases, meetAtOurServer, meetAtTheirServer } from '../dtls/describe-dtls-peer.ts';
import { describeRecordLimits } from '../dtls/describe-record-limits.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';
import { describeResumption, type Resumption } from '../dtls/describe-resumption.ts';
import type { DtlsWish } from '../dtls/dtls-peer.ts';
import { opensslPeer } from '../dtls/openssl-peer.ts';
import { ourServerOptions, startOurDtlsClient, startOurDtlsServer, trustIn } from '../dtls/our-dtls.ts';
import { eventually } from '../src/eventually.ts';

const cases = dtlsCases();
const { ready, version } = opensslPeer.readiness;
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;
const x509 = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;

describeAgreements(opensslPeer, 'OpenSSL 3.0', cases);

describeRecordLimits(
  opensslPeer,
  [
    { name: 'max_fragment_length', isMutual: true, wish: x509, bytes: 512, client: ['-maxfraglen', '512'], server: [] },
    {
      name: 'max_fragment_length',
      isMutual: true,
      wish: x509,
      bytes: 1024,
      client: ['-maxfraglen', '1024'],
      server: [],
    },
  ],
  cases,
);

describeRefusals(
  opensslPeer,
  [
    { wish: psk, clientRefused: /New, \(NONE\)|errno/, serverRefuses: { code: 'timeout' } },
    {
      wish: x509,
      clientRefused: /alert unknown ca/,
      serverRefuses: { code: 'alert-received', alert: 48 },
      clientRefuses: 'handshakeFailed alert-received 48',
    },
  ],
  cases,
);

/** Its client writes the session into a file and comes back with it. */
function resumption(name: string, wish: DtlsWish, ...more: readonly string[]): Resumption {
  return {
    name,
    wish: { ...wish, more },
    first: ['-sess_out', '@session.pem'],
    again: async (end, port) => {
      end.say('Q');
      await end.told(/DONE/);
      const back = { ...wish, more: [...more, '-sess_in', '@session.pem'] };
      return cases.ending(await opensslPeer.connect(back, port, cases.files()));
    },
    clientTold: /Reused, TLSv1.2/,
    serverTold: /Reused session-id/,
  };
}

describeResumption(
  opensslPeer,
  [
    resumption('PSK, by ticket', psk),
    resumption('PSK, by id', psk, '-no_ticket'),
    // A chain does not fit into our tickets: its client comes back by the id.
    resumption('X.509, by ticket or id', x509),
    resumption('X.509, by id', x509, '-no_ticket'),
  ],
  cases,
);

describe.skipIf(!ready)(`OpenSSL ${version} / groups, names and ends`, () => {
  const ecdhe = { suite: 'EcdhePskAes128CbcSha256', credential: 'psk' } as const;
  const groups: readonly (readonly [string, KeyAgreementGroup])[] = [
    ['P-256', 'p-256'],
    ['P-384', 'p-384'],
    ['X25519', 'x25519'],
  ];
  test.each(groups)('its client at our server, ECDHE-PSK on %s', async (group) => {
    await meetAtOurServer(opensslPeer, { ...ecdhe, more: ['-groups', group] }, cases);
  });
  test.each(groups)('our client at its server, ECDHE-PSK on %s', async (_name, group) => {
    await meetAtTheirServer(opensslPeer, ecdhe, cases, { groups: [group] });
  });
  test('all that we have is offered, and what OpenSSL has not is passed over', async () => {
    await meetAtTheirServer(opensslPeer, psk, cases, { cipherSuites: undefined });
  });
  test('its close_notify ends the association at our server', async () => {
    const { ours, end } = await meetAtOurServer(opensslPeer, psk, cases);
    end.say('Q');
    await eventually('close_notify', () => ours.transport.stats().associations === 0);
    expect(ours.events.at(-1)).toBe('ended close-notify');
  });
  test('our close_notify ends the association at its server', async () => {
    const { ours, end } = await meetAtTheirServer(opensslPeer, psk, cases);
    await ours.transport.close();
    await end.told(/DONE/);
  });
  test('its client without a certificate is told so by our server', async () => {
    const ours = await startOurDtlsServer(ourServerOptions(x509, cases.files()));
    cases.ending(ours.transport);
    const end = cases.ending(await opensslPeer.connect({ ...x509, as: 'nobody' }, ours.port, cases.files()));
    await end.told(/handshake failure/);
    expect(ours.events).toEqual(['handshakeFailed alert-sent 40']);
  });
  test('its server of another name is not believed by our client', async () => {
    const { end, port } = await opensslPeer.serve(x509, cases.files());
    cases.ending(end);
    const verifier = trustIn('x509', 'ca', cases.files(), 'server', 'other.example');
    const connecting = startOurDtlsClient(port, { verifier });
    await expect(connecting).rejects.toMatchObject({ code: 'alert-sent', alert: 46 });
  });
});
