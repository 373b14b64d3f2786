import { createCipheriv, createDecipheriv } from 'node:crypto';
import { copyOf } from '../copy-of.ts';
import type { Aead } from '../crypto-provider.ts';

const TAG_BYTES = 16;

/** AES-128-GCM (RFC 5288 §3), by the platform. */
export class AesGcm implements Aead {
  readonly tagBytes: number = TAG_BYTES;
  readonly #key: Uint8Array;

  /** @param key 16 bytes; copied */
  constructor(key: Uint8Array) {
    this.#key = copyOf(key);
  }

  seal(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const cipher = createCipheriv('aes-128-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(additionalData);
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  }

  open(nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const length = ciphertext.length - TAG_BYTES;
    if (length < 0) return undefined;
    const decipher = createDecipheriv('aes-128-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData);
    decipher.setAuthTag(ciphertext.subarray(length));
    const plaintext = decipher.update(ciphertext.subarray(0, length));
    try {
      decipher.final();
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
    } catch {
      // The one way in which the platform says that the tag does not fit.
      plaintext.fill(0);
      return undefined;
    }
  }

  destroy(): void {
    this.#key.fill(0);
  }
}
