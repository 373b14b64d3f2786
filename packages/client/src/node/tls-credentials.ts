import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { decodeUtf8 } from '@motestack/bytes';
import type { ClientCredentials } from '@motestack/coap';
import type { TlsClientOptions } from '@motestack/coap/node';
import { signingCredential } from '@motestack/dtls/node';

/**
 * Makes of credentials what a TLS client takes.
 *
 * @param host the server's, for whose name its certificate has to be
 * @throws {DecodeError} a certificate that cannot be read
 * @throws {TypeError} raw public keys, which `node:tls` has not; certificates without an authority; a key that TLS cannot name
 * @see LwM2M Transport 1.1.1 §5.2 (modes 0 to 2 over TLS)
 */
export function tlsCredentials(credentials: ClientCredentials, host: string): TlsClientOptions {
  switch (credentials.kind) {
    case 'psk': {
      const { identity, key } = credentials;
      const name = typeof identity === 'string' ? identity : decodeUtf8(identity);
      return { preSharedKey: { identity: name, key }, requiresAlpn: false };
    }
    case 'rawPublicKey':
      throw new TypeError('raw public keys (RFC 7250) are not to be had over TLS here: use coaps, or certificates');
    case 'x509': {
      const { privateKey, certificates, serverCertificate, serverName = host, certificateUsage = 3 } = credentials;
      const { trustedRoots } = credentials;
      const isConstraint = certificateUsage === 0 || certificateUsage === 1;
      const roots = serverCertificate === undefined || isConstraint ? trustedRoots : serverCertificate;
      if (roots === undefined)
        throw new TypeError('trustedRoots are missing: nothing says which certificates are believed');
      // The same check as for DTLS: a key that cannot be read is told of at the start, not in the first handshake.
      signingCredential({ privateKey, certificates });
      return {
        identity: { certificate: certificates, privateKey },
        trustedRoots: roots,
        ...pinOf(serverCertificate, certificateUsage),
        ...(isIP(serverName) === 0 ? { serverName } : {}),
      };
    }
    default:
      return credentials satisfies never;
  }
}

/**
 * What the certificate that was given for a server stands for: an authority in its path (0), its own (1, 3), or a root (2).
 * A root, and its own where that is enough, may have been issued by somebody else.
 *
 * @see LwM2M Core 1.1.1 Appendix E.1, resource 15; RFC 6698 §2.1.1
 */
function pinOf(given: string | Uint8Array | undefined, usage: 0 | 1 | 2 | 3): Partial<TlsClientOptions> {
  if (given === undefined) return {};
  const certificate = new Uint8Array(new X509Certificate(given).raw);
  const place = usage === 0 ? 'path' : 'own';
  return {
    ...(usage === 2 ? {} : { pinned: { certificate, place } }),
    ...(usage >= 2 ? { allowPartialTrustChain: true } : {}),
  };
}
