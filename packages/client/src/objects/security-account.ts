import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import type { ClientCredentials } from '@motestack/coap';

/** Values of an instance of object 0, by resource id, as a bootstrap server writes them or a factory stores them. */
export type SecurityValues = Readonly<Record<number, unknown>>;

/** What an instance of object 0 says of a server. */
export interface SecurityAccount {
  /** `/0/x/0` */
  readonly uri: string;
  /** `/0/x/10`; none for a bootstrap server. */
  readonly shortServerId?: number;
  /** What the server is shown and known by; `undefined` with security mode 3, NoSec. */
  readonly security?: ClientCredentials;
}

/** Ids of object 0's resources (LwM2M Core 1.1.1 Appendix E.1). */
const Resource = {
  ServerUri: 0,
  SecurityMode: 2,
  PublicKeyOrIdentity: 3,
  ServerPublicKey: 4,
  SecretKey: 5,
  ShortServerId: 10,
  ServerNameIndication: 14,
  CertificateUsage: 15,
  CipherSuites: 16,
} as const;

const SecurityMode = { PreSharedKey: 0, RawPublicKey: 1, Certificate: 2, NoSec: 3 } as const;

/**
 * Reads an instance of the Security object: the part of an account that is about security.
 *
 * @throws {TypeError} a resource that is missing or of another type, or a mode other than 0 to 3; what it holds is not told
 * @see LwM2M Core 1.1.1 Appendix E.1; LwM2M Transport 1.1 §5.2 (forms of the resources 3, 4 and 5 in each mode)
 * @example
 * const { uri, security } = securityAccount({ 0: 'coaps://server', 2: 0, 3: encodeUtf8('device-1'), 5: key });
 */
export function securityAccount(values: SecurityValues): SecurityAccount {
  const uri = values[Resource.ServerUri];
  if (typeof uri !== 'string') throw missing(Resource.ServerUri, 'a text');
  const shortServerId = numberAt(values, Resource.ShortServerId);
  const security = credentialsOf(values);
  return {
    uri,
    ...(shortServerId === undefined ? {} : { shortServerId }),
    ...(security === undefined ? {} : { security }),
  };
}

function credentialsOf(values: SecurityValues): ClientCredentials | undefined {
  const mode = numberAt(values, Resource.SecurityMode) ?? Number.NaN;
  const suites = { cipherSuites: cipherSuites(values) };
  switch (mode) {
    case SecurityMode.PreSharedKey: {
      const identity = bytesAt(values, Resource.PublicKeyOrIdentity);
      return { kind: 'psk', identity, key: bytesAt(values, Resource.SecretKey), ...suites };
    }
    case SecurityMode.RawPublicKey: {
      const privateKey = bytesAt(values, Resource.SecretKey);
      return {
        kind: 'rawPublicKey',
        privateKey,
        serverPublicKey: bytesAt(values, Resource.ServerPublicKey),
        ...suites,
      };
    }
    case SecurityMode.Certificate:
      return { ...certificate(values), ...suites };
    case SecurityMode.NoSec:
      return undefined;
    default:
      throw missing(Resource.SecurityMode, 'a mode from 0 to 3');
  }
}

function certificate(values: SecurityValues): ClientCredentials {
  const usage = numberAt(values, Resource.CertificateUsage);
  if (usage !== undefined && usage !== 0 && usage !== 1 && usage !== 2 && usage !== 3)
    throw missing(Resource.CertificateUsage, 'a usage from 0 to 3');
  const name = values[Resource.ServerNameIndication];
  if (name !== undefined && typeof name !== 'string') throw missing(Resource.ServerNameIndication, 'a text');
  const given = bytesAt(values, Resource.ServerPublicKey);
  return {
    kind: 'x509',
    privateKey: bytesAt(values, Resource.SecretKey),
    certificates: certificatesOf(bytesAt(values, Resource.PublicKeyOrIdentity)),
    serverCertificate: given,
    certificateUsage: usage,
    // A constraint stands beside roots of one's own; object 0 has none, so the authority that was given is the root. With
    // usage 1, where it is no authority, the application has to add `trustedRoots`.
    ...(usage === 0 ? { trustedRoots: [given] } : {}),
    serverName: name,
  };
}

/** DER, or PEM, which LwM2M 1.2 allows. */
function certificatesOf(bytes: Uint8Array): string | readonly Uint8Array[] {
  try {
    const text = decodeUtf8(bytes);
    return text.includes('-----BEGIN CERTIFICATE-----') ? text : [bytes];
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return [bytes];
  }
}

/** Numbers of the registry, of a multiple resource as a record by instance, or as a list. */
function cipherSuites(values: SecurityValues): readonly number[] | undefined {
  const value = values[Resource.CipherSuites];
  if (value === undefined) return undefined;
  const suites: readonly unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : [value];
  const numbers = suites.filter((suite) => typeof suite === 'number');
  if (numbers.length !== suites.length) throw missing(Resource.CipherSuites, 'numbers');
  return numbers.length === 0 ? undefined : numbers;
}

function numberAt(values: SecurityValues, id: number): number | undefined {
  const value = values[id];
  if (value === undefined || typeof value === 'number') return value;
  throw missing(id, 'a number');
}

function bytesAt(values: SecurityValues, id: number): Uint8Array {
  const value = values[id];
  if (value instanceof Uint8Array && value.length > 0) return value;
  throw missing(id, 'bytes');
}

function missing(id: number, wanted: string): TypeError {
  return new TypeError(`/0/x/${id} has to be ${wanted} (LwM2M Core 1.1.1 Appendix E.1)`);
}
