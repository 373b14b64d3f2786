import { DecodeError } from '@motestack/bytes';
import type { PeerVerdict } from '../credentials/certificate-credential.ts';
import type { CryptoProvider } from '../crypto-provider.ts';
import { type Certificate, decodeCertificate } from './certificate.ts';
import { KeyUsage } from './certificate-extensions.ts';
import { DerReader, DerTag } from './der-reader.ts';
import { readOid, readWholeBits } from './der-values.ts';

/** Where trust begins: a key, and the name and the constraints of its certificate where there is one. */
export interface TrustAnchor {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly certificate: Certificate | undefined;
}

/** From the peer's own certificate up to one that an anchor issued. */
export interface CertificatePath {
  readonly certificates: readonly Certificate[];
  readonly anchor: TrustAnchor;
}

/** What a path is looked for in. */
export interface PathSearch {
  readonly provider: CryptoProvider;
  readonly anchors: readonly TrustAnchor[];
  /** What the peer sent beside its own certificate, in any order. */
  readonly intermediates: readonly Certificate[];
  /** The time for which it has to be valid. */
  readonly epochMs: number;
  /** Whether a path that is valid is one that is wanted. */
  readonly accepts: (path: CertificatePath) => boolean;
}

/** So many certificates are in a path, without the anchor's. */
export const PATH_LENGTH_MAX = 6;
/** So many issuers are tried, whatever a peer sends. */
export const ISSUERS_TRIED_MAX = 32;

/**
 * Reads an anchor: a certificate, or a SubjectPublicKeyInfo, in DER.
 *
 * @throws {DecodeError} neither of them
 */
export function decodeTrustAnchor(bytes: Uint8Array): TrustAnchor {
  try {
    const certificate = decodeCertificate(bytes);
    return { publicKey: certificate.publicKey, certificate };
  } catch (error) {
    if (!DecodeError.is(error) || !isPublicKey(bytes)) throw error;
    return { publicKey: bytes, certificate: undefined };
  }
}

/**
 * Finds a valid path from a certificate to an anchor, and tries other ways where one fails. The validity of the anchor
 * itself, and whether it was revoked, is not asked: it is believed as it is (RFC 5280 §6.1.1).
 *
 * @returns the path; otherwise why there is none, of the way that came farthest
 * @see RFC 5280 §6.1
 */
export function findCertificatePath(leaf: Certificate, search: PathSearch): CertificatePath | PeerVerdict {
  return new PathFinder(search).find(leaf);
}

/** Whether a certificate may be used now, whatever it is used for (RFC 5280 §6.1.3 (a)(2), §6.1.4 (o)). */
export function usableVerdict(certificate: Certificate, epochMs: number): PeerVerdict {
  if (epochMs < certificate.notBeforeMs || epochMs > certificate.notAfterMs) return 'certificate-expired';
  return certificate.extensions.hasUnknownCritical ? 'unsupported-certificate' : 'trusted';
}

/** Whether the bytes are the same; certificates are no secrets. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

class PathFinder {
  readonly #search: PathSearch;
  #failure: PeerVerdict = 'unknown-ca';
  #tried = 0;

  constructor(search: PathSearch) {
    this.#search = search;
  }

  /** Goes on from the path that was found last: not deeper than the list of those that are open. */
  find(leaf: Certificate): CertificatePath | PeerVerdict {
    const open: (readonly Certificate[])[] = [[leaf]];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const last = path[path.length - 1] ?? leaf;
      const found = this.#anchored(path, last);
      if (found !== undefined) return found;
      if (path.length < PATH_LENGTH_MAX) open.push(...this.#extended(path, last));
    }
    return this.#failure;
  }

  #anchored(certificates: readonly Certificate[], last: Certificate): CertificatePath | undefined {
    const { anchors, accepts } = this.#search;
    return anchors
      .filter(({ certificate }) => certificate === undefined || isSame(certificate.subject, last.issuer))
      .map((anchor) => ({ certificates, anchor }))
      .find((path) => this.#isIssuedByAnchor(path, last) && accepts(path));
  }

  #isIssuedByAnchor({ certificates, anchor }: CertificatePath, last: Certificate): boolean {
    const { certificate, publicKey } = anchor;
    if (certificate !== undefined)
      return this.#isIssued(last, certificate, authorityVerdict(certificate, certificates, false));
    // A key has no name: that it does not fit means nothing.
    this.#tried++;
    return this.#tried <= ISSUERS_TRIED_MAX && isSignedBy(this.#search.provider, last, publicKey);
  }

  #extended(path: readonly Certificate[], last: Certificate): (readonly Certificate[])[] {
    const { intermediates, epochMs } = this.#search;
    return intermediates
      .filter((issuer) => isSame(issuer.subject, last.issuer) && !path.includes(issuer))
      .filter((issuer) => this.#isIssued(last, issuer, issuerVerdict(issuer, path, epochMs)))
      .map((issuer) => [...path, issuer]);
  }

  /** Whether the one that may have issued a certificate, by its name, may issue and did. */
  #isIssued(last: Certificate, issuer: Certificate, verdict: PeerVerdict): boolean {
    this.#tried++;
    if (this.#tried > ISSUERS_TRIED_MAX) return false;
    const isIssued = verdict === 'trusted' && isSignedBy(this.#search.provider, last, issuer.publicKey);
    if (!isIssued) this.#failure = verdict === 'trusted' ? 'bad-certificate' : verdict;
    return isIssued;
  }
}

function issuerVerdict(issuer: Certificate, path: readonly Certificate[], epochMs: number): PeerVerdict {
  const verdict = usableVerdict(issuer, epochMs);
  return verdict === 'trusted' ? authorityVerdict(issuer, path, true) : verdict;
}

/**
 * Whether a certificate's owner may issue the last one of a path (RFC 5280 §6.1.4 (k) to (n)).
 *
 * @param mustSay an intermediate one has to say that it is an authority; an anchor has only not to deny it
 */
function authorityVerdict({ extensions }: Certificate, path: readonly Certificate[], mustSay: boolean): PeerVerdict {
  const { basicConstraints, keyUsage } = extensions;
  if (!(basicConstraints?.isAuthority ?? !mustSay)) return 'bad-certificate';
  if (keyUsage?.has(KeyUsage.KeyCertSign) === false) return 'bad-certificate';
  // Of the intermediate ones below, those that issued themselves do not count.
  const below = path.slice(1).filter(({ subject, issuer }) => !isSame(subject, issuer)).length;
  const limit = basicConstraints?.pathLength;
  return limit === undefined || below <= limit ? 'trusted' : 'bad-certificate';
}

function isSignedBy(
  provider: CryptoProvider,
  { signatureAlgorithm, signedBytes, signature }: Certificate,
  publicKey: Uint8Array,
): boolean {
  return signatureAlgorithm !== undefined && provider.verify(signatureAlgorithm, publicKey, [signedBytes], signature);
}

function isPublicKey(bytes: Uint8Array): boolean {
  try {
    const outer = new DerReader(bytes, 'RFC 5280 §4.1.2.7');
    const reader = outer.enter(DerTag.Sequence);
    outer.end();
    readOid(reader.enter(DerTag.Sequence));
    readWholeBits(reader);
    return reader.isAtEnd;
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return false;
  }
}
