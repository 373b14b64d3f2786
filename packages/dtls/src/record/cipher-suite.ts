import type { AeadAlgorithm, HashAlgorithm } from '../crypto-provider.ts';

/** The cipher suites of this package, by their IANA numbers. */
export const CipherSuiteId = {
  /** TLS_PSK_WITH_AES_128_GCM_SHA256 (RFC 5487 §2). */
  PskAes128GcmSha256: 0x00a8,
  /** TLS_PSK_WITH_AES_128_CCM (RFC 6655 §4). */
  PskAes128Ccm: 0xc0a4,
  /** TLS_PSK_WITH_AES_128_CCM_8 (RFC 6655 §4): what LwM2M and RFC 7925 demand. */
  PskAes128Ccm8: 0xc0a8,
} as const;

/** One of {@link CipherSuiteId}. */
export type CipherSuiteId = (typeof CipherSuiteId)[keyof typeof CipherSuiteId];

/** What a cipher suite stands for. */
export interface CipherSuite {
  /** Its number on the wire. */
  readonly id: CipherSuiteId;
  /** Its name in the IANA registry. */
  readonly name: string;
  /** What protects records. */
  readonly aead: AeadAlgorithm;
  /** What hashes the handshake and stretches keys. */
  readonly hash: HashAlgorithm;
}

const suites: readonly CipherSuite[] = [
  { id: CipherSuiteId.PskAes128Ccm8, name: 'TLS_PSK_WITH_AES_128_CCM_8', aead: 'aes-128-ccm-8', hash: 'sha256' },
  { id: CipherSuiteId.PskAes128Ccm, name: 'TLS_PSK_WITH_AES_128_CCM', aead: 'aes-128-ccm', hash: 'sha256' },
  {
    id: CipherSuiteId.PskAes128GcmSha256,
    name: 'TLS_PSK_WITH_AES_128_GCM_SHA256',
    aead: 'aes-128-gcm',
    hash: 'sha256',
  },
];

const byId: ReadonlyMap<number, CipherSuite> = new Map(suites.map((suite) => [suite.id, suite]));

/** All suites in the order in which they are preferred. */
export const defaultCipherSuites: readonly CipherSuiteId[] = suites.map(({ id }) => id);

/** What a number on the wire stands for; `undefined`: a suite that this package does not have. */
export function cipherSuiteOf(id: number): CipherSuite | undefined {
  return byId.get(id);
}
