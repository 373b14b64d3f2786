import { ByteReader, ByteWriter } from '@motestack/bytes';
import { BYTE_LIST, readNumberList, WIDE_LIST, writeNumberList } from './number-list.ts';

/** What a Certificate message carries (RFC 7250 §7, IANA TLS Certificate Types). */
export const CertificateType = { X509: 0, RawPublicKey: 2 } as const;

/** One of {@link CertificateType}. */
export type CertificateType = (typeof CertificateType)[keyof typeof CertificateType];

/** ClientCertificateType (RFC 5246 §7.4.4, RFC 8422 §5.5). */
export const ClientCertificateKind = { RsaSign: 1, EcdsaSign: 64 } as const;

/** The server's wish for a certificate of the client. */
export interface CertificateRequest {
  /** Mostly of {@link ClientCertificateKind}. */
  readonly kinds: readonly number[];
  /** Mostly of `SignatureScheme`. */
  readonly schemes: readonly number[];
  /** Names of authorities, in DER; empty: any. Views of the input. */
  readonly authorities: readonly Uint8Array[];
}

/** So many certificates are taken in one message. */
export const CHAIN_LENGTH_MAX = 10;
/** So many names of authorities are read. */
export const AUTHORITIES_MAX = 256;

/**
 * Decodes a Certificate message with X.509 certificates.
 *
 * @returns DER, the peer's own first; none: the client has no certificate. Views of the input.
 * @throws {DecodeError} `truncated`, `trailing-bytes`, `too-many` or `bad-value` (an empty certificate)
 * @see RFC 5246 §7.4.2
 */
export function decodeCertificateChain(body: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(body, 'RFC 5246 §7.4.2');
  const list = new ByteReader(reader.take(reader.u24()), 'RFC 5246 §7.4.2');
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  const chain: Uint8Array[] = [];
  while (list.remaining > 0) {
    const start = list.offset;
    if (chain.length >= CHAIN_LENGTH_MAX) throw list.error('too-many', start);
    const certificate = list.take(list.u24());
    if (certificate.length === 0) throw list.error('bad-value', start);
    chain.push(certificate);
  }
  return chain;
}

/** Encodes a Certificate message with X.509 certificates. */
export function encodeCertificateChain(chain: readonly Uint8Array[]): Uint8Array {
  const length = chain.reduce((sum, { length: bytes }) => sum + 3 + bytes, 0);
  const writer = new ByteWriter(3 + length);
  writer.u24(length);
  for (const certificate of chain) {
    writer.u24(certificate.length);
    writer.bytes(certificate);
  }
  return writer.finish();
}

/**
 * Decodes a Certificate message with a raw public key.
 *
 * @returns SubjectPublicKeyInfo in DER, a view of the input; `undefined`: the client has none
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 7250 §3
 */
export function decodeRawPublicKey(body: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(body, 'RFC 7250 §3');
  const key = reader.take(reader.u24());
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return key.length === 0 ? undefined : key;
}

/** Encodes a Certificate message with a raw public key, or with none. */
export function encodeRawPublicKey(key: Uint8Array | undefined): Uint8Array {
  const writer = new ByteWriter(3 + (key?.length ?? 0));
  writer.u24(key?.length ?? 0);
  if (key !== undefined) writer.bytes(key);
  return writer.finish();
}

/**
 * Decodes a CertificateRequest.
 *
 * @throws {DecodeError} `truncated`, `trailing-bytes`, `too-many` or `bad-value` (empty or odd lists)
 * @see RFC 5246 §7.4.4
 */
export function decodeCertificateRequest(body: Uint8Array): CertificateRequest {
  const reader = new ByteReader(body, 'RFC 5246 §7.4.4');
  const kinds = readNumberList(reader, BYTE_LIST);
  const schemes = readNumberList(reader, WIDE_LIST);
  const list = new ByteReader(reader.take(reader.u16()), 'RFC 5246 §7.4.4');
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  const authorities: Uint8Array[] = [];
  while (list.remaining > 0) {
    if (authorities.length >= AUTHORITIES_MAX) throw list.error('too-many');
    authorities.push(list.take(list.u16()));
  }
  return { kinds, schemes, authorities };
}

/** Encodes a CertificateRequest. */
export function encodeCertificateRequest({ kinds, schemes, authorities }: CertificateRequest): Uint8Array {
  const writer = new ByteWriter(64);
  writeNumberList(writer, kinds, BYTE_LIST);
  writeNumberList(writer, schemes, WIDE_LIST);
  writer.u16(authorities.reduce((sum, { length }) => sum + 2 + length, 0));
  for (const name of authorities) {
    writer.u16(name.length);
    writer.bytes(name);
  }
  return writer.finish();
}
