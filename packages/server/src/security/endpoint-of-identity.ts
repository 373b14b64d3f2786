import type { PeerIdentity } from '@motestack/coap';
import type { SecurityStore } from './security-store.ts';

/**
 * The endpoint name that credentials are of, for a device that does not say its name.
 *
 * @returns `undefined` where nobody knows
 * @see LwM2M Core §6.2.1: the name may be left out where the server can take it from the security identity
 */
export async function endpointOfIdentity(
  identity: PeerIdentity,
  store: SecurityStore | undefined,
): Promise<string | undefined> {
  switch (identity.kind) {
    case 'psk':
      return (await store?.findByPskIdentity(identity.identity))?.endpoint;
    case 'rawPublicKey':
      return (await store?.findByPublicKey(identity.publicKey))?.endpoint;
    case 'x509':
      return identity.commonName;
    default:
      return identity satisfies never;
  }
}
