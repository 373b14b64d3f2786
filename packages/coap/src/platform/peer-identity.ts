import { toHex } from '@motestack/bytes';

/** Who a peer is, as it proved when its association was made: nothing that it says in a message changes that. */
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
 * Writes an identity as text: two peers are the same if and only if their texts are. A certificate counts by its common
 * name, so that it may be renewed, and by its key where it has none.
 *
 * @example
 * formatPeerIdentity({ kind: 'psk', identity: encodeUtf8('a') }) // 'psk:61'
 */
export function formatPeerIdentity(identity: PeerIdentity): string {
  switch (identity.kind) {
    case 'psk':
      return `psk:${toHex(identity.identity)}`;
    case 'rawPublicKey':
      return `rawPublicKey:${toHex(identity.publicKey)}`;
    case 'x509': {
      const { commonName, publicKey } = identity;
      return commonName === undefined ? `x509-key:${toHex(publicKey)}` : `x509:${commonName}`;
    }
    default:
      return identity satisfies never;
  }
}
