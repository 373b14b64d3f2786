import type { ByteReader } from '@motestack/bytes';
import { ProtocolVersion } from './protocol-version.ts';

/** What a record carries (RFC 6347 §4.1, RFC 9146 §4). */
export const ContentType = {
  ChangeCipherSpec: 20,
  Alert: 21,
  Handshake: 22,
  ApplicationData: 23,
  /** A protected record with a connection ID; its real type is inside. */
  Tls12Cid: 25,
  /** Whether the peer is where it seems to be (RFC 9853 §4). */
  ReturnRoutabilityCheck: 27,
} as const;

/** One of {@link ContentType}. */
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/** One DTLS record. */
export interface DtlsRecord {
  /** What it carries. */
  readonly contentType: ContentType;
  /** {@link ProtocolVersion} of the framing. */
  readonly version: ProtocolVersion;
  /** Which keys protect it: 0 is none. */
  readonly epoch: number;
  /** Number of the record in its epoch, below 2^48. */
  readonly sequence: number;
  /** Empty unless `contentType` is `Tls12Cid`. A view of the input. */
  readonly connectionId: Uint8Array;
  /** The rest, protected where `epoch` is not 0. A view of the input. */
  readonly fragment: Uint8Array;
}

/** The largest fragment: 2^14 bytes and what protection may add (RFC 6347 §4.1, RFC 5246 §6.2.3). */
export const RECORD_FRAGMENT_BYTES_MAX: number = 2 ** 14 + 2048;
/** The largest content before protection (RFC 5246 §6.2.1). */
export const RECORD_CONTENT_BYTES_MAX: number = 2 ** 14;
/** Bytes of a record before its fragment, without a connection ID. */
export const RECORD_HEADER_BYTES = 13;
/** The last number that a record may have in its epoch. */
export const SEQUENCE_MAX: number = 2 ** 48 - 1;

const CONTENT_TYPES: ReadonlySet<number> = new Set(Object.values(ContentType));
const VERSIONS: ReadonlySet<number> = new Set(Object.values(ProtocolVersion));
const TWO_TO_32 = 2 ** 32;
const EPOCH_MAX = 0xffff;

/**
 * Decodes the next record of a datagram.
 *
 * @param reader stands at the record, and behind it afterwards
 * @param connectionIdBytes length of the IDs that the receiver gave out, which the record does not tell; 0: none, and
 *   records with an ID are not understood
 * @throws {DecodeError} `reserved-value` (content type), `unknown-version`, `too-long` or `truncated`
 * @see RFC 6347 §4.1, RFC 9146 §4
 */
export function decodeRecord(reader: ByteReader, connectionIdBytes: number): DtlsRecord {
  const start = reader.offset;
  const contentType = reader.u8();
  const isWithId = contentType === ContentType.Tls12Cid;
  if (!CONTENT_TYPES.has(contentType) || (isWithId && connectionIdBytes === 0))
    throw reader.error('reserved-value', start);
  const version = reader.u16();
  if (!VERSIONS.has(version)) throw reader.error('unknown-version', start + 1);
  const epoch = reader.u16();
  const sequence = reader.u16() * TWO_TO_32 + reader.u32();
  const connectionId = reader.take(isWithId ? connectionIdBytes : 0);
  const length = reader.u16();
  if (length > RECORD_FRAGMENT_BYTES_MAX) throw reader.error('too-long', reader.offset - 2);
  return {
    contentType: contentType as ContentType,
    version: version as ProtocolVersion,
    epoch,
    sequence,
    connectionId,
    fragment: reader.take(length),
  };
}

/**
 * Encodes one record.
 *
 * @throws {RangeError} a field that does not fit, or a fragment beyond {@link RECORD_FRAGMENT_BYTES_MAX}
 * @see RFC 6347 §4.1, RFC 9146 §4
 */
export function encodeRecord(record: DtlsRecord): Uint8Array {
  const { connectionId, fragment, sequence, epoch } = record;
  if (fragment.length > RECORD_FRAGMENT_BYTES_MAX) throw new RangeError('the fragment is too long for a record');
  if (!(sequence >= 0 && sequence <= SEQUENCE_MAX)) throw new RangeError(`no number of a record: ${sequence}`);
  if (!(epoch >= 0 && epoch <= EPOCH_MAX)) throw new RangeError(`no epoch: ${epoch}`);
  // Every datagram comes through here: one piece of memory, of the right size.
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + connectionId.length + fragment.length);
  const high = Math.floor(sequence / TWO_TO_32);
  const low = sequence % TWO_TO_32;
  // No view over it: that would take it out of the engine's own heap, where short ones are cheap.
  bytes[0] = record.contentType;
  bytes[1] = record.version >>> 8;
  bytes[2] = record.version;
  bytes[3] = epoch >>> 8;
  bytes[4] = epoch;
  bytes[5] = high >>> 8;
  bytes[6] = high;
  bytes[7] = low >>> 24;
  bytes[8] = low >>> 16;
  bytes[9] = low >>> 8;
  bytes[10] = low;
  const lengthAt = 11 + connectionId.length;
  if (connectionId.length > 0) bytes.set(connectionId, 11);
  bytes[lengthAt] = fragment.length >>> 8;
  bytes[lengthAt + 1] = fragment.length;
  bytes.set(fragment, lengthAt + 2);
  return bytes;
}
