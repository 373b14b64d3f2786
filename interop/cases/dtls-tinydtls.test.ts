import { describeAgreements, dtlsCases } from '../dtls/describe-dtls-peer.ts';
import { describeRefusals } from '../dtls/describe-refusals.ts';
import { tinydtlsPeer } from '../dtls/program-peers.ts';

const cases = dtlsCases();
const psk = { suite: 'PskAes128Ccm8', credential: 'psk' } as const;

describeAgreements(tinydtlsPeer, 'tinydtls', cases);
describeRefusals(tinydtlsPeer, [{ wish: psk, serverRefuses: { code: 'timeout' } }], cases);
