export type { AssociationEvent } from './association/association-event.ts';
export type { EndReason } from './association/end-reason.ts';
export type { KnownPeer } from './association/exported-association.ts';
export { ImportError, type ImportErrorCode } from './association/import-error.ts';
export { DtlsClient, type DtlsClientEvent, type DtlsClientOptions } from './client/dtls-client.ts';
export { DtlsClientTransport, type DtlsClientTransportOptions } from './client/dtls-client-transport.ts';
export type { AnswerSources, PskLookup, SigningCredential } from './credentials/answer-wanted.ts';
export {
  type CertificateCredential,
  type CertificateForm,
  type PeerCertificate,
  type PeerVerdict,
  type PeerVerifier,
  type Signer,
  trustRawPublicKeys,
} from './credentials/certificate-credential.ts';
export type { PeerIdentity } from './credentials/peer-identity.ts';
export { CONNECTION_ID_BYTES_MAX, PSK_KEY_BYTES_MAX, type PskCredential } from './credentials/psk-credential.ts';
export type {
  Aead,
  AeadAlgorithm,
  BlockCipher,
  BlockCipherAlgorithm,
  CryptoProvider,
  HashAlgorithm,
  KeyAgreement,
  KeyAgreementGroup,
  SignatureAlgorithm,
} from './crypto-provider.ts';
export { DtlsError, type DtlsErrorCode } from './dtls-error.ts';
export type { Effects, Instant, PeerId, RandomSource, Transmit } from './effects.ts';
export type { Answer, Established, Wanted } from './handshake/handshake-role.ts';
export type { KeyLog } from './handshake/handshake-secrets.ts';
export type { ClientAuthentication } from './handshake/server-offer.ts';
export type { DtlsParameters } from './parameters.ts';
export {
  type CipherSuite,
  CipherSuiteId,
  cipherSuiteOf,
  defaultCipherSuites,
  type KeyExchange,
} from './record/cipher-suite.ts';
export { DtlsServer } from './server/dtls-server.ts';
export {
  type DtlsPeer,
  DtlsServerTransport,
  type DtlsServerTransportOptions,
} from './server/dtls-server-transport.ts';
export type {
  DtlsServerEvent,
  DtlsServerOptions,
  DtlsServerParameters,
  DtlsServerStats,
} from './server/server-options.ts';
export { MemorySessionStore, type SessionClock } from './session/memory-session-store.ts';
export type { SessionStore } from './session/session-store.ts';
export type { Clock, DatagramReceiver, DatagramTransport } from './transport.ts';
export { PSK_IDENTITY_BYTES_MAX } from './wire/index.ts';
export { type Certificate, decodeCertificate } from './x509/certificate.ts';
export type { AlternativeNames, CertificateExtensions } from './x509/certificate-extensions.ts';
export {
  type CertificateTrustOptions,
  CertificateUsage,
  certificateVerifier,
  type VerifierEnvironment,
} from './x509/certificate-verifier.ts';
