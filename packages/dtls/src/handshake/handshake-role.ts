import type {
  CertificateCredential,
  CertificateForm,
  PeerCertificate,
  PeerVerdict,
} from '../credentials/certificate-credential.ts';
import type { CryptoProvider, KeyAgreementGroup, SignatureAlgorithm } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import type { DtlsParameters } from '../parameters.ts';
import type { CipherSuite, CipherSuiteId } from '../record/cipher-suite.ts';
import type { RecordLimits } from '../record/record-limits.ts';
import type { RecordProtection } from '../record/record-protection.ts';
import type { FlightItem } from './flight.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { KeyLog } from './handshake-secrets.ts';

/** What both roles need. */
export interface HandshakeContext {
  /** The cryptography. */
  readonly provider: CryptoProvider;
  /** Where randoms, session ids and stand-in keys come from. */
  readonly random: RandomSource;
  /** Limits and times. */
  readonly parameters: DtlsParameters;
  /** Suites in the order in which they are preferred; those for which there is no credential are passed over. */
  readonly cipherSuites: readonly CipherSuiteId[];
  /** Groups in the order in which they are preferred. */
  readonly groups: readonly KeyAgreementGroup[];
  /** The key that this side shows; `undefined`: it has none. */
  readonly certificate: CertificateCredential | undefined;
  /** In what forms the peer's key can be judged, the preferred first; empty: not at all. */
  readonly peerForms: readonly CertificateForm[];
  /** Whether CBC may be used without RFC 7366. */
  readonly dangerouslyAllowCbcWithoutEncryptThenMac: boolean;
  /** Told the secrets of every handshake, where somebody asked for it. */
  readonly keyLog: KeyLog | undefined;
}

/** What a handshake asks of its owner, and waits for. */
export type Wanted =
  /** The key of an identity. */
  | { readonly kind: 'key'; readonly identity: Uint8Array }
  /** A signature with the key of the own credential; with a server that of the name that the client asked for. */
  | {
      readonly kind: 'signature';
      readonly algorithm: SignatureAlgorithm;
      readonly data: Uint8Array;
      readonly serverName: string;
    }
  /** The session that a client wants to go on from, by the hexadecimal digits of its id. */
  | { readonly kind: 'session'; readonly sessionId: string }
  /** Whether a peer is believed. */
  | { readonly kind: 'verdict'; readonly certificate: PeerCertificate };

/** The answer to {@link Wanted}. */
export type Answer =
  /** `undefined`: nobody has that identity. */
  | { readonly kind: 'key'; readonly key: Uint8Array | undefined }
  /** `undefined`: it could not be made. */
  | { readonly kind: 'signature'; readonly signature: Uint8Array | undefined }
  /** `undefined`: there is none, or none any more. */
  | { readonly kind: 'session'; readonly session: Uint8Array | undefined }
  | { readonly kind: 'verdict'; readonly verdict: PeerVerdict };

/** How a handshake ended well. */
export interface Established {
  /** What protects the association. */
  readonly cipherSuite: CipherSuite;
  /** Whether the keys are bound to the whole handshake (RFC 7627). */
  readonly extendedMasterSecret: boolean;
  /** What the peer showed and was believed for; `undefined`: it was a pre-shared key, or nothing. */
  readonly peerCertificate: PeerCertificate | undefined;
  /** Who the client says that it is, where both have a pre-shared key; else empty. */
  readonly identity: Uint8Array;
  /** What the client calls the server (RFC 6066 §3); empty: nothing. */
  readonly serverName: string;
  /** Whether the handshake was abbreviated. */
  readonly isResumed: boolean;
}

/** What follows from a message. */
export interface HandshakeStep {
  /** Keys of epoch 1 for receiving, and for sending from the next ChangeCipherSpec on. */
  readonly keys?: { readonly read: RecordProtection; readonly write: RecordProtection };
  /** What the peer puts into its records of epoch 1, what goes into those for it, and whether paths are checked. */
  readonly connectionIds?: { readonly own: Uint8Array; readonly peer: Uint8Array; readonly checksPaths: boolean };
  /** How long records may be from now on. */
  readonly recordLimits?: RecordLimits;
  /** The next flight. */
  readonly flight?: readonly FlightItem[];
  /** Something is wanted; until it is there, no further message is handled. */
  readonly wanted?: Wanted;
  /** What a later handshake may go on from: with a server to be kept under the id, with a client all that it needs. */
  readonly session?: { readonly sessionId: string; readonly bytes: Uint8Array };
  /** Both Finished were checked. */
  readonly established?: Established;
}

/** One side of a handshake: whole messages in, what to do out; throws `HandshakeError` and `DecodeError`. */
export interface HandshakeRole {
  /** Begins. */
  start(): HandshakeStep;
  /** Handles the next message. */
  handleMessage(message: HandshakeMessage): HandshakeStep;
  /** Answers `wanted`. */
  provide(answer: Answer): HandshakeStep;
  /** Forgets secrets. */
  destroy(): void;
}
