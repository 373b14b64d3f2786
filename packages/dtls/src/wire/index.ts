export { type Alert, AlertDescription, AlertLevel, decodeAlert, encodeAlert } from './alert.ts';
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
  COMPRESSION_NULL,
  decodeClientHello,
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
export { ProtocolVersion } from './protocol-version.ts';
export { decodePskIdentity, encodePskIdentity, PSK_IDENTITY_BYTES_MAX } from './psk-key-exchange.ts';
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
