import { afterAll } from 'vitest';
import { describeAgreements, dtlsCases } from '../dtls/describe-dtls-peer.ts';
import { describeMoves } from '../dtls/describe-moves.ts';
import { describeRecordLimits } from '../dtls/describe-record-limits.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';
import { describeResumption } from '../dtls/describe-resumption.ts';
import type { DtlsPeerEnd } from '../dtls/dtls-peer.ts';
import { ProgramEnd } from '../dtls/program-peer.ts';
import { scandiumPeer } from '../dtls/program-peers.ts';

const cases = dtlsCases();
afterAll(() => scandiumPeer.close());
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;
const x509 = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;
const rawPublicKey = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'rawPublicKey' } as const;

describeAgreements(scandiumPeer, 'Scandium 3.14', cases);
describeRecordLimits(
  scandiumPeer,
  [
    // Of our two offers its server takes record_size_limit.
    {
      name: 'max_fragment_length',
      isMutual: true,
      wish: x509,
      bytes: 512,
      client: ['fragment=512'],
      told: /fragment=512/,
    },
    {
      name: 'record_size_limit',
      isMutual: false,
      wish: x509,
      bytes: 300,
      client: ['record=300'],
      server: [],
      told: /fragment=300/,
    },
  ],
  cases,
);

describeRefusals(
  scandiumPeer,
  [
    { wish: psk, clientRefused: /Wrong PSK identity or secret/, serverRefuses: { code: 'timeout' } },
    {
      wish: x509,
      clientRefused: /alert UNKNOWN_CA/,
      serverRefuses: { code: 'alert-received', alert: 42 },
      clientRefuses: 'handshakeFailed alert-received 42',
    },
    {
      wish: rawPublicKey,
      clientRefused: /alert CERTIFICATE_UNKNOWN/,
      serverRefuses: { code: 'alert-received', alert: 42 },
      clientRefuses: 'handshakeFailed alert-received 42',
    },
  ],
  cases,
);

describeResumption(
  scandiumPeer,
  [
    {
      name: 'PSK, by id',
      wish: { ...psk, more: [] },
      again: comeBack,
      clientTold: /resumed=yes/,
      serverTold: /resumed=yes/,
    },
    {
      name: 'raw public keys, by id',
      wish: { ...rawPublicKey, more: [] },
      again: comeBack,
      clientTold: /resumed=yes/,
      serverTold: /resumed=yes/,
    },
    {
      name: 'X.509, by id',
      wish: { ...x509, more: [] },
      again: comeBack,
      clientTold: /resumed=yes/,
      serverTold: /resumed=yes/,
    },
  ],
  cases,
);
describeMoves(scandiumPeer, [psk, x509], (bytes) => `cid=${bytes}`, cases);

async function comeBack(end: DtlsPeerEnd): Promise<DtlsPeerEnd> {
  if (!(end instanceof ProgramEnd)) throw new TypeError('no program');
  end.command('again');
  return end;
}
