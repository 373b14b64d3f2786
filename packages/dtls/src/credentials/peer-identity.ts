import { decodeCertificate } from '../x509/certificate.ts';
import type { PeerCertificate } from './certificate-credential.ts';

/** Who a peer is, as it proved in its handshake: the form that `@motestack/coap` has for the peers of all transports. */
export type PeerIdentity =
  /** It has the pre-shared key of an identity. */
  | { readonly kind: 'psk'; readonly identity: Uint8Array }
  /** It has the private half of a key: SubjectPublicKeyInfo in DER (RFC 7250). */
  | { readonly kind: 'rawPublicKey'; readonly publicKey: Uint8Array }
  /** It has a certificate that was believed. */
  | {
      readonly kind: 'x509';
      /** The common name of the certificate's subject. */
      readonly commonName: string | undefined;
      /** Its key: SubjectPublicKeyInfo in DER. */
      readonly publicKey: Uint8Array;
      /** The certificates in DER as they were sent, the peer's own first. */
      readonly certificates: readonly Uint8Array[];
    };

/**
 * What a handshake proved.
 *
 * @param identity that of a pre-shared key, empty without one
 * @param certificate what was shown and believed
 * @returns `undefined` for a peer that showed nothing
 */
export function peerIdentity(identity: Uint8Array, certificate: PeerCertificate | undefined): PeerIdentity | undefined {
  if (certificate === undefined) return identity.length === 0 ? undefined : { kind: 'psk', identity };
  const { publicKey, chain } = certificate;
  const [own] = chain;
  if (own === undefined) return { kind: 'rawPublicKey', publicKey };
  const { commonName } = decodeCertificate(own);
  return { kind: 'x509', commonName, publicKey, certificates: chain };
}
