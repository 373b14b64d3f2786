import type { CertificateCredential } from '../credentials/certificate-credential.ts';
import type { SignatureAlgorithm } from '../crypto-provider.ts';
import { schemeOf } from '../wire/index.ts';

/** What a credential signs with so that the peer can check it; `undefined`: nothing in common, or no credential. */
export function signingAlgorithm(
  certificate: CertificateCredential | undefined,
  peerSchemes: readonly number[],
): SignatureAlgorithm | undefined {
  return certificate?.signatureAlgorithms.find((algorithm) => peerSchemes.includes(schemeOf(algorithm)));
}
