import { ByteReader, ByteWriter } from '@motestack/bytes';
import type { SignatureAlgorithm } from '../crypto-provider.ts';

/** Pairs of hash and signature, by their numbers (RFC 5246 §7.4.1.4.1, RFC 8446 §4.2.3 for PSS). */
export const SignatureScheme = {
  RsaPkcs1Sha256: 0x0401,
  EcdsaSha256: 0x0403,
  RsaPkcs1Sha384: 0x0501,
  EcdsaSha384: 0x0503,
  RsaPkcs1Sha512: 0x0601,
  EcdsaSha512: 0x0603,
  RsaPssSha256: 0x0804,
} as const;

/** One of {@link SignatureScheme}. */
export type SignatureScheme = (typeof SignatureScheme)[keyof typeof SignatureScheme];

const schemes: Readonly<Record<SignatureAlgorithm, SignatureScheme>> = {
  'ecdsa-sha256': SignatureScheme.EcdsaSha256,
  'ecdsa-sha384': SignatureScheme.EcdsaSha384,
  'ecdsa-sha512': SignatureScheme.EcdsaSha512,
  'rsa-pss-sha256': SignatureScheme.RsaPssSha256,
  'rsa-pkcs1-sha256': SignatureScheme.RsaPkcs1Sha256,
  'rsa-pkcs1-sha384': SignatureScheme.RsaPkcs1Sha384,
  'rsa-pkcs1-sha512': SignatureScheme.RsaPkcs1Sha512,
};

/** All algorithms in the order in which they are preferred; none with SHA-1 (RFC 9155 §2). */
export const signatureAlgorithms: readonly SignatureAlgorithm[] = Object.keys(schemes) as SignatureAlgorithm[];

/** The number of an algorithm. */
export function schemeOf(algorithm: SignatureAlgorithm): SignatureScheme {
  return schemes[algorithm];
}

/** The algorithm of a number; `undefined`: one that this package does not have. */
export function signatureAlgorithmOf(scheme: number): SignatureAlgorithm | undefined {
  return signatureAlgorithms.find((algorithm) => schemes[algorithm] === scheme);
}

/** A signature, as it stands in a ServerKeyExchange and a CertificateVerify. */
export interface DigitallySigned {
  /** Mostly one of {@link SignatureScheme}; any number is read. */
  readonly scheme: number;
  /** A view of the input. */
  readonly signature: Uint8Array;
}

/**
 * Reads a signature, up to the end of the message.
 *
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 5246 §4.7
 */
export function readDigitallySigned(reader: ByteReader): DigitallySigned {
  const scheme = reader.u16();
  const signature = reader.take(reader.u16());
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { scheme, signature };
}

/**
 * Decodes a CertificateVerify.
 *
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 5246 §7.4.8
 */
export function decodeDigitallySigned(body: Uint8Array): DigitallySigned {
  return readDigitallySigned(new ByteReader(body, 'RFC 5246 §7.4.8'));
}

/** Encodes a signature. */
export function encodeDigitallySigned({ scheme, signature }: DigitallySigned): Uint8Array {
  const writer = new ByteWriter(4 + signature.length);
  writer.u16(scheme);
  writer.u16(signature.length);
  writer.bytes(signature);
  return writer.finish();
}
