/** Protects with a key and shows tampering: one direction of one epoch. */
export interface Aead {
  /** Bytes that `seal` adds. */
  readonly tagBytes: number;
  /**
   * Encrypts.
   *
   * @param nonce 12 bytes, never twice with one key
   * @param additionalData what is authenticated beside the plaintext
   * @returns ciphertext and tag, in memory of their own
   */
  seal(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /**
   * Decrypts.
   *
   * @param ciphertext with its tag at the end
   * @returns the plaintext in memory of its own; `undefined`: not made with this key, or changed on the way
   */
  open(nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  /** Forgets the key, as far as the platform can. The object is not used afterwards. */
  destroy(): void;
}

/** What protects records (RFC 6655 §3, §4; RFC 5487 §2). */
export type AeadAlgorithm = 'aes-128-ccm' | 'aes-128-ccm-8' | 'aes-128-gcm';

/** What hashes handshakes and stretches keys (RFC 5246 §5). */
export type HashAlgorithm = 'sha256';

/** All the cryptography there is: nothing of it is computed by this package itself. */
export interface CryptoProvider {
  /** Hashes the concatenation of `parts`. */
  hash(algorithm: HashAlgorithm, parts: readonly Uint8Array[]): Uint8Array;
  /** The HMAC over the concatenation of `parts`. */
  hmac(algorithm: HashAlgorithm, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
  /** Takes a key of 16 bytes into use; the bytes may be zeroed afterwards. */
  createAead(algorithm: AeadAlgorithm, key: Uint8Array): Aead;
  /** Whether the bytes are equal, in a time that depends on the lengths alone. */
  isEqual(left: Uint8Array, right: Uint8Array): boolean;
}
