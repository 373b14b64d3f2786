import type { EndReason } from '../association/end-reason.ts';
import type { CertificateCredential, CertificateForm } from '../credentials/certificate-credential.ts';
import type { CryptoProvider, KeyAgreementGroup } from '../crypto-provider.ts';
import type { PeerId, RandomSource } from '../effects.ts';
import type { Established, Wanted } from '../handshake/handshake-role.ts';
import type { KeyLog } from '../handshake/handshake-secrets.ts';
import type { ClientAuthentication, ServerHandshakeInit } from '../handshake/server-offer.ts';
import { type DtlsParameters, resolveParameters } from '../parameters.ts';
import { type CipherSuiteId, defaultCipherSuites } from '../record/cipher-suite.ts';
import { defaultGroups } from '../wire/index.ts';

/** What a server may be told beside what counts for both roles. Times in milliseconds. */
export interface DtlsServerParameters extends DtlsParameters {
  /** Handshakes at one time, those that wait for a credential included; the oldest makes room. Default 1,000. */
  readonly handshakesMax: number;
  /** Associations at one time; the one that was silent longest makes room. Default 100,000. */
  readonly associationsMax: number;
  /** An association ends when nothing came for so long. Default two days. */
  readonly idleTimeoutMs: number;
  /** A cookie is good for so long at least, and for twice as long at most. Default 30,000. */
  readonly cookieLifetimeMs: number;
  /** So long an address that moved may take to answer a challenge, three times (RFC 9853 §7.3). Default 1,000. */
  readonly pathCheckMs: number;
  /** So many timers and silent associations are handled in one step. Default 256. */
  readonly workPerStepMax: number;
}

/** What a server is made of. */
export interface DtlsServerOptions {
  /** The cryptography. */
  readonly provider: CryptoProvider;
  /** Secure random bytes. */
  readonly random: RandomSource;
  /** Suites in the order of preference; default: all of `CipherSuiteId`. Those without a credential are passed over. */
  readonly cipherSuites?: readonly CipherSuiteId[] | undefined;
  /** Groups in the order of preference; default: P-256, X25519, P-384. */
  readonly groups?: readonly KeyAgreementGroup[] | undefined;
  /** Whether there are pre-shared keys; default true. */
  readonly acceptsPsk?: boolean | undefined;
  /** The key that the server shows; without it there are pre-shared keys alone. */
  readonly certificate?: CertificateCredential | undefined;
  /** Keys that the server shows to clients that ask for it by one of these names, in lower case (RFC 6066 §3). */
  readonly namedCertificates?: ReadonlyMap<string, CertificateCredential> | undefined;
  /** In what forms the keys of clients can be judged, the preferred first; default: in none. */
  readonly peerForms?: readonly CertificateForm[] | undefined;
  /** Whether clients have to show a key, where the server shows one. Default: `required` with `peerForms`, else `none`. */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /** Takes CBC suites without encrypt-then-MAC (RFC 7366), whose padding can be guessed by time. Default false. */
  readonly dangerouslyAllowCbcWithoutEncryptThenMac?: boolean | undefined;
  /** Helps clients with several identities to choose (RFC 4279 §5.2); at most 128 bytes. Without it none is sent. */
  readonly identityHint?: Uint8Array | undefined;
  /**
   * Connection IDs (RFC 9146): how many bytes the ID has that a client puts into its records, 0 to 32. Default 8.
   * `false`: no connection IDs at all.
   */
  readonly connectionIdBytes?: number | false | undefined;
  /** Whether clients that ask for it get tickets to come back with (RFC 5077). Default true. */
  readonly givesTickets?: boolean | undefined;
  /** Whether somebody keeps sessions under ids, for clients without tickets (RFC 5246 §7.4.1.2). Default false. */
  readonly keepsSessions?: boolean | undefined;
  /** Is told the secrets of every handshake, in the format of `SSLKEYLOGFILE`: whoever reads them reads all. */
  readonly keyLog?: KeyLog | undefined;
  /** Limits and times. */
  readonly parameters?: Partial<DtlsServerParameters> | undefined;
}

/** What a server tells. */
export type DtlsServerEvent =
  /** A key, a signature or a verdict is wanted: `provideCredential` with the number of the request answers. */
  | { readonly kind: 'credentialWanted'; readonly request: number; readonly address: string; readonly wanted: Wanted }
  /** An association stands; the identity is empty where the client did not have a pre-shared key. */
  | ({ readonly kind: 'connected'; readonly peer: PeerId; readonly address: string } & Established)
  /** What is to be kept under an id, and is as secret as keys; `undefined`: to be forgotten (RFC 5246 §7.2.2). */
  | { readonly kind: 'session'; readonly sessionId: string; readonly session: Uint8Array | undefined }
  /** A datagram of an association. */
  | { readonly kind: 'datagram'; readonly peer: PeerId; readonly bytes: Uint8Array }
  /** An association goes on from another address (RFC 9146 §6). */
  | { readonly kind: 'moved'; readonly peer: PeerId; readonly address: string; readonly previousAddress: string }
  /** An association is over. */
  | { readonly kind: 'ended'; readonly peer: PeerId; readonly reason: EndReason; readonly alert: number | undefined }
  /** A handshake came to nothing. */
  | {
      readonly kind: 'handshakeFailed';
      readonly address: string;
      readonly reason: EndReason;
      readonly alert: number | undefined;
    };

/** What a server counted since it began. */
export interface DtlsServerStats {
  /** Associations that stand. */
  readonly associations: number;
  /** Handshakes that are under way. */
  readonly handshakes: number;
  /** Addresses that were asked for a cookie, and for which nothing was kept. */
  readonly cookiesSent: number;
  /** Handshakes that were begun. */
  readonly handshakesBegun: number;
  /** Handshakes that came to nothing. */
  readonly handshakesFailed: number;
  /** Handshakes that were dropped for newer ones, at `handshakesMax`. */
  readonly handshakesEvicted: number;
  /** Associations that were dropped for newer ones, at `associationsMax`. */
  readonly associationsEvicted: number;
  /** Handshakes that went on from a session. */
  readonly resumptions: number;
  /** Look-ups that found nobody. */
  readonly unknownIdentities: number;
  /** Records that were of no association, or not the peer's, or came before. */
  readonly recordsDropped: number;
  /** Associations that went on from another address. */
  readonly moves: number;
  /** Addresses that answered a challenge (RFC 9853). */
  readonly pathsChecked: number;
  /** Datagrams that were not sent to an address that nobody confirmed. */
  readonly withheld: number;
}

const TWO_DAYS_MS = 2 * 24 * 3600 * 1000;

/**
 * Fills in the defaults and checks.
 *
 * @throws {RangeError} a value that is no positive integer
 */
export function resolveServerParameters(given: Partial<DtlsServerParameters> = {}): DtlsServerParameters {
  const { handshakesMax = 1000, associationsMax = 100_000, idleTimeoutMs = TWO_DAYS_MS } = given;
  const { cookieLifetimeMs = 30_000, workPerStepMax = 256, pathCheckMs = 1000 } = given;
  const own = { handshakesMax, associationsMax, idleTimeoutMs, cookieLifetimeMs, workPerStepMax, pathCheckMs };
  // Checks both: whatever has a number is checked alike.
  return { ...own, ...resolveParameters({ ...given, ...own }) };
}

/** What is the same for all handshakes of a server. */
export type ServerContext = Omit<
  ServerHandshakeInit,
  'message' | 'hello' | 'identityHint' | 'connectionId' | 'serverName' | 'knowsServerName' | 'resumption'
>;

/** Fills in the defaults. */
export function resolveContext(options: DtlsServerOptions, parameters: DtlsParameters): ServerContext {
  const { provider, random, certificate, peerForms = [] } = options;
  return {
    provider,
    random,
    parameters,
    certificate,
    peerForms,
    keyLog: options.keyLog,
    cipherSuites: options.cipherSuites ?? defaultCipherSuites,
    groups: options.groups ?? defaultGroups,
    acceptsPsk: options.acceptsPsk ?? true,
    clientAuthentication: options.clientAuthentication ?? (peerForms.length > 0 ? 'required' : 'none'),
    dangerouslyAllowCbcWithoutEncryptThenMac: options.dangerouslyAllowCbcWithoutEncryptThenMac ?? false,
  };
}
