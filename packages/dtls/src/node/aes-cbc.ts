import { createCipheriv, createDecipheriv } from 'node:crypto';
import { copyOf } from '../copy-of.ts';
import type { BlockCipher } from '../crypto-provider.ts';

/** AES-128-CBC without padding, by the platform. */
export class AesCbc implements BlockCipher {
  readonly #key: Uint8Array;

  /** @param key 16 bytes; copied */
  constructor(key: Uint8Array) {
    this.#key = copyOf(key);
  }

  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return createCipheriv('aes-128-cbc', this.#key, iv).setAutoPadding(false).update(plaintext);
  }

  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const plaintext = createDecipheriv('aes-128-cbc', this.#key, iv).setAutoPadding(false).update(ciphertext);
    return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  }

  exportKey(): Uint8Array {
    return copyOf(this.#key);
  }

  destroy(): void {
    this.#key.fill(0);
  }
}
