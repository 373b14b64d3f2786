import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { SigningCredential } from '../answer-wanted.ts';
import type { CertificateForm } from '../certificate-credential.ts';
import { signatureAlgorithms } from '../wire/index.ts';
import { isFor, sign } from './node-signatures.ts';

/** What a credential is made of. */
export interface SigningCredentialOptions {
  /** The private key: PEM, or PKCS #8 in DER. EC on P-256 or P-384, or RSA of 2048 bits or more. */
  readonly privateKey: string | Uint8Array;
  /** The forms in which its public half is shown, the preferred first. Default: `rawPublicKey`. */
  readonly forms?: readonly CertificateForm[] | undefined;
}

/**
 * A credential whose key is held by this process.
 *
 * @throws {TypeError} a private key that is of no kind that a suite can use
 * @throws {Error} what the platform says of a key that cannot be read
 * @example
 * const certificate = signingCredential({ privateKey: readFileSync('device.key', 'utf8') });
 */
export function signingCredential(options: SigningCredentialOptions): SigningCredential {
  const { privateKey, forms = ['rawPublicKey'] } = options;
  const key =
    typeof privateKey === 'string'
      ? createPrivateKey(privateKey)
      : createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
  const usable = signatureAlgorithms.filter((algorithm) => isFor(algorithm, key));
  if (usable.length === 0) throw new TypeError('no cipher suite has a use for such a private key');
  return {
    forms,
    publicKey: new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    chain: [],
    signatureAlgorithms: usable,
    sign: (algorithm, data) => sign(algorithm, key, data),
  };
}
