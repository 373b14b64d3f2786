import type { SecureContextOptions } from 'node:tls';
import { assertPskOverTls } from './psk-over-tls.ts';
import type { TlsCommonOptions, TlsIdentity, TlsMaterial } from './tls-options.ts';

/**
 * Those of RFC 7925 §4.2 and its like with forward secrecy first. CCM_8 is below the security level of OpenSSL 3, and
 * constrained peers have nothing else: who needs it names it with `@SECLEVEL=0`.
 */
const PSK_CIPHER_SUITES =
  'ECDHE-PSK-CHACHA20-POLY1305:DHE-PSK-AES128-GCM-SHA256:PSK-AES128-GCM-SHA256:PSK-AES256-GCM-SHA384:PSK-CHACHA20-POLY1305:PSK-AES128-CCM';

/**
 * What `node:tls` makes a context of.
 *
 * @throws {TypeError} pre-shared keys on a platform that has none over TLS
 */
export function secureContextOptions(
  options: TlsCommonOptions & { readonly identity?: TlsIdentity | undefined; readonly preSharedKey?: unknown },
): SecureContextOptions {
  const { trustedRoots, versionMin = 'TLSv1.2', cipherSuites, identity, preSharedKey } = options;
  const isPsk = preSharedKey !== undefined;
  if (isPsk) assertPskOverTls();
  const ciphers = cipherSuites ?? (isPsk ? PSK_CIPHER_SUITES : undefined);
  return {
    minVersion: versionMin,
    // The platform looks up pre-shared keys of TLS 1.2 alone with certainty: RFC 7925 is of that version.
    ...(isPsk && { maxVersion: 'TLSv1.2' as const }),
    ...(ciphers !== undefined && { ciphers }),
    ...(trustedRoots !== undefined && { ca: materialsOf(trustedRoots) }),
    ...(identity !== undefined && identityOptions(identity)),
  };
}

/** A certificate and its key, as `node:tls` has them. */
export function identityOptions({ certificate, privateKey, passphrase }: TlsIdentity): SecureContextOptions {
  return {
    cert: materialOf(certificate),
    key: materialOf(privateKey),
    ...(passphrase !== undefined && { passphrase }),
  };
}

function materialsOf(materials: TlsMaterial | readonly TlsMaterial[]): (string | Buffer)[] {
  const list = typeof materials === 'string' || materials instanceof Uint8Array ? [materials] : materials;
  return list.map(materialOf);
}

function materialOf(material: TlsMaterial): string | Buffer {
  return typeof material === 'string' ? material : Buffer.from(material);
}
