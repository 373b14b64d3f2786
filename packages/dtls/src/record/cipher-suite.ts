import type { AeadAlgorithm, BlockCipherAlgorithm, HashAlgorithm } from '../crypto-provider.ts';

/** The cipher suites of this package, by their IANA numbers. */
export const CipherSuiteId = {
  /** TLS_PSK_WITH_AES_128_GCM_SHA256 (RFC 5487 §2). */
  PskAes128GcmSha256: 0x00a8,
  /** TLS_PSK_WITH_AES_128_CBC_SHA256 (RFC 5487 §3). */
  PskAes128CbcSha256: 0x00ae,
  /** TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 (RFC 5289 §3.1). */
  EcdheEcdsaAes128CbcSha256: 0xc023,
  /** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (RFC 5289 §3.2). */
  EcdheEcdsaAes128GcmSha256: 0xc02b,
  /** TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 (RFC 5289 §3.2). */
  EcdheEcdsaAes256GcmSha384: 0xc02c,
  /** TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (RFC 5289 §3.2). */
  EcdheRsaAes128GcmSha256: 0xc02f,
  /** TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256 (RFC 5489 §3.2). */
  EcdhePskAes128CbcSha256: 0xc037,
  /** TLS_PSK_WITH_AES_128_CCM (RFC 6655 §4). */
  PskAes128Ccm: 0xc0a4,
  /** TLS_PSK_WITH_AES_128_CCM_8 (RFC 6655 §4): what LwM2M and RFC 7925 demand. */
  PskAes128Ccm8: 0xc0a8,
  /** TLS_ECDHE_ECDSA_WITH_AES_128_CCM (RFC 7251 §2). */
  EcdheEcdsaAes128Ccm: 0xc0ac,
  /** TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 (RFC 7251 §2): what LwM2M and RFC 7925 demand with keys and certificates. */
  EcdheEcdsaAes128Ccm8: 0xc0ae,
  /** TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 (RFC 7905 §2). */
  EcdheRsaChaCha20Poly1305: 0xcca8,
  /** TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 (RFC 7905 §2). */
  EcdheEcdsaChaCha20Poly1305: 0xcca9,
  /** TLS_PSK_WITH_CHACHA20_POLY1305_SHA256 (RFC 7905 §2). */
  PskChaCha20Poly1305: 0xccab,
  /** TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 (RFC 7905 §2). */
  EcdhePskChaCha20Poly1305: 0xccac,
  /** TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256 (RFC 8442 §3). */
  EcdhePskAes128GcmSha256: 0xd001,
  /** TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256 (RFC 8442 §3). */
  EcdhePskAes128Ccm8Sha256: 0xd003,
  /** TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256 (RFC 8442 §3). */
  EcdhePskAes128CcmSha256: 0xd005,
} as const;

/** One of {@link CipherSuiteId}. */
export type CipherSuiteId = (typeof CipherSuiteId)[keyof typeof CipherSuiteId];

/**
 * How both sides come to a secret, and know each other: by a pre-shared key (RFC 4279 §2), by that and an ephemeral
 * key (RFC 5489 §2), or by an ephemeral key that is signed (RFC 8422 §2).
 */
export type KeyExchange = 'psk' | 'ecdhe-psk' | 'ecdhe-ecdsa' | 'ecdhe-rsa';

/** What a cipher suite stands for. */
export interface CipherSuite {
  /** Its number on the wire. */
  readonly id: CipherSuiteId;
  /** Its name in the IANA registry. */
  readonly name: string;
  /** How both sides come to a secret. */
  readonly keyExchange: KeyExchange;
  /** What protects records. */
  readonly cipher: AeadAlgorithm | BlockCipherAlgorithm;
  /** What hashes the handshake and stretches keys. */
  readonly hash: HashAlgorithm;
}

const prefixes: Readonly<Record<KeyExchange, string>> = {
  psk: 'TLS_PSK_WITH_',
  'ecdhe-psk': 'TLS_ECDHE_PSK_WITH_',
  'ecdhe-ecdsa': 'TLS_ECDHE_ECDSA_WITH_',
  'ecdhe-rsa': 'TLS_ECDHE_RSA_WITH_',
};

function suite(
  id: CipherSuiteId,
  keyExchange: KeyExchange,
  cipher: CipherSuite['cipher'],
  suffix: string,
  hash: HashAlgorithm = 'sha256',
): CipherSuite {
  return { id, name: prefixes[keyExchange] + suffix, keyExchange, cipher, hash };
}

/** In the order in which they are preferred: first what RFC 7925 §4.2 and §4.3 demand, last what needs RFC 7366. */
const suites: readonly CipherSuite[] = [
  suite(CipherSuiteId.EcdheEcdsaAes128Ccm8, 'ecdhe-ecdsa', 'aes-128-ccm-8', 'AES_128_CCM_8'),
  suite(CipherSuiteId.EcdheEcdsaAes128Ccm, 'ecdhe-ecdsa', 'aes-128-ccm', 'AES_128_CCM'),
  suite(CipherSuiteId.EcdheEcdsaAes128GcmSha256, 'ecdhe-ecdsa', 'aes-128-gcm', 'AES_128_GCM_SHA256'),
  suite(CipherSuiteId.EcdheEcdsaAes256GcmSha384, 'ecdhe-ecdsa', 'aes-256-gcm', 'AES_256_GCM_SHA384', 'sha384'),
  suite(CipherSuiteId.EcdheEcdsaChaCha20Poly1305, 'ecdhe-ecdsa', 'chacha20-poly1305', 'CHACHA20_POLY1305_SHA256'),
  suite(CipherSuiteId.EcdheRsaAes128GcmSha256, 'ecdhe-rsa', 'aes-128-gcm', 'AES_128_GCM_SHA256'),
  suite(CipherSuiteId.EcdheRsaChaCha20Poly1305, 'ecdhe-rsa', 'chacha20-poly1305', 'CHACHA20_POLY1305_SHA256'),
  suite(CipherSuiteId.PskAes128Ccm8, 'psk', 'aes-128-ccm-8', 'AES_128_CCM_8'),
  suite(CipherSuiteId.PskAes128Ccm, 'psk', 'aes-128-ccm', 'AES_128_CCM'),
  suite(CipherSuiteId.PskAes128GcmSha256, 'psk', 'aes-128-gcm', 'AES_128_GCM_SHA256'),
  suite(CipherSuiteId.PskChaCha20Poly1305, 'psk', 'chacha20-poly1305', 'CHACHA20_POLY1305_SHA256'),
  suite(CipherSuiteId.EcdhePskAes128Ccm8Sha256, 'ecdhe-psk', 'aes-128-ccm-8', 'AES_128_CCM_8_SHA256'),
  suite(CipherSuiteId.EcdhePskAes128CcmSha256, 'ecdhe-psk', 'aes-128-ccm', 'AES_128_CCM_SHA256'),
  suite(CipherSuiteId.EcdhePskAes128GcmSha256, 'ecdhe-psk', 'aes-128-gcm', 'AES_128_GCM_SHA256'),
  suite(CipherSuiteId.EcdhePskChaCha20Poly1305, 'ecdhe-psk', 'chacha20-poly1305', 'CHACHA20_POLY1305_SHA256'),
  suite(CipherSuiteId.EcdheEcdsaAes128CbcSha256, 'ecdhe-ecdsa', 'aes-128-cbc', 'AES_128_CBC_SHA256'),
  suite(CipherSuiteId.EcdhePskAes128CbcSha256, 'ecdhe-psk', 'aes-128-cbc', 'AES_128_CBC_SHA256'),
  suite(CipherSuiteId.PskAes128CbcSha256, 'psk', 'aes-128-cbc', 'AES_128_CBC_SHA256'),
];

const byId: ReadonlyMap<number, CipherSuite> = new Map(suites.map((known) => [known.id, known]));

/** All suites in the order in which they are preferred; of these a side uses those that it has the credentials for. */
export const defaultCipherSuites: readonly CipherSuiteId[] = suites.map(({ id }) => id);

/** What a number on the wire stands for; `undefined`: a suite that this package does not have. */
export function cipherSuiteOf(id: number): CipherSuite | undefined {
  return byId.get(id);
}

/** Whether the keys need an identity that both know. */
export function usesPreSharedKey({ keyExchange }: CipherSuite): boolean {
  return keyExchange === 'psk' || keyExchange === 'ecdhe-psk';
}

/** Whether both sides make a key pair for the one handshake. */
export function isEphemeral({ keyExchange }: CipherSuite): boolean {
  return keyExchange !== 'psk';
}
