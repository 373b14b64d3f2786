import { DecodeError, decodeUtf8, toHex } from '@motestack/bytes';
import type { SignatureAlgorithm } from '../crypto-provider.ts';
import { type CertificateExtensions, decodeCertificateExtensions, noExtensions } from './certificate-extensions.ts';
import { contextTag, DerReader, DerTag, primitiveContextTag } from './der-reader.ts';
import { readOid, readSmallInteger, readTime, readWholeBits } from './der-values.ts';

/** One X.509 certificate. Byte arrays are views of the input. */
export interface Certificate {
  /** The whole, in DER. */
  readonly bytes: Uint8Array;
  /** What is signed. */
  readonly signedBytes: Uint8Array;
  /** By what; `undefined`: an algorithm that this package does not have. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined;
  /** As it stands in the certificate, without the count of unused bits. */
  readonly signature: Uint8Array;
  /** Names in DER, compared byte by byte. */
  readonly issuer: Uint8Array;
  /** In DER, as `issuer`. */
  readonly subject: Uint8Array;
  /** The last common name of the subject. */
  readonly commonName: string | undefined;
  /** Milliseconds since 1970; both belong to the time in which it is valid. */
  readonly notBeforeMs: number;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** What version 3 adds. */
  readonly extensions: CertificateExtensions;
}

/** So many parts of a name are read. */
export const NAME_PARTS_MAX = 32;
/** The longest serial number (RFC 5280 §4.1.2.2). */
export const SERIAL_BYTES_MAX = 20;

const SECTION = 'RFC 5280 §4.1';
const VERSION_3 = 2;
const COMMON_NAME = '550403';

/** By the object identifiers of RFC 5758 §3.2 and RFC 4055 §5. */
const algorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  '2a8648ce3d040302': 'ecdsa-sha256',
  '2a8648ce3d040303': 'ecdsa-sha384',
  '2a8648ce3d040304': 'ecdsa-sha512',
  '2a864886f70d01010b': 'rsa-pkcs1-sha256',
  '2a864886f70d01010c': 'rsa-pkcs1-sha384',
  '2a864886f70d01010d': 'rsa-pkcs1-sha512',
};

/**
 * Decodes a certificate.
 *
 * @param bytes one certificate in DER, and nothing behind it
 * @throws {DecodeError} not DER, or not of the form of RFC 5280
 * @see RFC 5280 §4.1
 */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const outer = new DerReader(bytes, SECTION);
  const certificate = outer.enter(DerTag.Sequence);
  outer.end();
  const signed = certificate.take(DerTag.Sequence);
  const algorithm = certificate.take(DerTag.Sequence);
  const signature = readWholeBits(certificate);
  certificate.end();
  const body = new DerReader(signed.content, SECTION);
  const version = readVersion(body);
  readSerialNumber(body);
  // RFC 5280 §4.1.1.2: the same inside and outside.
  if (toHex(body.take(DerTag.Sequence).whole) !== toHex(algorithm.whole)) throw body.error('bad-value');
  const issuer = body.take(DerTag.Sequence).whole;
  const validity = body.enter(DerTag.Sequence);
  const [notBeforeMs, notAfterMs] = [readTime(validity), readTime(validity)];
  validity.end();
  const subject = body.take(DerTag.Sequence);
  const publicKey = body.take(DerTag.Sequence).whole;
  checkPublicKey(publicKey);
  body.optional(primitiveContextTag(1));
  body.optional(primitiveContextTag(2));
  const extensions = body.optional(contextTag(3));
  body.end();
  if (extensions !== undefined && version !== VERSION_3) throw body.error('bad-value');
  return {
    bytes,
    signedBytes: signed.whole,
    signatureAlgorithm: algorithmOf(algorithm.content),
    signature,
    issuer,
    subject: subject.whole,
    commonName: commonNameOf(subject.content),
    notBeforeMs,
    notAfterMs,
    publicKey,
    extensions: extensions === undefined ? noExtensions : decodeCertificateExtensions(extensions.content),
  };
}

/** Versions 1 and 3; 1 is not written, being the default (X.690 §11.5). */
function readVersion(body: DerReader): number {
  const tagged = body.optional(contextTag(0));
  if (tagged === undefined) return 0;
  const reader = new DerReader(tagged.content, SECTION);
  const version = readSmallInteger(reader);
  reader.end();
  if (version !== VERSION_3) throw new DecodeError('unknown-version', { offset: 0, section: SECTION });
  return version;
}

function readSerialNumber(body: DerReader): void {
  const { content } = body.take(DerTag.Integer);
  if (content.length === 0) throw body.error('bad-value');
  if (content.length > SERIAL_BYTES_MAX) throw body.error('too-long');
}

/** Its form alone: what is in it the platform reads. */
function checkPublicKey(bytes: Uint8Array): void {
  const reader = new DerReader(bytes, 'RFC 5280 §4.1.2.7').enter(DerTag.Sequence);
  readOid(reader.enter(DerTag.Sequence));
  readWholeBits(reader);
  reader.end();
}

function algorithmOf(content: Uint8Array): SignatureAlgorithm | undefined {
  const reader = new DerReader(content, 'RFC 5280 §4.1.1.2');
  const algorithm = algorithms[readOid(reader)];
  if (algorithm?.startsWith('rsa')) reader.optional(DerTag.Null);
  return reader.isAtEnd ? algorithm : undefined;
}

/** RFC 5280 §4.1.2.4. */
function commonNameOf(content: Uint8Array): string | undefined {
  const names = new DerReader(content, 'RFC 5280 §4.1.2.4');
  let commonName: string | undefined;
  for (let parts = 0; !names.isAtEnd; ) {
    const set = names.enter(DerTag.Set);
    do {
      parts++;
      if (parts > NAME_PARTS_MAX) throw names.error('too-many');
      const part = set.enter(DerTag.Sequence);
      const type = readOid(part);
      const { tag, content: value } = part.any();
      part.end();
      if (type === COMMON_NAME) commonName = textOf(tag, value);
    } while (!set.isAtEnd);
  }
  return commonName;
}

/** Other kinds of text are not written any more (RFC 5280 §4.1.2.4), and match nothing. */
function textOf(tag: number, value: Uint8Array): string | undefined {
  return tag === DerTag.Utf8String || tag === DerTag.PrintableString ? decodeUtf8(value, SECTION) : undefined;
}
