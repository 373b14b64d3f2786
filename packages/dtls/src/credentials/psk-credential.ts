/** The longest pre-shared key that is taken: what every implementation has to know (RFC 4279 §5.3). */
export const PSK_KEY_BYTES_MAX = 64;

/** The longest connection ID that is given out; RFC 9146 §3 allows 255, and 8 are enough for anybody. */
export const CONNECTION_ID_BYTES_MAX = 32;

/** What a client shows that it is by: a pre-shared key and the name that the server knows it by. */
export interface PskCredential {
  /** At most 128 bytes, mostly UTF-8 (RFC 4279 §5.1). */
  readonly identity: Uint8Array;
  /** 1 to 64 bytes; 16 or more are advised. */
  readonly key: Uint8Array;
}
