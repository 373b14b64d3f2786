import * as crypto from 'node:crypto';
import { createHash, createHmac, getCiphers, timingSafeEqual } from 'node:crypto';
import { concat } from '../concat.ts';
import type { CryptoProvider } from '../crypto-provider.ts';
import { AesCbc } from './aes-cbc.ts';
import { AesCcm } from './aes-ccm.ts';
import { EcdhAgreement, X25519Agreement } from './key-agreements.ts';
import { verifySignature } from './node-signatures.ts';
import { PlatformAead } from './platform-aead.ts';

/** Node has it from 20.12 on, other platforms may not. */
const oneShot = typeof crypto.hash === 'function' ? crypto.hash : undefined;
const NONE = new Uint8Array(0);
const CCM_8_TAG_BYTES = 8;
const CCM_TAG_BYTES = 16;

const listed: ReadonlySet<string> = new Set(getCiphers());

/** The cryptography of `node:crypto`, which is that of OpenSSL. */
export const nodeCryptoProvider: CryptoProvider = {
  hash(algorithm, parts) {
    if (oneShot !== undefined)
      return oneShot(algorithm, parts.length === 1 ? (parts[0] ?? NONE) : concat(parts), 'buffer');
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  hmac(algorithm, key, parts) {
    const hmac = createHmac(algorithm, key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
  supports(algorithm) {
    // CCM is put together from two ciphers that every platform has.
    return algorithm.includes('ccm') || listed.has(algorithm);
  },
  createAead(algorithm, key) {
    switch (algorithm) {
      case 'aes-128-ccm-8':
        return new AesCcm(key, CCM_8_TAG_BYTES);
      case 'aes-128-ccm':
        return new AesCcm(key, CCM_TAG_BYTES);
      case 'aes-128-gcm':
      case 'aes-256-gcm':
      case 'chacha20-poly1305':
        return new PlatformAead(algorithm, key);
      default:
        return neverAn(algorithm);
    }
  },
  createBlockCipher(_algorithm, key) {
    return new AesCbc(key);
  },
  createKeyAgreement(group) {
    switch (group) {
      case 'p-256':
        return new EcdhAgreement('prime256v1');
      case 'p-384':
        return new EcdhAgreement('secp384r1');
      case 'x25519':
        return new X25519Agreement();
      default:
        return neverAn(group);
    }
  },
  verify: verifySignature,
  isEqual(left, right) {
    return left.length === right.length && timingSafeEqual(left, right);
  },
};

function neverAn(algorithm: never): never {
  throw new TypeError(`no such algorithm: ${String(algorithm)}`);
}
