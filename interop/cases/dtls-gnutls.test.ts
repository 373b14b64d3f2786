import { describeAgreements, dtlsCases } from '../dtls/describe-dtls-peer.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';

import { gnutlsPeer } from '../dtls/gnutls-peer.ts';

const cases = dtlsCases();
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;
const x509 = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;
const rawPublicKey = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'rawPublicKey' } as const;

describeAgreements(gnutlsPeer, 'GnuTLS 3.7', cases);
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
