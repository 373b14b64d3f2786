import { ByteReader } from '@motestack/bytes';

/** How bad an alert is (RFC 5246 §7.2). */
export const AlertLevel = { Warning: 1, Fatal: 2 } as const;

/** One of {@link AlertLevel}. */
export type AlertLevel = (typeof AlertLevel)[keyof typeof AlertLevel];

/** What an alert says: those that this implementation sends or tells apart (RFC 5246 §7.2, RFC 4279 §2). */
export const AlertDescription = {
  CloseNotify: 0,
  UnexpectedMessage: 10,
  BadRecordMac: 20,
  HandshakeFailure: 40,
  BadCertificate: 42,
  UnsupportedCertificate: 43,
  CertificateRevoked: 44,
  CertificateExpired: 45,
  CertificateUnknown: 46,
  IllegalParameter: 47,
  UnknownCa: 48,
  AccessDenied: 49,
  DecodeError: 50,
  DecryptError: 51,
  ProtocolVersion: 70,
  InsufficientSecurity: 71,
  InternalError: 80,
  UserCanceled: 90,
  NoRenegotiation: 100,
  UnsupportedExtension: 110,
  UnknownPskIdentity: 115,
} as const;

/** An alert, as it stands in one record. */
export interface Alert {
  /** Warning or fatal. */
  readonly level: AlertLevel;
  /** Mostly one of {@link AlertDescription}; any byte is read. */
  readonly description: number;
}

/**
 * Decodes an alert.
 *
 * @throws {DecodeError} `truncated`, `bad-value` (level) or `trailing-bytes`
 * @see RFC 5246 §7.2
 */
export function decodeAlert(bytes: Uint8Array): Alert {
  const reader = new ByteReader(bytes, 'RFC 5246 §7.2');
  const level = reader.u8();
  if (level !== AlertLevel.Warning && level !== AlertLevel.Fatal) throw reader.error('bad-value', 0);
  const description = reader.u8();
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { level, description };
}

/** Encodes an alert. */
export function encodeAlert(alert: Alert): Uint8Array {
  return Uint8Array.of(alert.level, alert.description);
}
