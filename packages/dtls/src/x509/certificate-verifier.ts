import { DecodeError } from '@motestack/bytes';
import type { PeerCertificate, PeerVerdict, PeerVerifier } from '../credentials/certificate-credential.ts';
import type { CryptoProvider } from '../crypto-provider.ts';
import { type Certificate, decodeCertificate } from './certificate.ts';
import { KeyUsage } from './certificate-extensions.ts';
import { isForName } from './certificate-names.ts';
import {
  type CertificatePath,
  decodeTrustAnchor,
  findCertificatePath,
  isSame,
  type TrustAnchor,
  usableVerdict,
} from './certificate-path.ts';

/** What a certificate that was given for a server stands for (RFC 6698 §2.1.1, LwM2M Core Appendix E.1, resource 15). */
export const CertificateUsage = {
  /** It has to be in the path that an anchor begins. */
  CaConstraint: 0,
  /** It has to be the server's own, and a path has to lead to an anchor. */
  ServiceCertificateConstraint: 1,
  /** It is the anchor. */
  TrustAnchorAssertion: 2,
  /** It has to be the server's own, and that is enough: neither path nor time nor name is asked. */
  DomainIssuedCertificate: 3,
} as const;

/** One of {@link CertificateUsage}. */
export type CertificateUsage = (typeof CertificateUsage)[keyof typeof CertificateUsage];

/** Whom to believe by X.509 certificates. */
export interface CertificateTrustOptions {
  /** Certificates of authorities, or their SubjectPublicKeyInfo, in DER. With a `usage` of 2 or 3 none are needed. */
  readonly anchors: readonly Uint8Array[];
  /** What the peer is: its certificate has to be for that (RFC 5280 §4.2.1.12). */
  readonly peer: 'server' | 'client';
  /** The server's host name or IP address; `undefined`: names are not looked at, as for clients. */
  readonly name?: string | undefined;
  /** Takes the common name where a certificate has no alternative names (RFC 9525 §2 warns of it). Default false. */
  readonly allowCommonName?: boolean | undefined;
  /** What was given for this one server: a certificate or its SubjectPublicKeyInfo, in DER, and what it stands for. */
  readonly usage?: { readonly mode: CertificateUsage; readonly given: Uint8Array } | undefined;
}

/** The cryptography and the wall clock of a verifier. */
export interface VerifierEnvironment {
  /** Checks signatures. */
  readonly provider: CryptoProvider;
  /** Milliseconds since 1970. */
  epochMs(): number;
}

const NONE = new Uint8Array(0);
const ANY_USAGE = '551d2500';
const USAGES = { server: '2b06010505070301', client: '2b06010505070302' } as const;

/**
 * Believes those whose certificates lead to an anchor, are valid now and are for what they are used for. Revocation is
 * not asked about.
 *
 * @throws {DecodeError} an anchor, or what was given, that cannot be read
 * @throws {RangeError} no such usage
 * @see RFC 5280 §6, RFC 7925 §4.4
 */
export function certificateVerifier(options: CertificateTrustOptions, environment: VerifierEnvironment): PeerVerifier {
  const { usage } = options;
  const given = usage === undefined ? undefined : decodeTrustAnchor(new Uint8Array(usage.given));
  if (usage !== undefined && !Object.values(CertificateUsage).includes(usage.mode))
    throw new RangeError('a certificate usage is 0 to 3');
  const anchors = options.anchors.map((anchor) => decodeTrustAnchor(new Uint8Array(anchor)));
  const judge = new CertificateJudge(options, environment, anchors, given);
  return { forms: ['x509'], verify: (certificate) => judge.verdict(certificate) };
}

class CertificateJudge {
  readonly #options: CertificateTrustOptions;
  readonly #environment: VerifierEnvironment;
  readonly #anchors: readonly TrustAnchor[];
  readonly #given: TrustAnchor | undefined;

  constructor(
    options: CertificateTrustOptions,
    environment: VerifierEnvironment,
    anchors: readonly TrustAnchor[],
    given: TrustAnchor | undefined,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.#anchors = anchors;
    this.#given = given;
  }

  verdict({ form, chain }: PeerCertificate): PeerVerdict {
    if (form !== 'x509') return 'unsupported-certificate';
    const decoded = decodeChain(chain);
    const [leaf, ...intermediates] = decoded ?? [];
    if (leaf === undefined) return 'bad-certificate';
    const mode = this.#options.usage?.mode;
    const isOwn =
      mode === CertificateUsage.ServiceCertificateConstraint || mode === CertificateUsage.DomainIssuedCertificate;
    if (isOwn && !this.#isGiven(leaf)) return 'certificate-unknown';
    if (mode === CertificateUsage.DomainIssuedCertificate) return 'trusted';
    const verdict = this.#leafVerdict(leaf);
    return verdict === 'trusted' ? this.#pathVerdict(leaf, intermediates) : verdict;
  }

  #leafVerdict(leaf: Certificate): PeerVerdict {
    const { peer, name, allowCommonName = false } = this.#options;
    const { keyUsage, extendedKeyUsage } = leaf.extensions;
    const verdict = usableVerdict(leaf, this.#environment.epochMs());
    if (verdict !== 'trusted') return verdict;
    // The suites want a key that signs (RFC 8422 §2, RFC 5246 §7.4.2).
    if (keyUsage?.has(KeyUsage.DigitalSignature) === false) return 'unsupported-certificate';
    const isForUsage = extendedKeyUsage?.has(USAGES[peer]) ?? true;
    if (!isForUsage && !extendedKeyUsage?.has(ANY_USAGE)) return 'unsupported-certificate';
    return name === undefined || isForName(leaf, name, allowCommonName) ? 'trusted' : 'certificate-unknown';
  }

  #pathVerdict(leaf: Certificate, intermediates: readonly Certificate[]): PeerVerdict {
    const mode = this.#options.usage?.mode;
    const isAsserted = mode === CertificateUsage.TrustAnchorAssertion && this.#given !== undefined;
    const found = findCertificatePath(leaf, {
      provider: this.#environment.provider,
      anchors: isAsserted && this.#given !== undefined ? [this.#given] : this.#anchors,
      intermediates,
      epochMs: this.#environment.epochMs(),
      accepts: (path) => mode !== CertificateUsage.CaConstraint || this.#isIn(path),
    });
    return typeof found === 'string' ? found : 'trusted';
  }

  /** Whether what was given is one of the authorities of a path. */
  #isIn({ certificates, anchor }: CertificatePath): boolean {
    const key = this.#given?.publicKey ?? NONE;
    const own = anchor.certificate === undefined ? isSame(anchor.publicKey, key) : this.#isGiven(anchor.certificate);
    return own || certificates.slice(1).some((certificate) => this.#isGiven(certificate));
  }

  /** Whether a certificate is the one that was given, or has the key that was. */
  #isGiven(certificate: Certificate): boolean {
    if (this.#given === undefined) return false;
    return this.#given.certificate === undefined
      ? isSame(this.#given.publicKey, certificate.publicKey)
      : isSame(this.#given.certificate.bytes, certificate.bytes);
  }
}

function decodeChain(chain: readonly Uint8Array[]): Certificate[] | undefined {
  try {
    return chain.map(decodeCertificate);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}
