import { fragmentLengthOf, RECORD_CONTENT_BYTES_MAX } from '../wire/index.ts';

/** How long the contents of records may be, as a handshake agreed on it. */
export interface RecordLimits {
  /** Bytes of content that the peer takes. */
  readonly sendBytesMax: number;
  /** Bytes of content that are taken from the peer: more is dropped (RFC 8449 §4). */
  readonly receiveBytesMax: number;
  /** Whether they count for the rest of the handshake in the clear too (RFC 6066 §4), not only for what is protected (RFC 8449 §4). */
  readonly isForAll: boolean;
}

/** The limits of every record, where nothing was agreed on (RFC 5246 §6.2.1). */
export const noLimits: RecordLimits = {
  sendBytesMax: RECORD_CONTENT_BYTES_MAX,
  receiveBytesMax: RECORD_CONTENT_BYTES_MAX,
  isForAll: true,
};

/** The limits that `record_size_limit` of both sides makes (RFC 8449 §4): a larger one than the protocol's counts as that. */
export function limitsOfSizes(peerBytesMax: number, ownBytesMax: number): RecordLimits {
  const sendBytesMax = Math.min(peerBytesMax, RECORD_CONTENT_BYTES_MAX);
  return { sendBytesMax, receiveBytesMax: ownBytesMax, isForAll: false };
}

/** The limits that `max_fragment_length` makes (RFC 6066 §4). */
export function limitsOfFragmentLength(code: number): RecordLimits {
  const bytes = fragmentLengthOf(code) ?? RECORD_CONTENT_BYTES_MAX;
  return { sendBytesMax: bytes, receiveBytesMax: bytes, isForAll: true };
}
