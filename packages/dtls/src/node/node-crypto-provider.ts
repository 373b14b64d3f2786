import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CryptoProvider } from '../crypto-provider.ts';
import { AesCcm } from './aes-ccm.ts';
import { AesGcm } from './aes-gcm.ts';

const CCM_8_TAG_BYTES = 8;
const CCM_TAG_BYTES = 16;

/** The cryptography of `node:crypto`, which is that of OpenSSL. */
export const nodeCryptoProvider: CryptoProvider = {
  hash(algorithm, parts) {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  hmac(algorithm, key, parts) {
    const hmac = createHmac(algorithm, key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
  createAead(algorithm, key) {
    switch (algorithm) {
      case 'aes-128-ccm-8':
        return new AesCcm(key, CCM_8_TAG_BYTES);
      case 'aes-128-ccm':
        return new AesCcm(key, CCM_TAG_BYTES);
      case 'aes-128-gcm':
        return new AesGcm(key);
      default:
        return neverAn(algorithm);
    }
  },
  isEqual(left, right) {
    return left.length === right.length && timingSafeEqual(left, right);
  },
};

function neverAn(algorithm: never): never {
  throw new TypeError(`not an algorithm for records: ${String(algorithm)}`);
}
