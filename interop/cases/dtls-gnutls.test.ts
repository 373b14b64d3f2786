import { describe, expect, test } from 'vitest';
import { describeAgreements, dtlsCases, meetAtTheirServer } from '../dtls/describe-dtls-peer.ts';
import { describeRecordLimits } from '../dtls/describe-record-limits.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';
import { describeResumption, type Resumption } from '../dtls/describe-resumption.ts';
import type { DtlsWish } from '../dtls/dtls-peer.ts';
import { gnutlsPeer } from '../dtls/gnutls-peer.ts';
import { eventually } from '../src/eventually.ts';

const cases = dtlsCases();
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;
const x509 = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;
const rawPublicKey = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'rawPublicKey' } as const;

describeAgreements(gnutlsPeer, 'GnuTLS 3.7', cases);
describeRecordLimits(
  gnutlsPeer,
  [
    { name: 'record_size_limit', isMutual: false, wish: x509, bytes: 512, client: ['--recordsize', '512'] },
    { name: 'record_size_limit', isMutual: false, wish: x509, bytes: 700, client: ['--recordsize', '700'] },
  ],
  cases,
);

/** Its client ends its association and comes back by itself. */
const resumption = (name: string, wish: DtlsWish, ...more: readonly string[]): Resumption => ({
  name,
  wish: { ...wish, more },
  first: ['--resume'],
  again: (end) => Promise.resolve(end),
  clientTold: /This is a resumed session/,
  serverTold: 'nothing',
});
describeResumption(
  gnutlsPeer,
  [
    resumption('PSK, by ticket', psk),
    resumption('PSK, by id', psk, '--noticket'),
    // Its ticket has our certificate in it, and is longer than `ticketBytesMax`.
    { ...resumption('X.509, by ticket or id', x509), serverTold: undefined },
    resumption('X.509, by id', x509, '--noticket'),
    resumption('raw public keys, by ticket or id', rawPublicKey),
  ],
  cases,
);

describeRefusals(
  gnutlsPeer,
  [
    { wish: psk, clientRefused: /Fatal error/, serverRefuses: { code: 'timeout' } },
    {
      wish: x509,
      clientRefused: /alert .*CA is unknown/,
      serverRefuses: { code: 'alert-received', alert: 49 },
      clientRefuses: 'handshakeFailed alert-received 42',
    },
    { wish: rawPublicKey, clientRefused: /Fatal error: A TLS fatal alert/ },
  ],
  cases,
);

describe.skipIf(!gnutlsPeer.readiness.ready)(`GnuTLS ${gnutlsPeer.readiness.version} / record_size_limit of 80`, () => {
  test('our client at its server: it sends what we take, and gives up rather than more', async () => {
    const { ours, end } = await meetAtTheirServer(gnutlsPeer, psk, cases, { parameters: { recordBytesMax: 80 } });
    const fits = 'x'.repeat(79); // and the end of the line
    ours.say(fits);
    await eventually('its answer', () => ours.heard.length > 1);
    ours.say('y'.repeat(80));
    await end.told(/: y{80}\s+Waiting for connection/);
    expect(ours.heard).toEqual(['a question', fits]);
  });
});
