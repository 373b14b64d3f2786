import { encodeUtf8 } from '@motestack/bytes';
import { concat } from '../concat.ts';
import type { CryptoProvider, HashAlgorithm } from '../crypto-provider.ts';

/** Bytes of a master secret (RFC 5246 §8.1). */
const MASTER_SECRET_BYTES = 48;
/** Bytes of `verify_data` in a Finished (RFC 5246 §7.4.9). */
const VERIFY_DATA_BYTES = 12;

/** Cryptography and the hash of a cipher suite. */
export interface KeyDerivation {
  /** Who computes. */
  readonly provider: CryptoProvider;
  /** The hash of the cipher suite. */
  readonly hash: HashAlgorithm;
}

/** How many bytes a cipher needs of each kind, for one direction. */
export interface KeyLengths {
  /** 0 for an AEAD. */
  readonly macKeyBytes: number;
  /** The key of the cipher. */
  readonly keyBytes: number;
  /** The implicit part of the nonce of an AEAD; 0 for CBC, whose initialization vectors stand in the records. */
  readonly ivBytes: number;
}

/** The keys of one direction. Whoever takes them into use zeroes them. */
export interface DirectionKeys {
  /** Empty for an AEAD. */
  readonly macKey: Uint8Array;
  /** The key of the cipher. */
  readonly key: Uint8Array;
  /** The implicit part of the nonce. */
  readonly iv: Uint8Array;
}

/** The keys of both directions, by who writes with them. */
export interface KeyBlock {
  /** Of what the client sends. */
  readonly client: DirectionKeys;
  /** Of what the server sends. */
  readonly server: DirectionKeys;
}

const labels = new Map<string, Uint8Array>();

/** The same few for every handshake. */
function labelBytes(label: string): Uint8Array {
  const known = labels.get(label) ?? encodeUtf8(label);
  labels.set(label, known);
  return known;
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
  const labelled = concat([labelBytes(label), ...seed]);
  const output = new Uint8Array(length);
  // One piece of memory, so that each HMAC is one call of the platform: A(i), then label and seed.
  let chained = provider.hmac(hash, secret, [labelled]);
  const together = concat([chained, labelled]);
  for (let filled = 0; filled < length; ) {
    const block = provider.hmac(hash, secret, [together]);
    output.set(filled + block.length > length ? block.subarray(0, length - filled) : block, filled);
    filled += block.length;
    block.fill(0);
    if (filled >= length) break;
    const next = provider.hmac(hash, secret, [chained]);
    chained.fill(0);
    chained = next;
    together.set(chained);
  }
  chained.fill(0);
  together.fill(0);
  return output;
}

/**
 * The premaster secret of a pre-shared key.
 *
 * @param other the secret that an ephemeral key gave (RFC 5489 §2), or for plain PSK as many zeros as the key is long
 * @see RFC 4279 §2
 */
export function pskPremasterSecret(key: Uint8Array, other: Uint8Array = new Uint8Array(key.length)): Uint8Array {
  const premaster = new Uint8Array(4 + other.length + key.length);
  let start = 0;
  for (const part of [other, key]) {
    premaster[start] = part.length >>> 8;
    premaster[start + 1] = part.length & 0xff;
    premaster.set(part, start + 2);
    start += 2 + part.length;
  }
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
 * The keys of both directions.
 *
 * @param randoms of client and server, in this order
 * @see RFC 5246 §6.3
 */
export function keyBlock(
  derivation: KeyDerivation,
  master: Uint8Array,
  [client, server]: readonly [client: Uint8Array, server: Uint8Array],
  { macKeyBytes, keyBytes, ivBytes }: KeyLengths,
): KeyBlock {
  const length = 2 * (macKeyBytes + keyBytes + ivBytes);
  const block = prf(derivation, master, 'key expansion', [server, client], length);
  let offset = 0;
  const take = (bytes: number): Uint8Array => {
    offset += bytes;
    return block.slice(offset - bytes, offset);
  };
  const [clientMac, serverMac] = [take(macKeyBytes), take(macKeyBytes)];
  const [clientKey, serverKey] = [take(keyBytes), take(keyBytes)];
  const [clientIv, serverIv] = [take(ivBytes), take(ivBytes)];
  block.fill(0);
  return {
    client: { macKey: clientMac, key: clientKey, iv: clientIv },
    server: { macKey: serverMac, key: serverKey, iv: serverIv },
  };
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
