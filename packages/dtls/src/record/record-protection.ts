import type { Aead } from '../crypto-provider.ts';
import { ContentType, type DtlsRecord, RECORD_CONTENT_BYTES_MAX } from '../wire/index.ts';

const IV_BYTES = 4;
const EXPLICIT_NONCE_BYTES = 8;
const HEAD_BYTES = 13;
const CONTENT_TYPES: ReadonlySet<number> = new Set([20, 21, 22, 23]);
const TWO_TO_32 = 2 ** 32;
const TWO_TO_16 = 2 ** 16;

/** A record as it goes into protection and comes out of it. */
export interface PlainRecord {
  /** What it carries; never `Tls12Cid`. */
  readonly contentType: ContentType;
  /** The content. */
  readonly content: Uint8Array;
}

/** Header fields of a record, and what is needed beside them to protect it. */
export type RecordHeader = Omit<DtlsRecord, 'fragment'>;

/**
 * Protects the records of one epoch in one direction: AEAD with the nonce `iv | epoch | sequence`.
 *
 * @see RFC 6347 §4.1.2.1, RFC 5246 §6.2.3.3, RFC 6655 §3, RFC 5288 §3, RFC 9146 §5
 */
export class RecordProtection {
  readonly #aead: Aead;
  readonly #nonce: Uint8Array = new Uint8Array(IV_BYTES + EXPLICIT_NONCE_BYTES);

  /**
   * @param aead with the key of this direction
   * @param iv the implicit part of the nonce, 4 bytes; copied
   */
  constructor(aead: Aead, iv: Uint8Array) {
    this.#aead = aead;
    this.#nonce.set(iv);
  }

  /** Bytes that protection adds to the content, without a connection ID. */
  get overheadBytes(): number {
    return EXPLICIT_NONCE_BYTES + this.#aead.tagBytes;
  }

  /**
   * Protects.
   *
   * @param header of the record to be sent; `Tls12Cid` puts the real type behind the content (RFC 9146 §4)
   * @returns the fragment of the record
   */
  seal(header: RecordHeader, { contentType, content }: PlainRecord): Uint8Array {
    const inner = header.contentType === ContentType.Tls12Cid ? withType(content, contentType) : content;
    writeNumber(this.#nonce, IV_BYTES, header);
    const sealed = this.#aead.seal(this.#nonce, additionalData(header, inner.length), inner);
    const fragment = new Uint8Array(EXPLICIT_NONCE_BYTES + sealed.length);
    fragment.set(this.#nonce.subarray(IV_BYTES));
    fragment.set(sealed, EXPLICIT_NONCE_BYTES);
    return fragment;
  }

  /**
   * Opens.
   *
   * @returns `undefined`: not protected with this key, changed on the way, or without a content that is allowed
   */
  open(record: DtlsRecord): PlainRecord | undefined {
    const length = record.fragment.length - this.overheadBytes;
    if (length < 0) return undefined;
    // The peer's own choice, which need not be the number of the record (RFC 6655 §3).
    this.#nonce.set(record.fragment.subarray(0, EXPLICIT_NONCE_BYTES), IV_BYTES);
    const sealed = record.fragment.subarray(EXPLICIT_NONCE_BYTES);
    const inner = this.#aead.open(this.#nonce, additionalData(record, length), sealed);
    if (inner === undefined) return undefined;
    if (record.contentType !== ContentType.Tls12Cid) return bounded(record.contentType, inner);
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    return bounded(inner[end - 1] ?? 0, inner.subarray(0, Math.max(end - 1, 0)));
  }

  /** Forgets the keys. */
  destroy(): void {
    this.#aead.destroy();
    this.#nonce.fill(0);
  }
}

function bounded(contentType: number, content: Uint8Array): PlainRecord | undefined {
  if (!CONTENT_TYPES.has(contentType) || content.length > RECORD_CONTENT_BYTES_MAX) return undefined;
  return { contentType: contentType as ContentType, content };
}

function withType(content: Uint8Array, contentType: ContentType): Uint8Array {
  const inner = new Uint8Array(content.length + 1);
  inner.set(content);
  inner[content.length] = contentType;
  return inner;
}

/** Epoch and sequence number, 8 bytes. */
function writeNumber(target: Uint8Array, start: number, { epoch, sequence }: RecordHeader): void {
  const high = Math.floor(sequence / TWO_TO_32);
  const low = sequence % TWO_TO_32;
  target[start] = epoch >>> 8;
  target[start + 1] = epoch & 0xff;
  target[start + 2] = high >>> 8;
  target[start + 3] = high & 0xff;
  writeU16(target, start + 4, Math.floor(low / TWO_TO_16));
  writeU16(target, start + 6, low % TWO_TO_16);
}

function writeU16(target: Uint8Array, start: number, value: number): void {
  target[start] = value >>> 8;
  target[start + 1] = value & 0xff;
}

function additionalData(header: RecordHeader, length: number): Uint8Array {
  const { contentType, connectionId } = header;
  if (contentType !== ContentType.Tls12Cid) {
    const data = new Uint8Array(HEAD_BYTES);
    writeNumber(data, 0, header);
    data[8] = contentType;
    writeU16(data, 9, header.version);
    writeU16(data, 11, length);
    return data;
  }
  // RFC 9146 §5.3.
  const data = new Uint8Array(23 + connectionId.length);
  data.fill(0xff, 0, 8);
  data[8] = contentType;
  data[9] = connectionId.length;
  data[10] = contentType;
  writeU16(data, 11, header.version);
  writeNumber(data, 13, header);
  data.set(connectionId, 21);
  writeU16(data, 21 + connectionId.length, length);
  return data;
}
