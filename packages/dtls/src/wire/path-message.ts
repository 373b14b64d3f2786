import { ByteReader, ByteWriter } from '@motestack/bytes';

/** What a message of the return routability check is (RFC 9853 §4). */
export const PathMessageKind = {
  Challenge: 0,
  Response: 1,
  Drop: 2,
} as const;

/** One of {@link PathMessageKind}. */
export type PathMessageKind = (typeof PathMessageKind)[keyof typeof PathMessageKind];

/** A message of the return routability check. */
export interface PathMessage {
  /** What it is. */
  readonly kind: PathMessageKind;
  /** 8 bytes that the answer repeats. A view of the input. */
  readonly cookie: Uint8Array;
}

/** Bytes of a cookie. */
export const PATH_COOKIE_BYTES = 8;

const KINDS: ReadonlySet<number> = new Set(Object.values(PathMessageKind));

/**
 * Decodes a message of the return routability check.
 *
 * @throws {DecodeError} `reserved-value` (another kind), `truncated` or `trailing-bytes`
 * @see RFC 9853 §4
 */
export function decodePathMessage(bytes: Uint8Array): PathMessage {
  const reader = new ByteReader(bytes, 'RFC 9853 §4');
  const kind = reader.u8();
  if (!KINDS.has(kind)) throw reader.error('reserved-value', 0);
  const cookie = reader.take(PATH_COOKIE_BYTES);
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { kind: kind as PathMessageKind, cookie };
}

/** Encodes a message of the return routability check. */
export function encodePathMessage({ kind, cookie }: PathMessage): Uint8Array {
  const writer = new ByteWriter(1 + cookie.length);
  writer.u8(kind);
  writer.bytes(cookie);
  return writer.finish();
}
