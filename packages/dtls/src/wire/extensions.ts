import { ByteReader, ByteWriter } from '@motestack/bytes';

/** Extensions that this implementation knows (IANA, TLS ExtensionType Values). */
export const ExtensionType = {
  ServerName: 0,
  MaxFragmentLength: 1,
  SupportedGroups: 10,
  EcPointFormats: 11,
  SignatureAlgorithms: 13,
  ClientCertificateType: 19,
  ServerCertificateType: 20,
  EncryptThenMac: 22,
  ExtendedMasterSecret: 23,
  RecordSizeLimit: 28,
  SessionTicket: 35,
  ConnectionId: 54,
  ReturnRoutabilityCheck: 61,
  RenegotiationInfo: 0xff01,
} as const;

/** One extension of a hello message. */
export interface Extension {
  /** Mostly one of {@link ExtensionType}; any number is read. */
  readonly type: number;
  /** Its contents. A view of the input. */
  readonly data: Uint8Array;
}

/** So many extensions are taken; about 60 are registered. */
export const EXTENSIONS_MAX = 64;

/**
 * Decodes the extensions at the end of a hello message; that there are none at all is fine (RFC 5246 §7.4.1.2).
 *
 * @param reader stands behind the fields of the message
 * @throws {DecodeError} `truncated`, `trailing-bytes`, `duplicate` or `too-many`
 * @see RFC 5246 §7.4.1.4
 */
export function decodeExtensions(reader: ByteReader): Extension[] {
  const extensions: Extension[] = [];
  if (reader.remaining === 0) return extensions;
  const end = reader.u16() + reader.offset;
  const seen = new Set<number>();
  while (reader.offset < end) {
    const start = reader.offset;
    const type = reader.u16();
    if (seen.has(type)) throw reader.error('duplicate', start);
    if (seen.size >= EXTENSIONS_MAX) throw reader.error('too-many', start);
    seen.add(type);
    extensions.push({ type, data: reader.take(reader.u16()) });
  }
  if (reader.offset > end) throw reader.error('bad-value', end);
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return extensions;
}

/** Bytes that {@link encodeExtensions} writes. */
export function extensionsLength(extensions: readonly Extension[]): number {
  let length = extensions.length === 0 ? 0 : 2;
  for (const { data } of extensions) length += 4 + data.length;
  return length;
}

/** Encodes extensions with their length; nothing where there are none. */
export function encodeExtensions(writer: ByteWriter, extensions: readonly Extension[]): void {
  if (extensions.length === 0) return;
  writer.u16(extensionsLength(extensions) - 2);
  for (const { type, data } of extensions) {
    writer.u16(type);
    writer.u16(data.length);
    writer.bytes(data);
  }
}

/**
 * Decodes the contents of an extension that is one `opaque<0..255>`: a connection ID (RFC 9146 §3) or
 * renegotiation info (RFC 5746 §3.2).
 *
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 */
export function decodeShortOpaque(data: Uint8Array): Uint8Array {
  const reader = new ByteReader(data, 'RFC 5246 §4.3');
  const opaque = reader.take(reader.u8());
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return opaque;
}

/**
 * Encodes one `opaque<0..255>`.
 *
 * @throws {RangeError} more than 255 bytes
 */
export function encodeShortOpaque(opaque: Uint8Array): Uint8Array {
  const writer = new ByteWriter(1 + opaque.length);
  writer.u8(opaque.length);
  writer.bytes(opaque);
  return writer.finish();
}
