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
  /** The key, for an export; whoever asks zeroes it. Absent: it does not come out, and associations cannot be exported. */
  exportKey?(): Uint8Array;
  /** Forgets the key, as far as the platform can. The object is not used afterwards. */
  destroy(): void;
}

/** A block cipher in the mode CBC, which authenticates nothing by itself. */
export interface BlockCipher {
  /** Encrypts whole blocks of 16 bytes, without padding. */
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Decrypts whole blocks of 16 bytes; the padding is left in. */
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** As that of an AEAD. */
  exportKey?(): Uint8Array;
  /** Forgets the key, as far as the platform can. The object is not used afterwards. */
  destroy(): void;
}

/** Half of an agreement on a secret: a key pair that is used once. */
export interface KeyAgreement {
  /** What the peer is sent: an uncompressed point, or the 32 bytes of X25519 (RFC 8422 §5.4). */
  readonly publicKey: Uint8Array;
  /**
   * The secret that both sides come to; whoever asks zeroes it.
   *
   * @returns `undefined`: the peer's value is no public key of the group, or one that gives the secret away
   */
  sharedSecret(peerPublicKey: Uint8Array): Uint8Array | undefined;
  /** Forgets the private key, as far as the platform can. */
  destroy(): void;
}

/** What protects records (RFC 6655 §3, §4; RFC 5288 §3; RFC 7905 §2). */
export type AeadAlgorithm = 'aes-128-ccm' | 'aes-128-ccm-8' | 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

/** What encrypts records beside an HMAC of SHA-256 (RFC 5246 §6.2.3.2). */
export type BlockCipherAlgorithm = 'aes-128-cbc';

/** What hashes handshakes and stretches keys (RFC 5246 §5). */
export type HashAlgorithm = 'sha256' | 'sha384';

/** A group in which both sides agree on a secret (RFC 8422 §5.1.1). */
export type KeyAgreementGroup = 'p-256' | 'p-384' | 'x25519';

/** How a signature is made; ECDSA signatures are DER (RFC 8422 §5.4). */
export type SignatureAlgorithm =
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'ecdsa-sha512'
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512'
  | 'rsa-pss-sha256';

/** All the cryptography there is: nothing of it is computed by this package itself. */
export interface CryptoProvider {
  /** Hashes the concatenation of `parts`. */
  hash(algorithm: HashAlgorithm, parts: readonly Uint8Array[]): Uint8Array;
  /** The HMAC over the concatenation of `parts`. */
  hmac(algorithm: HashAlgorithm, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array;
  /** Whether the platform has a cipher. */
  supports(algorithm: AeadAlgorithm | BlockCipherAlgorithm): boolean;
  /** Takes a key into use, of 16 bytes, or of 32 for AES-256 and ChaCha20; the bytes may be zeroed afterwards. */
  createAead(algorithm: AeadAlgorithm, key: Uint8Array): Aead;
  /** Takes a key of 16 bytes into use; the bytes may be zeroed afterwards. */
  createBlockCipher(algorithm: BlockCipherAlgorithm, key: Uint8Array): BlockCipher;
  /** Makes a key pair. */
  createKeyAgreement(group: KeyAgreementGroup): KeyAgreement;
  /**
   * Whether a signature over the concatenation of `parts` was made with the private half of a key.
   *
   * @param publicKey SubjectPublicKeyInfo, in DER (RFC 5280 §4.1)
   * @returns `false` too for a key that cannot be read, or is of another kind than the algorithm
   */
  verify(
    algorithm: SignatureAlgorithm,
    publicKey: Uint8Array,
    parts: readonly Uint8Array[],
    signature: Uint8Array,
  ): boolean;
  /** Whether the bytes are equal, in a time that depends on the lengths alone. */
  isEqual(left: Uint8Array, right: Uint8Array): boolean;
}
