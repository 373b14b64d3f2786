export { type Alert, AlertDescription, AlertLevel, decodeAlert, encodeAlert } from './alert.ts';
export {
  AUTHORITIES_MAX,
  type CertificateRequest,
  CertificateType,
  CHAIN_LENGTH_MAX,
  ClientCertificateKind,
  decodeCertificateChain,
  decodeCertificateRequest,
  decodeRawPublicKey,
  encodeCertificateChain,
  encodeCertificateRequest,
  encodeRawPublicKey,
} from './certificate.ts';
export {
  decodeExtensions,
  decodeShortOpaque,
  EXTENSIONS_MAX,
  type Extension,
  ExtensionType,
  encodeExtensions,
  encodeShortOpaque,
} from './extensions.ts';
export {
  decodeHandshakeFragments,
  encodeHandshakeFragment,
  HANDSHAKE_HEADER_BYTES,
  type HandshakeFragment,
  HandshakeType,
} from './handshake-fragment.ts';
export {
  type ClientHello,
  type ClientHelloHead,
  COMPRESSION_NULL,
  decodeClientHello,
  decodeClientHelloHead,
  decodeHelloVerifyRequest,
  decodeServerHello,
  encodeClientHello,
  encodeHelloVerifyRequest,
  encodeServerHello,
  type HelloVerifyRequest,
  RANDOM_BYTES,
  SESSION_ID_BYTES_MAX,
  type ServerHello,
} from './hello.ts';
export {
  type ClientKeyExchange,
  decodeClientKeyExchange,
  decodeServerKeyExchange,
  encodeClientKeyExchange,
  encodeServerEcdhParameters,
  encodeServerKeyExchange,
  type KeyExchangeForm,
  PSK_IDENTITY_BYTES_MAX,
  type ServerEcdhParameters,
  type ServerKeyExchange,
} from './key-exchange.ts';
export { defaultGroups, groupOf, NamedGroup, namedGroupOf, POINT_FORMAT_UNCOMPRESSED } from './named-group.ts';
export { BYTE_LIST, decodeNumberList, encodeNumberList, type ListForm, WIDE_LIST } from './number-list.ts';
export {
  decodePathMessage,
  encodePathMessage,
  PATH_COOKIE_BYTES,
  type PathMessage,
  PathMessageKind,
} from './path-message.ts';
export { ProtocolVersion } from './protocol-version.ts';
export {
  ContentType,
  type DtlsRecord,
  decodeRecord,
  encodeRecord,
  RECORD_CONTENT_BYTES_MAX,
  RECORD_FRAGMENT_BYTES_MAX,
  RECORD_HEADER_BYTES,
  SEQUENCE_MAX,
} from './record.ts';
export {
  decodeMaxFragmentLength,
  decodeRecordSizeLimit,
  encodeRecordSizeLimit,
  fragmentLengthCodeOf,
  fragmentLengthOf,
  RECORD_SIZE_LIMIT_LEAST,
} from './record-limits.ts';
export { decodeServerName, encodeServerName, SERVER_NAME_BYTES_MAX } from './server-name.ts';
export { decodeNewSessionTicket, encodeNewSessionTicket, type NewSessionTicket } from './session-ticket.ts';
export {
  type DigitallySigned,
  decodeDigitallySigned,
  encodeDigitallySigned,
  SignatureScheme,
  schemeOf,
  signatureAlgorithmOf,
  signatureAlgorithms,
} from './signature-scheme.ts';
