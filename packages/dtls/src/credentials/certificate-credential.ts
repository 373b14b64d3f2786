import type { SignatureAlgorithm } from '../crypto-provider.ts';

/** How a key is shown: bare (RFC 7250), or in a certificate (RFC 5280). */
export type CertificateForm = 'rawPublicKey' | 'x509';

/** The key that a side shows that it is by; the private half stays with whoever signs. */
export interface CertificateCredential {
  /** The forms in which it may be shown, the preferred first. */
  readonly forms: readonly CertificateForm[];
  /** SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7). */
  readonly publicKey: Uint8Array;
  /** X.509 certificates in DER, its own first, each certified by the next; without the form `x509` none. */
  readonly chain: readonly Uint8Array[];
  /** What it can sign with, the preferred first. */
  readonly signatureAlgorithms: readonly SignatureAlgorithm[];
}

/** Signs; the key may be far away. */
export interface Signer {
  /**
   * Signs with the private half of a credential's key.
   *
   * @param algorithm one of those that the credential names
   * @param data what is to be hashed and signed; valid until the call returns
   */
  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** What the peer showed; that it has the private half was checked. In memory of its own. */
export interface PeerCertificate {
  /** In what form. */
  readonly form: CertificateForm;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** X.509 certificates in DER as they were sent, the peer's own first; empty for a raw public key. */
  readonly chain: readonly Uint8Array[];
}

/** What to make of a peer's key or certificate; all but the first are told to the peer by the alert of that name. */
export type PeerVerdict =
  | 'trusted'
  | 'bad-certificate'
  | 'unsupported-certificate'
  | 'certificate-revoked'
  | 'certificate-expired'
  | 'certificate-unknown'
  | 'unknown-ca'
  | 'access-denied';

/** Decides whom to believe. */
export interface PeerVerifier {
  /** The forms that it can judge, the preferred first. */
  readonly forms: readonly CertificateForm[];
  /** Judges, at once or later. One that throws counts as `certificate-unknown`. */
  verify(certificate: PeerCertificate, address: string): PeerVerdict | Promise<PeerVerdict>;
}

/**
 * Believes those whose raw public key is known (RFC 7250 §6: out of band).
 *
 * @param publicKeys SubjectPublicKeyInfo in DER
 */
export function trustRawPublicKeys(publicKeys: readonly Uint8Array[]): PeerVerifier {
  const known = publicKeys.map((key) => new Uint8Array(key));
  // Public keys are no secrets: the comparison may tell by its time how much was the same.
  const isSame = (left: Uint8Array, right: Uint8Array): boolean =>
    left.length === right.length && left.every((byte, index) => byte === right[index]);
  return {
    forms: ['rawPublicKey'],
    verify: ({ publicKey }) => (known.some((key) => isSame(key, publicKey)) ? 'trusted' : 'certificate-unknown'),
  };
}
