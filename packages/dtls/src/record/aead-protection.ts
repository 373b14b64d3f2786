import { copyOf } from '../copy-of.ts';
import type { Aead } from '../crypto-provider.ts';
import type { DtlsRecord } from '../wire/index.ts';
import type { DirectionKeys } from './key-derivation.ts';
import {
  authenticatedHeader,
  innerOf,
  type PlainRecord,
  plainOf,
  type RecordHeader,
  type RecordProtection,
  writeNumber,
} from './record-protection.ts';

const NONCE_BYTES = 12;
const EXPLICIT_NONCE_BYTES = 8;
/** Of the record that is in work: an association that rests has no need of one. */
const nonce: Uint8Array = new Uint8Array(NONCE_BYTES);
const nonceView: DataView = new DataView(nonce.buffer);
const number: Uint8Array = new Uint8Array(EXPLICIT_NONCE_BYTES);

/**
 * Protection by an AEAD. With an IV of 4 bytes (CCM, GCM) the rest of the nonce stands in each record, and is its
 * epoch and number in those that we send; with one of 12 (ChaCha20) epoch and number are XORed into it, and records
 * carry nothing of it.
 *
 * @see RFC 6347 §4.1.2.1, RFC 5246 §6.2.3.3, RFC 6655 §3, RFC 5288 §3, RFC 7905 §2, RFC 9146 §5.3
 */
export class AeadProtection implements RecordProtection {
  readonly #aead: Aead;
  /** The implicit part: 4 bytes as one number, or 12. A number is a small part of what an array is. */
  #iv: Uint8Array | number;
  readonly #explicitBytes: number;

  /**
   * @param aead with the key of this direction
   * @param iv the implicit part of the nonce, 4 or 12 bytes; copied
   */
  constructor(aead: Aead, iv: Uint8Array) {
    this.#aead = aead;
    this.#iv = iv.length === NONCE_BYTES ? copyOf(iv) : new DataView(iv.buffer, iv.byteOffset).getInt32(0);
    this.#explicitBytes = iv.length === NONCE_BYTES ? 0 : EXPLICIT_NONCE_BYTES;
  }

  get encryptsThenMacs(): boolean {
    return false;
  }

  get overheadBytes(): number {
    return this.#explicitBytes + this.#aead.tagBytes;
  }

  seal(header: RecordHeader, plain: PlainRecord): Uint8Array {
    const inner = innerOf(header, plain);
    this.#number(header);
    const sealed = this.#aead.seal(nonce, authenticatedHeader(header, inner.length), inner);
    if (this.#explicitBytes === 0) return sealed;
    const fragment = new Uint8Array(EXPLICIT_NONCE_BYTES + sealed.length);
    fragment.set(nonce.subarray(NONCE_BYTES - EXPLICIT_NONCE_BYTES));
    fragment.set(sealed, EXPLICIT_NONCE_BYTES);
    return fragment;
  }

  open(record: DtlsRecord): PlainRecord | undefined {
    const length = record.fragment.length - this.overheadBytes;
    if (length < 0) return undefined;
    if (this.#explicitBytes === 0) this.#number(record);
    // The peer's own choice, which need not be the number of the record (RFC 6655 §3).
    else {
      this.#writeIv();
      nonce.set(record.fragment.subarray(0, EXPLICIT_NONCE_BYTES), NONCE_BYTES - EXPLICIT_NONCE_BYTES);
    }
    const sealed = record.fragment.subarray(this.#explicitBytes);
    const inner = this.#aead.open(nonce, authenticatedHeader(record, length), sealed);
    return inner === undefined ? undefined : plainOf(record, inner);
  }

  exportKeys(): DirectionKeys | undefined {
    const key = this.#aead.exportKey?.();
    if (key === undefined) return undefined;
    this.#writeIv();
    return { macKey: new Uint8Array(0), key, iv: nonce.slice(0, NONCE_BYTES - this.#explicitBytes) };
  }

  destroy(): void {
    this.#aead.destroy();
    if (typeof this.#iv === 'number') this.#iv = 0;
    else this.#iv.fill(0);
  }

  #writeIv(): void {
    if (typeof this.#iv === 'number') nonceView.setInt32(0, this.#iv);
    else nonce.set(this.#iv);
  }

  #number(header: RecordHeader): void {
    const start = NONCE_BYTES - EXPLICIT_NONCE_BYTES;
    this.#writeIv();
    if (this.#explicitBytes > 0) {
      writeNumber(nonce, start, header);
      return;
    }
    writeNumber(number, 0, header);
    for (const [index, byte] of number.entries()) nonce[start + index] = (nonce[start + index] ?? 0) ^ byte;
  }
}
