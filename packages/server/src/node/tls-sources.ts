import { encodeUtf8 } from '@motestack/bytes';
import type { ServerCredentials } from '@motestack/coap';
import type { TlsServerOptions } from '@motestack/coap/node';
import type { SecurityStore } from '../security/security-store.ts';
import { SynchronousLookupError } from '../security/synchronous-lookup-error.ts';

/**
 * What a TLS server shows and asks in its handshakes, answered by a security store: pre-shared keys, and certificates where it has
 * one. The platform knows no raw public keys in TLS (RFC 7250), and asks for a pre-shared key at once.
 *
 * @throws {SynchronousLookupError} a store that answers only later
 * @throws {TypeError} a private key that is none
 */
export function tlsSources(security: SecurityStore, credentials: ServerCredentials | undefined): TlsServerOptions {
  if (security.findByPskIdentityNow === undefined) throw new SynchronousLookupError();
  const preSharedKey: TlsServerOptions['preSharedKey'] = (identity) => {
    const found = security.findByPskIdentityNow?.(encodeUtf8(identity));
    return found?.credentials.kind === 'psk' ? found.credentials.key : undefined;
  };
  if (credentials?.certificates === undefined) return { preSharedKey };
  const { privateKey, certificates, trustedRoots } = credentials;
  return {
    preSharedKey,
    cipherSuites: CIPHER_SUITES,
    identity: { certificate: certificates, privateKey },
    ...(trustedRoots === undefined ? {} : { trustedRoots, clientCertificates: 'required' as const }),
  };
}

/** Certificates and pre-shared keys at one address: RFC 7925 §4.2 and §4.4, and their like. */
const CIPHER_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-PSK-CHACHA20-POLY1305',
  'PSK-AES128-GCM-SHA256',
  'PSK-AES256-GCM-SHA384',
  'PSK-AES128-CCM',
].join(':');
