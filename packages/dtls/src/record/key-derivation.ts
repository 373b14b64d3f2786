import { encodeUtf8 } from '@motestack/bytes';
import type { CryptoProvider, HashAlgorithm } from '../crypto-provider.ts';

/** Bytes of a master secret (RFC 5246 §8.1). */
const MASTER_SECRET_BYTES = 48;
/** Bytes of `verify_data` in a Finished (RFC 5246 §7.4.9). */
const VERIFY_DATA_BYTES = 12;
/** Bytes of a key of AES-128. */
const KEY_BYTES = 16;
/** Bytes of the implicit part of a nonce (RFC 6655 §3, RFC 5288 §3). */
const IV_BYTES = 4;

/** Cryptography and the hash of a cipher suite. */
export interface KeyDerivation {
  /** Who computes. */
  readonly provider: CryptoProvider;
  /** The hash of the cipher suite. */
  readonly hash: HashAlgorithm;
}

/** The keys of both directions. Whoever takes them into use zeroes them. */
export interface KeyBlock {
  /** 16 bytes. */
  readonly clientWriteKey: Uint8Array;
  /** 16 bytes. */
  readonly serverWriteKey: Uint8Array;
  /** 4 bytes. */
  readonly clientWriteIv: Uint8Array;
  /** 4 bytes. */
  readonly serverWriteIv: Uint8Array;
}

/**
 * The pseudorandom function of TLS 1.2: `P_hash(secret, label + seed)`.
 *
 * @param label ASCII, such as `master secret`
 * @param seed its concatenation counts
 * @param length how many bytes are wanted
 * @see RFC 5246 §5
 */
export function prf(
  { provider, hash }: KeyDerivation,
  secret: Uint8Array,
  label: string,
  seed: readonly Uint8Array[],
  length: number,
): Uint8Array {
  const labelled = [encodeUtf8(label), ...seed];
  const output = new Uint8Array(length);
  let chained = provider.hmac(hash, secret, labelled);
  for (let filled = 0; filled < length; ) {
    const block = provider.hmac(hash, secret, [chained, ...labelled]);
    output.set(block.subarray(0, Math.min(block.length, length - filled)), filled);
    filled += block.length;
    block.fill(0);
    const next = provider.hmac(hash, secret, [chained]);
    chained.fill(0);
    chained = next;
  }
  chained.fill(0);
  return output;
}

/**
 * The premaster secret of plain PSK: as many zeros as the key is long, and the key.
 *
 * @see RFC 4279 §2
 */
export function pskPremasterSecret(key: Uint8Array): Uint8Array {
  const premaster = new Uint8Array(4 + 2 * key.length);
  const half = 2 + key.length;
  for (const start of [0, half]) {
    premaster[start] = key.length >>> 8;
    premaster[start + 1] = key.length & 0xff;
  }
  premaster.set(key, half + 2);
  return premaster;
}

/**
 * The master secret as of RFC 5246 §8.1, where the peer does not know the extended one.
 *
 * @param randoms of client and server, in this order
 */
export function masterSecret(
  derivation: KeyDerivation,
  premaster: Uint8Array,
  randoms: readonly [client: Uint8Array, server: Uint8Array],
): Uint8Array {
  return prf(derivation, premaster, 'master secret', randoms, MASTER_SECRET_BYTES);
}

/**
 * The master secret that is bound to the whole handshake.
 *
 * @param sessionHash over all messages up to the ClientKeyExchange
 * @see RFC 7627 §4
 */
export function extendedMasterSecret(
  derivation: KeyDerivation,
  premaster: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  return prf(derivation, premaster, 'extended master secret', [sessionHash], MASTER_SECRET_BYTES);
}

/**
 * The keys of both directions for AES-128 suites with AEAD, which have no MAC keys.
 *
 * @param randoms of client and server, in this order
 * @see RFC 5246 §6.3
 */
export function keyBlock(
  derivation: KeyDerivation,
  master: Uint8Array,
  [client, server]: readonly [client: Uint8Array, server: Uint8Array],
): KeyBlock {
  const block = prf(derivation, master, 'key expansion', [server, client], 2 * (KEY_BYTES + IV_BYTES));
  const keys = {
    clientWriteKey: block.slice(0, KEY_BYTES),
    serverWriteKey: block.slice(KEY_BYTES, 2 * KEY_BYTES),
    clientWriteIv: block.slice(2 * KEY_BYTES, 2 * KEY_BYTES + IV_BYTES),
    serverWriteIv: block.slice(2 * KEY_BYTES + IV_BYTES),
  };
  block.fill(0);
  return keys;
}

/**
 * What a Finished carries.
 *
 * @param transcriptHash over all messages before it
 * @see RFC 5246 §7.4.9
 */
export function verifyData(
  derivation: KeyDerivation,
  master: Uint8Array,
  sender: 'client' | 'server',
  transcriptHash: Uint8Array,
): Uint8Array {
  return prf(derivation, master, `${sender} finished`, [transcriptHash], VERIFY_DATA_BYTES);
}
