import { ContentType, type DtlsRecord, RECORD_CONTENT_BYTES_MAX } from '../wire/index.ts';
import type { DirectionKeys } from './key-derivation.ts';

/** A record as it goes into protection and comes out of it. */
export interface PlainRecord {
  /** What it carries; never `Tls12Cid`. */
  readonly contentType: ContentType;
  /** The content. */
  readonly content: Uint8Array;
}

/** Header fields of a record, and what is needed beside them to protect it. */
export type RecordHeader = Omit<DtlsRecord, 'fragment'>;

/** Protects the records of one epoch in one direction. */
export interface RecordProtection {
  /** Bytes that protection adds to the content at most, without a connection ID. */
  readonly overheadBytes: number;
  /**
   * Protects.
   *
   * @param header of the record to be sent; `Tls12Cid` puts the real type behind the content (RFC 9146 §4)
   * @returns the fragment of the record
   */
  seal(header: RecordHeader, plain: PlainRecord): Uint8Array;
  /**
   * Opens.
   *
   * @returns `undefined`: not protected with this key, changed on the way, or without a content that is allowed
   */
  open(record: DtlsRecord): PlainRecord | undefined;
  /** Whether a MAC is over what was encrypted (RFC 7366). */
  readonly encryptsThenMacs: boolean;
  /** The keys, for an export; whoever asks zeroes them. `undefined`: the cryptography keeps them to itself. */
  exportKeys(): DirectionKeys | undefined;
  /** Forgets the keys. */
  destroy(): void;
}

const HEAD_BYTES = 13;
const CONTENT_TYPES: ReadonlySet<number> = new Set([20, 21, 22, 23, 27]);
const TWO_TO_32 = 2 ** 32;
const TWO_TO_16 = 2 ** 16;

/** What is encrypted: with a connection ID the real type stands behind the content (RFC 9146 §4). */
export function innerOf(header: RecordHeader, { contentType, content }: PlainRecord): Uint8Array {
  if (header.contentType !== ContentType.Tls12Cid) return content;
  const inner = new Uint8Array(content.length + 1);
  inner.set(content);
  inner[content.length] = contentType;
  return inner;
}

/** What was encrypted; `undefined`: a type or a length that is not allowed. */
export function plainOf(header: RecordHeader, inner: Uint8Array): PlainRecord | undefined {
  if (header.contentType !== ContentType.Tls12Cid) return bounded(header.contentType, inner);
  let end = inner.length;
  while (end > 0 && inner[end - 1] === 0) end--;
  return bounded(inner[end - 1] ?? 0, inner.subarray(0, Math.max(end - 1, 0)));
}

/** Writes epoch and sequence number, 8 bytes. */
export function writeNumber(target: Uint8Array, start: number, { epoch, sequence }: RecordHeader): void {
  const high = Math.floor(sequence / TWO_TO_32);
  const low = sequence % TWO_TO_32;
  target[start] = epoch >>> 8;
  target[start + 1] = epoch & 0xff;
  target[start + 2] = high >>> 8;
  target[start + 3] = high & 0xff;
  writeU16(target, start + 4, Math.floor(low / TWO_TO_16));
  writeU16(target, start + 6, low % TWO_TO_16);
}

/**
 * What is authenticated beside the content: number, type, version, connection ID and length.
 *
 * @param length of what the clause counts: the plaintext, or with encrypt-then-MAC the fragment without its MAC
 * @see RFC 5246 §6.2.3, RFC 6347 §4.1.2.1, RFC 9146 §5
 */
export function authenticatedHeader(header: RecordHeader, length: number): Uint8Array {
  const { contentType, connectionId } = header;
  if (contentType !== ContentType.Tls12Cid) {
    const data = new Uint8Array(HEAD_BYTES);
    writeNumber(data, 0, header);
    data[8] = contentType;
    writeU16(data, 9, header.version);
    writeU16(data, 11, length);
    return data;
  }
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

function bounded(contentType: number, content: Uint8Array): PlainRecord | undefined {
  if (!CONTENT_TYPES.has(contentType) || content.length > RECORD_CONTENT_BYTES_MAX) return undefined;
  return { contentType: contentType as ContentType, content };
}

function writeU16(target: Uint8Array, start: number, value: number): void {
  target[start] = value >>> 8;
  target[start + 1] = value & 0xff;
}
