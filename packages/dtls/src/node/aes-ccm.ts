import { type Cipher, createCipheriv, createDecipheriv, getCiphers, timingSafeEqual } from 'node:crypto';
import { copyOf } from '../copy-of.ts';
import type { Aead } from '../crypto-provider.ts';
import { type CipherPairs, cipherPairs, type PairOwner } from './cipher-pairs.ts';

const BLOCK = 16;
const KEY_BYTES = 16;
/** What is given to the platform, which reads it within the call: short records need no memory of their own for it. */
const SCRATCH_BYTES = 512;
const macScratch: Buffer = Buffer.alloc(SCRATCH_BYTES);
const tagScratch: Buffer = Buffer.alloc(BLOCK);
const counterScratch: Buffer = Buffer.alloc(SCRATCH_BYTES);
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
    const { length } = plaintext;
    const sealed = new Uint8Array(length + this.tagBytes);
    const stream = keyStream(pair, nonce, length);
    for (let index = 0; index < length; index++)
      sealed[index] = (plaintext[index] as number) ^ (stream[BLOCK + index] as number);
    const mac = this.#mac(pair, nonce, additionalData, plaintext);
    for (let index = 0; index < this.tagBytes; index++)
      sealed[length + index] = (mac[index] as number) ^ (stream[index] as number);
    return sealed;
  }

  open(nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const length = ciphertext.length - this.tagBytes;
    if (length < 0) return undefined;
    const pair = this.#pairFor(length);
    if (pair === undefined) return this.#openNatively(nonce, additionalData, ciphertext);
    const plaintext = new Uint8Array(length);
    const stream = keyStream(pair, nonce, length);
    for (let index = 0; index < length; index++)
      plaintext[index] = (ciphertext[index] as number) ^ (stream[BLOCK + index] as number);
    const mac = this.#mac(pair, nonce, additionalData, plaintext);
    const tag = tagScratch.subarray(0, this.tagBytes);
    for (let index = 0; index < tag.length; index++) tag[index] = (mac[index] as number) ^ (stream[index] as number);
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

  /** The MAC, not encrypted yet (RFC 3610 §2.2). */
  #mac({ cbc, chained }: CipherPair, nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const { length } = additionalData;
    const lengthBytes = length === 0 ? 0 : length < LONG_DATA ? 2 : 6;
    const dataEnd = upToBlock(BLOCK + lengthBytes + length);
    const end = dataEnd + upToBlock(plaintext.length);
    const blocks = end <= SCRATCH_BYTES ? macScratch.subarray(0, end).fill(0) : Buffer.alloc(end);
    blocks[0] = (length > 0 ? 0x40 : 0) | (((this.tagBytes - 2) / 2) << 3) | (BLOCK - 2 - nonce.length);
    blocks.set(nonce, 1);
    writeLength(blocks, plaintext.length, BLOCK - 1 - nonce.length);
    writeDataLength(blocks, length);
    blocks.set(additionalData, BLOCK + lengthBytes);
    blocks.set(plaintext, dataEnd);
    for (let index = 0; index < BLOCK; index++) blocks[index] = (blocks[index] as number) ^ (chained[index] as number);
    const encrypted = cbc.update(blocks);
    blocks.fill(0, dataEnd);
    const start = end - BLOCK;
    for (let index = 0; index < BLOCK; index++) chained[index] = encrypted[start + index] as number;
    return chained;
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
  const end = BLOCK + upToBlock(length);
  const counters = end <= SCRATCH_BYTES ? counterScratch.subarray(0, end).fill(0) : Buffer.alloc(end);
  for (let start = 0; start < end; start += BLOCK) {
    const block = start / BLOCK;
    counters[start] = BLOCK - 2 - nonce.length;
    counters.set(nonce, start + 1);
    counters[start + BLOCK - 1] = block;
    // The counter field has two bytes at least, and a record fewer than 2^16 blocks.
    counters[start + BLOCK - 2] = block >>> 8;
  }
  return ecb.update(counters);
}

/** How the length of the additional data stands before them (RFC 3610 §2.2); nothing where there are none. */
function writeDataLength(blocks: Uint8Array, length: number): void {
  if (length === 0) return;
  if (length < LONG_DATA) {
    blocks[BLOCK] = length >>> 8;
    blocks[BLOCK + 1] = length;
    return;
  }
  blocks[BLOCK] = 0xff;
  blocks[BLOCK + 1] = 0xfe;
  for (let index = 0; index < 4; index++) blocks[BLOCK + 2 + index] = length >>> (24 - 8 * index);
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
