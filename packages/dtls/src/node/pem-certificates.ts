const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * Certificates in DER, in the order in which they stand.
 *
 * @param certificates PEM, in which everything else is passed over, or DER each
 * @throws {TypeError} text without a certificate in it
 */
export function certificatesOf(certificates: string | readonly Uint8Array[]): Uint8Array[] {
  if (typeof certificates !== 'string') return certificates.map((certificate) => new Uint8Array(certificate));
  const found = [...certificates.matchAll(CERTIFICATE)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  if (found.length === 0) throw new TypeError('there is no certificate in this PEM');
  return found.map((certificate) => new Uint8Array(certificate));
}
