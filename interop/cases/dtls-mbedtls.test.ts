import { describeAgreements, dtlsCases } from '../dtls/describe-dtls-peer.ts';
import { describeRecordLimits } from '../dtls/describe-record-limits.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';
import { describeResumption } from '../dtls/describe-resumption.ts';
import type { DtlsPeerEnd } from '../dtls/dtls-peer.ts';
import { ProgramEnd } from '../dtls/program-peer.ts';
import { mbedtlsPeer } from '../dtls/program-peers.ts';

const cases = dtlsCases();
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;
const x509 = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;

describeAgreements(mbedtlsPeer, 'mbedTLS 2.28', cases);
describeRecordLimits(
  mbedtlsPeer,
  [
    {
      name: 'max_fragment_length',
      isMutual: true,
      wish: x509,
      bytes: 512,
      client: ['fragment=512'],
      server: [],
      told: /fragment=512/,
    },
    {
      name: 'max_fragment_length',
      isMutual: true,
      wish: x509,
      bytes: 1024,
      client: ['fragment=1024'],
      server: [],
      told: /fragment=1024/,
    },
  ],
  cases,
);

describeRefusals(
  mbedtlsPeer,
  [
    { wish: psk, serverRefuses: { code: 'alert-received' } },
    {
      wish: x509,
      clientRefused: /failed SSL - A fatal alert message/,
      serverRefuses: { code: 'alert-received', alert: 48 },
      clientRefuses: 'handshakeFailed alert-received 48',
    },
  ],
  cases,
);

describeResumption(
  mbedtlsPeer,
  [
    {
      name: 'PSK, by ticket',
      wish: { ...psk, more: ['sessions=tickets'] },
      again: comeBack,
      clientTold: undefined,
      serverTold: /resumed=yes/,
    },
    {
      name: 'PSK, by id',
      wish: { ...psk, more: [] },
      again: comeBack,
      clientTold: undefined,
      serverTold: /resumed=yes/,
    },
    {
      name: 'X.509, by ticket or id',
      wish: { ...x509, more: ['sessions=tickets'] },
      again: comeBack,
      clientTold: undefined,
      serverTold: /resumed=yes/,
    },
    {
      name: 'X.509, by id',
      wish: { ...x509, more: [] },
      again: comeBack,
      clientTold: undefined,
      serverTold: /resumed=yes/,
    },
  ],
  cases,
);
async function comeBack(end: DtlsPeerEnd): Promise<DtlsPeerEnd> {
  if (!(end instanceof ProgramEnd)) throw new TypeError('no program');
  end.command('again');
  return end;
}
