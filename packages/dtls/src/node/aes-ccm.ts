import { type Cipher, createCipheriv, createDecipheriv, getCiphers, timingSafeEqual } from 'node:crypto';
import { copyOf } from '../copy-of.ts';
import type { Aead } from '../crypto-provider.ts';
import { type CipherPairs, cipherPairs, type PairOwner } from './cipher-pairs.ts';

const BLOCK = 16;
const KEY_BYTES = 16;
const keyInUse: Uint8Array = new Uint8Array(KEY_BYTES);
const keyInUseView: DataView = new DataView(keyInUse.buffer);
/** The first length of additional data that takes more than two bytes (RFC 3610 §2.2). */
const LONG_DATA = 0xff00;
/** From here on one call of the platform's own CCM is faster than two ciphers, where it has one. */
const NATIVE_FROM_BYTES = 256;
/** So many records with a key are worth ciphers that live: they cost as much as two records by the platform's CCM. */
const PAIR_FROM_USES = 3;
const hasNative = getCiphers().includes('aes-128-ccm');

/** Two ciphers that live, and the last block that the second gave out. */
interface CipherPair {
  readonly ecb: Cipher;
  readonly cbc: Cipher;
  readonly chained: Uint8Array;
}

/**
 * AES-128-CCM (RFC 3610) put together from two long-lived ciphers of the platform: ECB over the counter blocks is the
 * key stream, CBC gives the MAC. A CBC cipher cannot be started anew, so the first block is XORed with what is left in
 * it. Twice as fast as `aes-128-ccm` for the short records of CoAP, and there where a platform lacks that.
 */
export class AesCcm implements Aead, PairOwner {
  readonly tagBytes: number;
  isRecent = false;
  #pair: CipherPair | undefined;
  #coldUses = 0;
  readonly #pairs: CipherPairs;
  /** The key as four numbers: an array of 16 bytes takes seven times as much, and there are two for each association. */
  #key0: number;
  #key1: number;
  #key2: number;
  #key3: number;
  readonly #nativeFromBytes: number;

  /**
   * @param key 16 bytes; copied
   * @param tagBytes 4 to 16, even
   * @param nativeFromBytes plaintexts of this length and more go through the platform's own CCM, where it has one
   */
  constructor(
    key: Uint8Array,
    tagBytes: number,
    nativeFromBytes: number = NATIVE_FROM_BYTES,
    pairs: CipherPairs = cipherPairs,
  ) {
    this.tagBytes = tagBytes;
    const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES);
    this.#key0 = view.getInt32(0);
    this.#key1 = view.getInt32(4);
    this.#key2 = view.getInt32(8);
    this.#key3 = view.getInt32(12);
    this.#nativeFromBytes = hasNative ? nativeFromBytes : Number.POSITIVE_INFINITY;
    this.#pairs = pairs;
  }

  seal(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const pair = this.#pairFor(plaintext.length);
    if (pair === undefined) return this.#sealNatively(nonce, additionalData, plaintext);
    const sealed = new Uint8Array(plaintext.length + this.tagBytes);
    const stream = keyStream(pair, nonce, plaintext.length);
    xor(sealed, plaintext, stream.subarray(BLOCK));
    sealed.set(this.#tag(pair, nonce, additionalData, plaintext, stream), plaintext.length);
    return sealed;
  }

  open(nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const length = ciphertext.length - this.tagBytes;
    if (length < 0) return undefined;
    const pair = this.#pairFor(length);
    if (pair === undefined) return this.#openNatively(nonce, additionalData, ciphertext);
    const plaintext = new Uint8Array(length);
    const stream = keyStream(pair, nonce, length);
    xor(plaintext, ciphertext, stream.subarray(BLOCK));
    const tag = this.#tag(pair, nonce, additionalData, plaintext, stream);
    if (timingSafeEqual(tag, ciphertext.subarray(length))) return plaintext;
    plaintext.fill(0);
    return undefined;
  }

  exportKey(): Uint8Array {
    const key = copyOf(this.#writeKey());
    keyInUse.fill(0);
    return key;
  }

  destroy(): void {
    this.#pairs.remove(this);
    this.dropPair();
    this.#key0 = 0;
    this.#key1 = 0;
    this.#key2 = 0;
    this.#key3 = 0;
  }

  dropPair(): void {
    this.#pair?.chained.fill(0);
    this.#pair?.ecb.destroy();
    this.#pair?.cbc.destroy();
    this.#pair = undefined;
    this.#coldUses = 0;
  }

  /** The key for a call of the platform, which copies it; to be zeroed afterwards. */
  #writeKey(): Uint8Array {
    keyInUseView.setInt32(0, this.#key0);
    keyInUseView.setInt32(4, this.#key1);
    keyInUseView.setInt32(8, this.#key2);
    keyInUseView.setInt32(12, this.#key3);
    return keyInUse;
  }

  /** The two ciphers; `undefined`: the platform's own CCM is the better way. */
  #pairFor(length: number): CipherPair | undefined {
    if (length >= this.#nativeFromBytes) return undefined;
    if (this.#pair !== undefined) {
      this.isRecent = true;
      return this.#pair;
    }
    this.#coldUses++;
    if (this.#coldUses < PAIR_FROM_USES && Number.isFinite(this.#nativeFromBytes)) return undefined;
    const chained = new Uint8Array(BLOCK);
    const key = this.#writeKey();
    const ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const cbc = createCipheriv('aes-128-cbc', key, chained).setAutoPadding(false);
    keyInUse.fill(0);
    this.#pair = { ecb, cbc, chained };
    this.#pairs.add(this);
    return this.#pair;
  }

  /** The encrypted MAC (RFC 3610 §2.2, §2.3). */
  #tag(
    { cbc, chained }: CipherPair,
    nonce: Uint8Array,
    additionalData: Uint8Array,
    plaintext: Uint8Array,
    stream: Uint8Array,
  ): Uint8Array {
    const dataLength = encodeDataLength(additionalData.length);
    const dataEnd = upToBlock(BLOCK + dataLength.length + additionalData.length);
    const blocks = Buffer.allocUnsafe(dataEnd + upToBlock(plaintext.length)).fill(0);
    blocks[0] = (dataLength.length > 0 ? 0x40 : 0) | (((this.tagBytes - 2) / 2) << 3) | (BLOCK - 2 - nonce.length);
    blocks.set(nonce, 1);
    writeLength(blocks, plaintext.length, BLOCK - 1 - nonce.length);
    blocks.set(dataLength, BLOCK);
    blocks.set(additionalData, BLOCK + dataLength.length);
    blocks.set(plaintext, dataEnd);
    xor(blocks.subarray(0, BLOCK), blocks.subarray(0, BLOCK), chained);
    const mac = cbc.update(blocks).subarray(-BLOCK);
    blocks.fill(0, dataEnd);
    chained.set(mac);
    const tag = Buffer.allocUnsafe(this.tagBytes);
    xor(tag, mac, stream);
    return tag;
  }

  #sealNatively(nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const cipher = createCipheriv('aes-128-ccm', this.#writeKey(), nonce, { authTagLength: this.tagBytes });
    keyInUse.fill(0);
    cipher.setAAD(additionalData, { plaintextLength: plaintext.length });
    const sealed = new Uint8Array(plaintext.length + this.tagBytes);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  }

  #openNatively(nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const length = ciphertext.length - this.tagBytes;
    const decipher = createDecipheriv('aes-128-ccm', this.#writeKey(), nonce, { authTagLength: this.tagBytes });
    keyInUse.fill(0);
    decipher.setAuthTag(ciphertext.subarray(length));
    decipher.setAAD(additionalData, { plaintextLength: length });
    try {
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      decipher.final();
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
    } catch {
      // The one way in which the platform says that the tag does not fit.
      return undefined;
    }
  }
}

/** S0, S1, … (RFC 3610 §2.3). */
function keyStream({ ecb }: CipherPair, nonce: Uint8Array, length: number): Uint8Array {
  const blocks = 1 + Math.ceil(length / BLOCK);
  const counters = Buffer.allocUnsafe(blocks * BLOCK).fill(0);
  for (let block = 0; block < blocks; block++) {
    const start = block * BLOCK;
    counters[start] = BLOCK - 2 - nonce.length;
    counters.set(nonce, start + 1);
    counters[start + BLOCK - 1] = block;
    // The counter field has two bytes at least, and a record fewer than 2^16 blocks.
    counters[start + BLOCK - 2] = block >>> 8;
  }
  return ecb.update(counters);
}

/** How the length of the additional data stands before them; nothing where there are none. */
function encodeDataLength(length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  if (length < LONG_DATA) return Uint8Array.of(length >>> 8, length & 0xff);
  return Uint8Array.of(0xff, 0xfe, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
}

/** Writes at the end of the first block, in as many bytes of the field as a length below 2^32 needs. */
function writeLength(blocks: Uint8Array, length: number, fieldBytes: number): void {
  let rest = length;
  for (let index = 0; index < Math.min(fieldBytes, 4); index++) {
    blocks[BLOCK - 1 - index] = rest & 0xff;
    rest >>>= 8;
  }
}

function upToBlock(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK;
}

/** All of `target` is written; the others may be longer, or `left` shorter where `target` has more at its end. */
function xor(target: Uint8Array, left: Uint8Array, right: Uint8Array): void {
  const length = Math.min(target.length, left.length, right.length);
  for (let index = 0; index < length; index++) target[index] = (left[index] ?? 0) ^ (right[index] ?? 0);
}
