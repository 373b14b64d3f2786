import { decodeUtf8, toHex } from '@motestack/bytes';
import { DerReader, DerTag, primitiveContextTag } from './der-reader.ts';
import { readBoolean, readNamedBits, readOid, readSmallInteger } from './der-values.ts';

/** Bits of the key usage (RFC 5280 §4.2.1.3). */
export const KeyUsage = { DigitalSignature: 0, KeyCertSign: 5 } as const;

/** Names for which a certificate is (RFC 5280 §4.2.1.6). */
export interface AlternativeNames {
  /** Host names as they are written. */
  readonly dnsNames: readonly string[];
  /** 4 or 16 bytes each, as hexadecimal digits. */
  readonly ipAddresses: readonly string[];
  /** Such as `urn:dev:…`. */
  readonly uris: readonly string[];
}

/** The extensions of a certificate that are understood. */
export interface CertificateExtensions {
  /** `undefined`: the extension is not there. */
  readonly basicConstraints: { readonly isAuthority: boolean; readonly pathLength: number | undefined } | undefined;
  /** Bits; `undefined`: for all. */
  readonly keyUsage: ReadonlySet<number> | undefined;
  /** Object identifiers as hexadecimal digits; `undefined`: for all. */
  readonly extendedKeyUsage: ReadonlySet<string> | undefined;
  /** `undefined`: there is no such extension. */
  readonly alternativeNames: AlternativeNames | undefined;
  /** Whether there is one that is critical and not understood: the certificate is not to be used (RFC 5280 §4.2). */
  readonly hasUnknownCritical: boolean;
}

/** So many extensions are read. */
export const CERTIFICATE_EXTENSIONS_MAX = 32;
/** So many names, and so many usages, are read. */
export const ALTERNATIVE_NAMES_MAX = 64;

/** What a certificate without extensions says. */
export const noExtensions: CertificateExtensions = {
  basicConstraints: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  alternativeNames: undefined,
  hasUnknownCritical: false,
};

const SECTION = 'RFC 5280 §4.2';
const BASIC_CONSTRAINTS = '551d13';
const KEY_USAGE = '551d0f';
const EXTENDED_KEY_USAGE = '551d25';
const ALTERNATIVE_NAMES = '551d11';
const DNS_NAME = primitiveContextTag(2);
const URI = primitiveContextTag(6);
const IP_ADDRESS = primitiveContextTag(7);

/**
 * Decodes the extensions of a certificate.
 *
 * @throws {DecodeError} not of their form, `duplicate` or `too-many`
 * @see RFC 5280 §4.1.2.9, §4.2
 */
export function decodeCertificateExtensions(bytes: Uint8Array): CertificateExtensions {
  const outer = new DerReader(bytes, SECTION);
  const list = outer.enter(DerTag.Sequence);
  outer.end();
  const seen = new Set<string>();
  const found: { -readonly [Name in keyof CertificateExtensions]: CertificateExtensions[Name] } = { ...noExtensions };
  while (!list.isAtEnd) {
    const extension = list.enter(DerTag.Sequence);
    const type = readOid(extension);
    if (seen.has(type)) throw list.error('duplicate');
    if (seen.size >= CERTIFICATE_EXTENSIONS_MAX) throw list.error('too-many');
    seen.add(type);
    const isCritical = extension.isNext(DerTag.Boolean) && readBoolean(extension);
    const value = new DerReader(extension.take(DerTag.OctetString).content, SECTION);
    extension.end();
    if (type === BASIC_CONSTRAINTS) found.basicConstraints = readBasicConstraints(value);
    else if (type === KEY_USAGE) found.keyUsage = readNamedBits(value);
    else if (type === EXTENDED_KEY_USAGE) found.extendedKeyUsage = readUsages(value);
    else if (type === ALTERNATIVE_NAMES) found.alternativeNames = readNames(value);
    else {
      found.hasUnknownCritical ||= isCritical;
      continue;
    }
    value.end();
  }
  return found;
}

/** RFC 5280 §4.2.1.9. */
function readBasicConstraints(value: DerReader): CertificateExtensions['basicConstraints'] {
  const sequence = value.enter(DerTag.Sequence);
  const isAuthority = sequence.isNext(DerTag.Boolean) && readBoolean(sequence);
  const pathLength = sequence.isNext(DerTag.Integer) ? readSmallInteger(sequence) : undefined;
  sequence.end();
  return { isAuthority, pathLength };
}

/** RFC 5280 §4.2.1.12. */
function readUsages(value: DerReader): ReadonlySet<string> {
  const sequence = value.enter(DerTag.Sequence);
  const usages = new Set<string>();
  while (!sequence.isAtEnd) {
    if (usages.size >= ALTERNATIVE_NAMES_MAX) throw sequence.error('too-many');
    usages.add(readOid(sequence));
  }
  return usages;
}

/** RFC 5280 §4.2.1.6: other kinds of names are passed over. */
function readNames(value: DerReader): AlternativeNames {
  const sequence = value.enter(DerTag.Sequence);
  const [dnsNames, ipAddresses, uris]: [string[], string[], string[]] = [[], [], []];
  for (let count = 0; !sequence.isAtEnd; count++) {
    if (count >= ALTERNATIVE_NAMES_MAX) throw sequence.error('too-many');
    const { tag, content } = sequence.any();
    if (tag === DNS_NAME) dnsNames.push(decodeUtf8(content, SECTION));
    else if (tag === URI) uris.push(decodeUtf8(content, SECTION));
    else if (tag === IP_ADDRESS) ipAddresses.push(toHex(content));
  }
  return { dnsNames, ipAddresses, uris };
}
