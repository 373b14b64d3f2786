import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import type { CertificateForm } from '../credentials/certificate-credential.ts';
import { signatureAlgorithms } from '../wire/index.ts';
import { decodeCertificate } from '../x509/certificate.ts';
import { isSame } from '../x509/certificate-path.ts';
import { isFor, sign } from './node-signatures.ts';
import { certificatesOf } from './pem-certificates.ts';

/** What a credential is made of. */
export interface SigningCredentialOptions {
  /** The private key: PEM, or PKCS #8 (RFC 5958) or SEC 1 (RFC 5915) in DER. EC on P-256 or P-384, or RSA of 2048 bits or more. */
  readonly privateKey: string | Uint8Array;
  /**
   * X.509 certificates, that of the key first, each certified by the next: PEM, which may hold several, or DER each.
   * The root need not be among them.
   */
  readonly certificates?: string | readonly Uint8Array[] | undefined;
  /** The forms in which its public half is shown, the preferred first. Default: `x509` with certificates, else `rawPublicKey`. */
  readonly forms?: readonly CertificateForm[] | undefined;
}

/**
 * A credential whose key is held by this process.
 *
 * @throws {TypeError} a private key that cannot be read or is of no kind that a suite can use, or certificates that are not for it
 * @throws {DecodeError} the first certificate cannot be read
 * @example
 * const certificate = signingCredential({ privateKey: readFileSync('device.key', 'utf8') });
 */
export function signingCredential(options: SigningCredentialOptions): SigningCredential {
  const { privateKey, certificates = [] } = options;
  const chain = certificatesOf(certificates);
  const { forms = [chain.length > 0 ? 'x509' : 'rawPublicKey'] } = options;
  const key = privateKeyOf(privateKey);
  const usable = signatureAlgorithms.filter((algorithm) => isFor(algorithm, key));
  if (usable.length === 0) throw new TypeError('no cipher suite has a use for such a private key');
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  const [own] = chain;
  if (own !== undefined && !isSame(decodeCertificate(own).publicKey, publicKey))
    throw new TypeError('the first certificate is of another key');
  if (own === undefined && forms.includes('x509')) throw new TypeError('there is no certificate to show');
  return {
    forms,
    publicKey,
    chain,
    signatureAlgorithms: usable,
    sign: (algorithm, data) => sign(algorithm, key, data),
  };
}

function privateKeyOf(privateKey: string | Uint8Array): KeyObject {
  try {
    if (typeof privateKey === 'string') return createPrivateKey(privateKey);
    return createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
  } catch (error) {
    const key = typeof privateKey === 'string' ? undefined : sec1KeyOf(privateKey);
    if (key !== undefined) return key;
    throw new TypeError('the private key is neither PEM, nor PKCS #8 or SEC 1 in DER', { cause: error });
  }
}

function sec1KeyOf(privateKey: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'sec1' });
  } catch {
    return undefined;
  }
}
