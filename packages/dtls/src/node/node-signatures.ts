import { constants, createPublicKey, createSign, createVerify, type KeyObject } from 'node:crypto';
import type { SignatureAlgorithm } from '../crypto-provider.ts';

const RSA_BITS_LEAST = 2048;
const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1']);

const hashes: Readonly<Record<SignatureAlgorithm, string>> = {
  'ecdsa-sha256': 'sha256',
  'ecdsa-sha384': 'sha384',
  'ecdsa-sha512': 'sha512',
  'rsa-pkcs1-sha256': 'sha256',
  'rsa-pkcs1-sha384': 'sha384',
  'rsa-pkcs1-sha512': 'sha512',
  'rsa-pss-sha256': 'sha256',
};

/** Whether a signature fits; see `CryptoProvider.verify`. RSA keys have 2048 bits at least, curves are P-256 and P-384. */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  publicKey: Uint8Array,
  parts: readonly Uint8Array[],
  signature: Uint8Array,
): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    if (!isFor(algorithm, key)) return false;
    const verify = createVerify(hashes[algorithm]);
    for (const part of parts) verify.update(part);
    return verify.verify({ key, ...padding(algorithm) }, signature);
  } catch {
    // The one way in which the platform says that it cannot read a key or a signature.
    return false;
  }
}

/** Signs. */
export function sign(algorithm: SignatureAlgorithm, key: KeyObject, data: Uint8Array): Uint8Array {
  return createSign(hashes[algorithm])
    .update(data)
    .sign({ key, ...padding(algorithm) });
}

/** Whether a key can be used so. */
export function isFor(algorithm: SignatureAlgorithm, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (algorithm.startsWith('ecdsa')) return asymmetricKeyType === 'ec' && CURVES.has(asymmetricKeyDetails?.namedCurve);
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_LEAST;
}

function padding(algorithm: SignatureAlgorithm): { padding?: number; saltLength?: number; dsaEncoding?: 'der' } {
  if (algorithm.startsWith('ecdsa')) return { dsaEncoding: 'der' };
  if (algorithm !== 'rsa-pss-sha256') return { padding: constants.RSA_PKCS1_PADDING };
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}
