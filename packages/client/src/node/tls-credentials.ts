import { isIP } from 'node:net';
import { decodeUtf8 } from '@motestack/bytes';
import type { ClientCredentials } from '@motestack/coap';
import type { TlsClientOptions } from '@motestack/coap/node';

/**
 * Makes of credentials what a TLS client takes.
 *
 * @param host the server's, for whose name its certificate has to be
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
      const roots = credentials.trustedRoots ?? (certificateUsage === 2 ? serverCertificate : undefined);
      if (roots === undefined)
        throw new TypeError('trustedRoots are missing: nothing says which certificates are believed');
      const [certificate] = typeof certificates === 'string' ? [certificates] : certificates;
      if (certificate === undefined) throw new TypeError('certificates are missing');
      return {
        identity: { certificate, privateKey },
        trustedRoots: roots,
        ...(isIP(serverName) === 0 ? { serverName } : {}),
      };
    }
    default:
      return credentials satisfies never;
  }
}
