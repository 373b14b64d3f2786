import type { PeerVerifier } from '../credentials/certificate-credential.ts';
import { type CertificateTrustOptions, certificateVerifier } from '../x509/certificate-verifier.ts';
import { nodeCryptoProvider } from './node-crypto-provider.ts';
import { certificatesOf } from './pem-certificates.ts';

/** Whom to believe by X.509 certificates. */
export interface TrustCertificatesOptions extends Omit<CertificateTrustOptions, 'anchors'> {
  /** Certificates of authorities: PEM, which may hold several, or DER each. */
  readonly anchors: string | readonly Uint8Array[];
}

/**
 * Believes those whose certificates lead to an anchor, by the machine's clock.
 *
 * @throws {DecodeError} a certificate that cannot be read
 * @throws {TypeError} PEM without a certificate
 * @throws {RangeError} no such usage
 * @example
 * const verifier = trustCertificates({ anchors: readFileSync('ca.pem', 'utf8'), peer: 'server', name: 'lwm2m.example.com' });
 */
export function trustCertificates(options: TrustCertificatesOptions): PeerVerifier {
  const anchors = certificatesOf(options.anchors);
  return certificateVerifier({ ...options, anchors }, { provider: nodeCryptoProvider, epochMs: () => Date.now() });
}
