import { createPublicKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { encodeUtf8 } from '@motestack/bytes';
import type { ClientCredentials, RawPublicKeyCredentials, X509Credentials } from '@motestack/coap';
import type { CipherSuiteId, DtlsClientTransportOptions } from '@motestack/dtls';
import {
  CertificateUsage,
  cipherSuiteOf,
  signingCredential,
  trustCertificates,
  trustRawPublicKeys,
} from '@motestack/dtls/node';

/** What of a DTLS client's options is about credentials. */
export type DtlsCredentials = Pick<
  DtlsClientTransportOptions,
  'psk' | 'certificate' | 'verifier' | 'cipherSuites' | 'serverName'
>;

/**
 * Makes of credentials what a DTLS client takes.
 *
 * @param host the server's, for whose name its certificate has to be
 * @throws {TypeError} credentials that do not go together, or that no cipher suite has a use for
 * @throws {Error} what the platform says of a key that cannot be read
 */
export function dtlsCredentials(credentials: ClientCredentials, host: string): DtlsCredentials {
  const suites = credentials.cipherSuites?.map(assertCipherSuite);
  const cipherSuites = suites === undefined ? {} : { cipherSuites: suites };
  switch (credentials.kind) {
    case 'psk': {
      const { identity, key } = credentials;
      return {
        psk: { identity: typeof identity === 'string' ? encodeUtf8(identity) : identity, key },
        ...cipherSuites,
      };
    }
    case 'rawPublicKey':
      return { ...rawPublicKey(credentials), ...cipherSuites };
    case 'x509':
      return { ...x509(credentials, host), ...cipherSuites };
    default:
      return credentials satisfies never;
  }
}

function rawPublicKey({ privateKey, serverPublicKey }: RawPublicKeyCredentials): DtlsCredentials {
  const known = typeof serverPublicKey === 'string' ? derOfPublicKey(serverPublicKey) : serverPublicKey;
  return { certificate: signingCredential({ privateKey }), verifier: trustRawPublicKeys([known]) };
}

/** @see LwM2M Core 1.1.1 Appendix E.1, resource 15: without one, the certificate is the server's own and that is enough */
function x509(credentials: X509Credentials, host: string): DtlsCredentials {
  const { privateKey, certificates, serverCertificate, trustedRoots, serverName = host } = credentials;
  const { certificateUsage: mode = CertificateUsage.DomainIssuedCertificate } = credentials;
  const needsRoots = serverCertificate === undefined || mode === 0 || mode === 1;
  if (needsRoots && trustedRoots === undefined) {
    throw new TypeError('trustedRoots are missing: nothing says which certificates are believed');
  }
  const usage = serverCertificate === undefined ? undefined : { mode, given: derOfCertificate(serverCertificate) };
  return {
    certificate: signingCredential({ privateKey, certificates }),
    verifier: trustCertificates({ anchors: trustedRoots ?? [], peer: 'server', name: serverName, usage }),
    // Names alone: "Literal IPv4 and IPv6 addresses are not permitted" (RFC 6066 §3). LwM2M: `/0/x/14`.
    ...(isIP(serverName) === 0 ? { serverName } : {}),
  };
}

function derOfPublicKey(pem: string): Uint8Array {
  return new Uint8Array(createPublicKey(pem).export({ format: 'der', type: 'spki' }));
}

function derOfCertificate(certificate: string | Uint8Array): Uint8Array {
  return typeof certificate === 'string' ? new Uint8Array(new X509Certificate(certificate).raw) : certificate;
}

function assertCipherSuite(id: number): CipherSuiteId {
  const suite = cipherSuiteOf(id);
  if (suite === undefined)
    throw new TypeError(`the cipher suite 0x${id.toString(16).padStart(4, '0')} is not supported`);
  return suite.id;
}
