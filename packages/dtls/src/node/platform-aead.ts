import { type CipherChaCha20Poly1305Types, type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto';
import { copyOf } from '../copy-of.ts';
import type { Aead } from '../crypto-provider.ts';

const TAG_BYTES = 16;

/** The ciphers that the platform has whole. */
type PlatformCipher = Extract<CipherGCMTypes, 'aes-128-gcm' | 'aes-256-gcm'> | CipherChaCha20Poly1305Types;

/** AES-GCM (RFC 5288 §3) and ChaCha20-Poly1305 (RFC 7905 §2), by the platform. */
export class PlatformAead implements Aead {
  readonly tagBytes: number = TAG_BYTES;
  readonly #cipher: PlatformCipher;
  readonly #key: Uint8Array;

  /** @param key 16 bytes, or 32; copied */
  constructor(cipher: PlatformCipher, key: Uint8Array) {
    this.#cipher = cipher;
    this.#key = copyOf(key);
  }

  seal(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    // The types tell the two kinds apart, the calls are the same.
    const cipher = createCipheriv(this.#cipher as CipherGCMTypes, this.#key, nonce, { authTagLength: TAG_BYTES });
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
    const decipher = createDecipheriv(this.#cipher as CipherGCMTypes, this.#key, nonce, { authTagLength: TAG_BYTES });
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

  exportKey(): Uint8Array {
    return copyOf(this.#key);
  }

  destroy(): void {
    this.#key.fill(0);
  }
}
