import { createPrivateKey } from 'node:crypto';
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
 * @throws {TypeError} pre-shared keys on a platform that has none over TLS, or a private key that cannot be read
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
    ...(trustedRoots !== undefined && { ca: listOf(trustedRoots).map(certificatePem) }),
    ...(options.allowPartialTrustChain === true && { allowPartialTrustChain: true }),
    ...(identity !== undefined && identityOptions(identity)),
  };
}

/**
 * A certificate and its key, as `node:tls` has them.
 *
 * @throws {TypeError} a private key that cannot be read
 */
export function identityOptions({ certificate, privateKey, passphrase }: TlsIdentity): SecureContextOptions {
  return {
    cert: listOf(certificate).map(certificatePem).join('\n'),
    key: privateKeyPem(privateKey, passphrase),
    ...(passphrase !== undefined && { passphrase }),
  };
}

function listOf(materials: TlsMaterial | readonly TlsMaterial[]): readonly TlsMaterial[] {
  return typeof materials === 'string' || materials instanceof Uint8Array ? [materials] : materials;
}

/** The platform reads certificates in PEM alone. */
function certificatePem(material: TlsMaterial): string {
  if (typeof material === 'string') return material;
  const text = pemIn(material);
  if (text !== undefined) return text;
  const lines =
    Buffer.from(material)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** And keys: PKCS #8 (RFC 5958) or SEC 1 (RFC 5915), as object 0 of LwM2M has them. */
function privateKeyPem(material: TlsMaterial, passphrase: string | undefined): string {
  if (typeof material === 'string') return material;
  const text = pemIn(material);
  if (text !== undefined) return text;
  const locked = passphrase === undefined ? {} : { passphrase };
  for (const type of ['pkcs8', 'sec1'] as const) {
    try {
      const key = createPrivateKey({ key: Buffer.from(material), format: 'der', type, ...locked });
      return key
        .export({
          format: 'pem',
          type: 'pkcs8',
          ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
        })
        .toString();
    } catch {
      // The other form, then.
    }
  }
  throw new TypeError('the private key is neither PKCS #8 nor SEC 1');
}

function pemIn(material: Uint8Array): string | undefined {
  const text = Buffer.from(material).toString('latin1');
  return text.includes('-----BEGIN ') ? text : undefined;
}
