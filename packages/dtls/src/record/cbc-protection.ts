import { copyOf } from '../copy-of.ts';
import type { BlockCipher, CryptoProvider } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import type { DtlsRecord } from '../wire/index.ts';
import type { DirectionKeys } from './key-derivation.ts';
import {
  authenticatedHeader,
  innerOf,
  type PlainRecord,
  plainOf,
  type RecordHeader,
  type RecordProtection,
} from './record-protection.ts';

const BLOCK_BYTES = 16;
const MAC_BYTES = 32;

/** What a protection by CBC and HMAC is made of. */
export interface CbcProtectionInit {
  readonly provider: CryptoProvider;
  /** Where the initialization vectors come from; nobody may foresee them. */
  readonly random: RandomSource;
  /** With the key of this direction. */
  readonly cipher: BlockCipher;
  /** 32 bytes; belongs to the protection, and is zeroed by it. */
  readonly macKey: Uint8Array;
  /** Whether the MAC is over what was encrypted (RFC 7366); otherwise over what is to be encrypted, which is weak. */
  readonly encryptThenMac: boolean;
}

/**
 * Protection by AES-CBC and HMAC-SHA-256.
 *
 * @see RFC 5246 §6.2.3.2, RFC 7366 §3, RFC 9146 §5.1 and §5.2
 */
export class CbcProtection implements RecordProtection {
  /** An initialization vector, a block of padding and the MAC. */
  readonly overheadBytes: number = BLOCK_BYTES + BLOCK_BYTES + MAC_BYTES;
  readonly #init: CbcProtectionInit;

  constructor(init: CbcProtectionInit) {
    this.#init = init;
  }

  get encryptsThenMacs(): boolean {
    return this.#init.encryptThenMac;
  }

  seal(header: RecordHeader, plain: PlainRecord): Uint8Array {
    const { cipher, random, encryptThenMac } = this.#init;
    const inner = innerOf(header, plain);
    const mac = encryptThenMac ? new Uint8Array(0) : this.#mac(header, inner.length, inner);
    const padded = withPadding(inner, mac);
    const end = BLOCK_BYTES + padded.length;
    const fragment = new Uint8Array(end + (encryptThenMac ? MAC_BYTES : 0));
    const iv = fragment.subarray(0, BLOCK_BYTES);
    random.fill(iv);
    fragment.set(cipher.encrypt(iv, padded), BLOCK_BYTES);
    if (encryptThenMac) fragment.set(this.#mac(header, end, fragment.subarray(0, end)), end);
    return fragment;
  }

  open(record: DtlsRecord): PlainRecord | undefined {
    return this.#init.encryptThenMac ? this.#openMacFirst(record) : this.#openMacLast(record);
  }

  exportKeys(): DirectionKeys | undefined {
    const key = this.#init.cipher.exportKey?.();
    return key === undefined ? undefined : { macKey: copyOf(this.#init.macKey), key, iv: new Uint8Array(0) };
  }

  destroy(): void {
    this.#init.cipher.destroy();
    this.#init.macKey.fill(0);
  }

  /** RFC 7366 §3: nothing is decrypted before the MAC was found right. */
  #openMacFirst(record: DtlsRecord): PlainRecord | undefined {
    const end = record.fragment.length - MAC_BYTES;
    if (!areBlocks(end)) return undefined;
    const encrypted = record.fragment.subarray(0, end);
    const isRight = this.#init.provider.isEqual(this.#mac(record, end, encrypted), record.fragment.subarray(end));
    if (!isRight) return undefined;
    const padded = this.#decrypt(encrypted);
    const length = unpaddedLength(padded, 0);
    return length === undefined ? undefined : plainOf(record, padded.subarray(0, length));
  }

  /**
   * RFC 5246 §6.2.3.2: bad padding counts as none, so that a MAC is computed in any case. How long that takes still
   * depends on the padding: why this form has to be allowed by name.
   */
  #openMacLast(record: DtlsRecord): PlainRecord | undefined {
    if (!areBlocks(record.fragment.length)) return undefined;
    const padded = this.#decrypt(record.fragment);
    const unpadded = unpaddedLength(padded, MAC_BYTES);
    const length = (unpadded ?? padded.length - 1) - MAC_BYTES;
    if (length < 0) return undefined;
    const inner = padded.subarray(0, length);
    const mac = padded.subarray(length, length + MAC_BYTES);
    const isRight = this.#init.provider.isEqual(this.#mac(record, length, inner), mac);
    return isRight && unpadded !== undefined ? plainOf(record, inner) : undefined;
  }

  #decrypt(encrypted: Uint8Array): Uint8Array {
    return this.#init.cipher.decrypt(encrypted.subarray(0, BLOCK_BYTES), encrypted.subarray(BLOCK_BYTES));
  }

  #mac(header: RecordHeader, length: number, bytes: Uint8Array): Uint8Array {
    const { provider, macKey } = this.#init;
    return provider.hmac('sha256', macKey, [authenticatedHeader(header, length), bytes]);
  }
}

/** An initialization vector and at least one block. */
function areBlocks(length: number): boolean {
  return length >= 2 * BLOCK_BYTES && length % BLOCK_BYTES === 0;
}

/** Content, MAC, padding and its length, up to a whole block. */
function withPadding(inner: Uint8Array, mac: Uint8Array): Uint8Array {
  const length = inner.length + mac.length;
  const padding = BLOCK_BYTES - 1 - (length % BLOCK_BYTES);
  const padded = new Uint8Array(length + padding + 1).fill(padding, length);
  padded.set(inner);
  padded.set(mac, inner.length);
  return padded;
}

/** Bytes before the padding; `undefined`: each byte of padding has to be its length, and it leaves less than `least`. */
function unpaddedLength(padded: Uint8Array, least: number): number | undefined {
  const padding = padded[padded.length - 1] ?? 0;
  const length = padded.length - 1 - padding;
  if (length < least) return undefined;
  let difference = 0;
  for (const byte of padded.subarray(length)) difference |= byte ^ padding;
  return difference === 0 ? length : undefined;
}
