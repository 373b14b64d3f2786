import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { CipherSuiteId } from '../record/cipher-suite.ts';
import { certificateVerifier } from '../x509/certificate-verifier.ts';
import { credentialOf, device, intermediate, root, server, today } from '../x509/issued-certificate.fixture.ts';
import type { PairOptions } from './dtls-pair.fixture.ts';
import { mutual, optionsFor, serverOnly } from './handshake-shapes.fixture.ts';

const environment = { provider: nodeCryptoProvider, epochMs: () => today };
const anchors = [root.bytes];

/** Both sides show certificates. */
const certificates: PairOptions = {
  clientSources: {
    certificate: credentialOf(device, intermediate),
    verifier: certificateVerifier({ anchors, peer: 'server', name: 'lwm2m.example.com' }, environment),
  },
  serverSources: {
    certificate: credentialOf(server, intermediate),
    verifier: certificateVerifier({ anchors, peer: 'client' }, environment),
  },
  client: { psk: undefined, parameters: { datagramBytesMax: 4000 } },
  server: { acceptsPsk: false, parameters: { datagramBytesMax: 4000 } },
};

/** The kinds of handshakes that attacks and bad links are tried on. */
export const attackedShapes: readonly (readonly [name: string, options: PairOptions])[] = [
  ['PSK with CBC', optionsFor(CipherSuiteId.PskAes128CbcSha256)],
  ['PSK with ChaCha20', optionsFor(CipherSuiteId.PskChaCha20Poly1305)],
  ['ECDHE-PSK', optionsFor(CipherSuiteId.EcdhePskAes128Ccm8Sha256)],
  ['ECDHE-PSK on X25519', optionsFor(CipherSuiteId.EcdhePskAes128CbcSha256, ['x25519'])],
  ['a raw public key of the server', serverOnly()],
  ['raw public keys of both', mutual()],
  ['certificates of both', certificates],
];
