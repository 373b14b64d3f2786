import { createPrivateKey, X509Certificate } from 'node:crypto';
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
      return {
        identity: { certificate: pemOfCertificates(certificates), privateKey: pemOfKey(privateKey) },
        trustedRoots:
          typeof roots === 'string' ? roots : pemOfCertificates(roots instanceof Uint8Array ? [roots] : roots),
        ...(isIP(serverName) === 0 ? { serverName } : {}),
      };
    }
    default:
      return credentials satisfies never;
  }
}

/** `node:tls` reads PEM alone. */
function pemOfCertificates(certificates: string | readonly Uint8Array[]): string {
  if (typeof certificates === 'string') return certificates;
  return certificates.map((der) => new X509Certificate(der).toString()).join('');
}

/** DER of PKCS #8 (RFC 5958) or SEC 1 (RFC 5915), as object 0 has it, or PEM. */
function pemOfKey(privateKey: string | Uint8Array): string {
  if (typeof privateKey === 'string') return privateKey;
  const key = Buffer.from(privateKey);
  for (const type of ['pkcs8', 'sec1'] as const) {
    try {
      return String(createPrivateKey({ key, format: 'der', type }).export({ format: 'pem', type: 'pkcs8' }));
    } catch {
      // The other form is tried, and then it is none.
    }
  }
  throw new TypeError('the private key is neither PKCS #8 nor SEC 1');
}
