import { describeAgreements, dtlsCases } from '../dtls/describe-dtls-peer.ts';
import { describeMoves } from '../dtls/describe-moves.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';
import { describeResumption } from '../dtls/describe-resumption.ts';
import type { DtlsPeerEnd } from '../dtls/dtls-peer.ts';
import { ProgramEnd } from '../dtls/program-peer.ts';
import { pionPeer } from '../dtls/program-peers.ts';

const cases = dtlsCases();
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;
const x509 = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;

describeAgreements(pionPeer, 'pion 3.1', cases);
describeRefusals(
  pionPeer,
  [
    { wish: psk, serverRefuses: { code: 'timeout' } },
    {
      wish: x509,
      clientRefused: /Alert Fatal: UnknownCA/,
      serverRefuses: { code: 'alert-received', alert: 42 },
      clientRefuses: 'handshakeFailed alert-received 42',
    },
  ],
  cases,
);

describeResumption(
  pionPeer,
  [
    {
      name: 'PSK, by id',
      wish: { ...psk, more: ['sessions=ids'] },
      again: comeBack,
      clientTold: /resumed=yes/,
      serverTold: /resumed=yes/,
    }, // Its server keeps no session of a client that showed a certificate.
    { name: 'X.509, by id', wish: { ...x509, more: ['sessions=ids'] }, again: comeBack, clientTold: /resumed=yes/ },
  ],
  cases,
);
const chaCha20 = { suite: 'PskChaCha20Poly1305', credential: 'psk' } as const;
describeMoves(pionPeer, [psk, x509, chaCha20], (bytes) => `cid=${bytes}`, cases);

async function comeBack(end: DtlsPeerEnd): Promise<DtlsPeerEnd> {
  if (!(end instanceof ProgramEnd)) throw new TypeError('no program');
  end.command('again');
  return end;
}
