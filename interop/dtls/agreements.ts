import type { CredentialKind, SuiteName } from './dtls-peer.ts';

/** A suite and a credential with which a peer and we understand each other. */
export interface Agreement {
  readonly suite: SuiteName;
  readonly credential: CredentialKind;
  /** Both: its client at our server, and our client at its server. */
  readonly roles: 'both' | 'their client' | 'their server';
  /** A CBC suite without encrypt-then-MAC, which we take by a name that says so. */
  readonly isMacThenEncrypt?: boolean | undefined;
}

const both = (credential: CredentialKind, ...suites: readonly SuiteName[]): Agreement[] =>
  suites.map((suite) => ({ suite, credential, roles: 'both' }));

const psk = ['PskAes128Ccm8', 'PskAes128Ccm', 'PskAes128GcmSha256'] as const;
const ecdsa = [
  'EcdheEcdsaAes128Ccm8',
  'EcdheEcdsaAes128Ccm',
  'EcdheEcdsaAes128GcmSha256',
  'EcdheEcdsaAes256GcmSha384',
] as const;
const ofOpenssl: readonly Agreement[] = [
  ...both('psk', ...psk, 'PskAes128CbcSha256', 'PskChaCha20Poly1305'),
  ...both('psk', 'EcdhePskAes128CbcSha256', 'EcdhePskChaCha20Poly1305'),
  ...both('x509', ...ecdsa, 'EcdheEcdsaAes128CbcSha256', 'EcdheEcdsaChaCha20Poly1305'),
  ...both('x509', 'EcdheRsaAes128GcmSha256', 'EcdheRsaChaCha20Poly1305'),
];

/** pion and Scandium have CBC without encrypt-then-MAC (RFC 7366) alone. */
const macThenEncrypt = (credential: CredentialKind, ...suites: readonly SuiteName[]): Agreement[] =>
  both(credential, ...suites).map((agreement) => ({ ...agreement, isMacThenEncrypt: true }));

/** What is run, and what the table in CONFORMANCE.md says: a column for each peer. */
export const agreements = {
  'OpenSSL 3.0': ofOpenssl,
  'GnuTLS 3.7': [
    // Its client crashes after a handshake with ECDHE-PSK, with its own server as well.
    ...ofOpenssl.map(
      (agreement): Agreement =>
        agreement.suite.startsWith('EcdhePsk') ? { ...agreement, roles: 'their server' } : agreement,
    ),
    ...both('rawPublicKey', ...ecdsa),
  ],
  'mbedTLS 2.28': ofOpenssl,
  'Scandium 3.14': [
    ...both('psk', ...psk, 'EcdhePskAes128Ccm8Sha256', 'EcdhePskAes128CcmSha256', 'EcdhePskAes128GcmSha256'),
    ...macThenEncrypt('psk', 'PskAes128CbcSha256', 'EcdhePskAes128CbcSha256'),
    ...both('x509', ...ecdsa, 'EcdheRsaAes128GcmSha256'),
    ...macThenEncrypt('x509', 'EcdheEcdsaAes128CbcSha256'),
    ...both('rawPublicKey', ...ecdsa),
  ],
  'pion 3.1': [
    ...both('psk', ...psk, 'PskChaCha20Poly1305', 'EcdhePskChaCha20Poly1305'),
    ...macThenEncrypt('psk', 'PskAes128CbcSha256', 'EcdhePskAes128CbcSha256'),
    ...both('x509', ...ecdsa, 'EcdheEcdsaChaCha20Poly1305', 'EcdheRsaAes128GcmSha256', 'EcdheRsaChaCha20Poly1305'),
  ],
  tinydtls: both('psk', 'PskAes128Ccm8'),
  'libcoap on OpenSSL': [...both('psk', 'PskAes128Ccm8'), ...both('x509', 'EcdheEcdsaAes128Ccm8')],
  'libcoap on GnuTLS': [
    ...both('psk', 'PskAes128Ccm8'),
    ...both('x509', 'EcdheEcdsaAes128Ccm8'),
    ...both('rawPublicKey', 'EcdheEcdsaAes128Ccm8'),
  ],
} as const satisfies Readonly<Record<string, readonly Agreement[]>>;

export type PeerColumn = keyof typeof agreements;
