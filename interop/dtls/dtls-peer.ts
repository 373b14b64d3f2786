import { CipherSuiteId, cipherSuiteOf } from '@motestack/dtls/node';
import type { PeerReadiness } from '../src/readiness.ts';
import type { OpensslCertificates } from './openssl-certificates.ts';

/** By what both sides show who they are. */
export type CredentialKind = 'psk' | 'rawPublicKey' | 'x509';

/** Suites by the names that we give them. */
export type SuiteName = Extract<keyof typeof CipherSuiteId, string>;

/** The association that a peer is to make, or to let be made: this suite alone, this kind of credential. */
export interface DtlsWish {
  readonly suite: SuiteName;
  readonly credential: CredentialKind;
  /** Whose key the peer has of the files: default `server` (`rsa` where the suite wants it) or `device`; `nobody`: it has none. */
  readonly as?: string | undefined;
  /** Whom it believes: an authority, or the owner of a raw public key. Default: whom we are. */
  readonly trusts?: string | undefined;
  /** In hexadecimal digits; default: the one that we have. */
  readonly preSharedKey?: string | undefined;
  /** What the one peer understands. */
  readonly more?: readonly string[] | undefined;
}

/** A peer that is up. */
export interface DtlsPeerEnd {
  /** Waits until it told something that matches. */
  told(what: RegExp): Promise<void>;
  /** Has it send a line. */
  say(line: string): void;
  /** Ends it, whatever it does. */
  stop(): Promise<void>;
}

/** Another implementation of DTLS 1.2. */
export interface DtlsPeer {
  readonly name: string;
  readonly readiness: PeerReadiness;
  /** Starts its server, which listens when this resolves. */
  serve(wish: DtlsWish, files: OpensslCertificates): Promise<{ readonly end: DtlsPeerEnd; readonly port: number }>;
  /** Starts its client; it has not connected yet. */
  connect(wish: DtlsWish, port: number, files: OpensslCertificates): Promise<DtlsPeerEnd>;
  /** What it tells of an association that is as it should be. */
  agreed(wish: DtlsWish, role: 'client' | 'server'): readonly RegExp[];
  /** What it tells when we end an association with close_notify. */
  readonly closed: RegExp;
  /** Its server sends back what it got and says nothing of its own. */
  readonly isEcho?: boolean | undefined;
}

/** Who all are: the identity and the key that both sides have. */
export const preShared = { identity: 'device-1', key: Buffer.from('sixteen-byte-key') } as const;

/** Whose key the peer's server has. */
export const serverOf = ({ suite, as }: DtlsWish): string => as ?? (suite.startsWith('EcdheRsa') ? 'rsa' : 'server');

/** Whose key the peer's client has. */
export const clientOf = ({ as }: DtlsWish): string => as ?? 'device';

/** The pre-shared key that the peer has. */
export const keyHexOf = ({ preSharedKey }: DtlsWish): string => preSharedKey ?? preShared.key.toString('hex');

/** The name of a suite in the IANA registry. */
export const ianaName = ({ suite }: Pick<DtlsWish, 'suite'>): string =>
  cipherSuiteOf(CipherSuiteId[suite])?.name ?? suite;
