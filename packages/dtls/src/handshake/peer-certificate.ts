import { DecodeError } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import type {
  CertificateCredential,
  CertificateForm,
  PeerCertificate,
  PeerVerdict,
} from '../credentials/certificate-credential.ts';
import type { CryptoProvider, SignatureAlgorithm } from '../crypto-provider.ts';
import type { KeyExchange } from '../record/cipher-suite.ts';
import {
  AlertDescription,
  CertificateType,
  type DigitallySigned,
  decodeCertificateChain,
  decodeRawPublicKey,
  encodeCertificateChain,
  encodeRawPublicKey,
  signatureAlgorithmOf,
} from '../wire/index.ts';
import { decodeCertificate } from '../x509/certificate.ts';
import { HandshakeError } from './handshake-error.ts';

const alerts: Readonly<Record<Exclude<PeerVerdict, 'trusted'>, HandshakeError['alert']>> = {
  'bad-certificate': AlertDescription.BadCertificate,
  'unsupported-certificate': AlertDescription.UnsupportedCertificate,
  'certificate-revoked': AlertDescription.CertificateRevoked,
  'certificate-expired': AlertDescription.CertificateExpired,
  'certificate-unknown': AlertDescription.CertificateUnknown,
  'unknown-ca': AlertDescription.UnknownCa,
  'access-denied': AlertDescription.AccessDenied,
};

/** The number of a form (RFC 7250 §7). */
export function certificateTypeOf(form: CertificateForm): CertificateType {
  return form === 'x509' ? CertificateType.X509 : CertificateType.RawPublicKey;
}

/** The form of a number; `undefined`: one that this package does not have. */
export function certificateFormOf(type: number): CertificateForm | undefined {
  if (type === CertificateType.X509) return 'x509';
  return type === CertificateType.RawPublicKey ? 'rawPublicKey' : undefined;
}

/**
 * What a Certificate message shows in the form that was agreed on; `undefined`: nothing.
 *
 * @throws {DecodeError} a message that cannot be read
 * @throws {HandshakeError} `bad_certificate`: a message with something else than certificates
 * @see RFC 5246 §7.4.2, RFC 7250 §3
 */
export function decodePeerCertificate(body: Uint8Array, form: CertificateForm): PeerCertificate | undefined {
  if (form === 'x509') {
    const chain = decodeCertificateChain(body).map(copyOf);
    const [own] = chain;
    return own === undefined ? undefined : { form, publicKey: publicKeyOf(own), chain };
  }
  const publicKey = decodeRawPublicKey(body);
  return publicKey === undefined ? undefined : { form, publicKey: copyOf(publicKey), chain: [] };
}

/** What cannot be read as a certificate is bad, whatever is wrong in it. */
function publicKeyOf(certificate: Uint8Array): Uint8Array {
  const publicKey = publicKeyIn(certificate);
  if (publicKey === undefined)
    throw new HandshakeError(AlertDescription.BadCertificate, 'RFC 5280 §4.1: not a certificate');
  return publicKey;
}

function publicKeyIn(certificate: Uint8Array): Uint8Array | undefined {
  try {
    return decodeCertificate(certificate).publicKey;
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}

/** The Certificate message of a credential; of none: an empty one (RFC 5246 §7.4.6). */
export function encodeOwnCertificate(
  certificate: CertificateCredential | undefined,
  form: CertificateForm,
): Uint8Array {
  if (form === 'x509') return encodeCertificateChain(certificate?.chain ?? []);
  return encodeRawPublicKey(certificate?.publicKey);
}

/** Whether an algorithm is for the keys that a suite authenticates its server by (RFC 8422 §2). */
export function fitsKeyExchange(algorithm: SignatureAlgorithm, keyExchange: KeyExchange): boolean {
  return algorithm.startsWith(keyExchange === 'ecdhe-rsa' ? 'rsa' : 'ecdsa');
}

/**
 * Checks the peer's signature.
 *
 * @param offered the algorithms that the peer was told
 * @throws {HandshakeError} `illegal_parameter` (another algorithm) or `decrypt_error` (RFC 5246 §7.4.3, §7.4.8)
 */
export function checkSignature(
  provider: CryptoProvider,
  { publicKey }: PeerCertificate,
  { scheme, signature }: DigitallySigned,
  parts: readonly Uint8Array[],
  offered: readonly SignatureAlgorithm[],
): void {
  const algorithm = signatureAlgorithmOf(scheme);
  if (algorithm === undefined || !offered.includes(algorithm))
    throw new HandshakeError(AlertDescription.IllegalParameter, 'signed by an algorithm that was not offered');
  if (!provider.verify(algorithm, publicKey, parts, signature))
    throw new HandshakeError(AlertDescription.DecryptError, 'the signature is wrong');
}

/**
 * Takes note of a verdict.
 *
 * @throws {HandshakeError} the peer is not believed
 */
export function checkVerdict(verdict: PeerVerdict): void {
  if (verdict !== 'trusted') throw new HandshakeError(alerts[verdict], 'the peer is not believed');
}
