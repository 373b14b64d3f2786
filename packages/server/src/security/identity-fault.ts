import { type PeerIdentity, ResponseCode } from '@motestack/coap';
import type { RegistrationFault } from '../registration/registration-fault.ts';
import { identityBytes } from './in-memory-security-store.ts';
import type { DeviceSecurity, SecurityStore } from './security-store.ts';

/**
 * Whether a device may register under an endpoint name, by what it proved in its handshake.
 *
 * - A name with credentials wants just those: 4.03 without any, 4.00 with others.
 * - A name without credentials may be taken without proof, or with a certificate whose common name it is; a proof of
 *   another name is answered with 4.00.
 *
 * @param identity `undefined`: the device proved nothing
 * @returns what the device is told; `undefined`: it may
 * @see LwM2M Transport 1.1 §5.2, Endpoint Client Name (4.00 where the fields do not match); Table 6.7-2 (4.03: registration
 *   of the name is not allowed)
 */
export async function identityFault(
  endpoint: string,
  identity: PeerIdentity | undefined,
  store: SecurityStore,
): Promise<RegistrationFault | undefined> {
  const device = await store.findByEndpoint(endpoint);
  if (identity === undefined) {
    return device === undefined
      ? undefined
      : { code: ResponseCode.Forbidden, reason: 'this endpoint name is taken with its credentials alone' };
  }
  const isOwn =
    device === undefined ? identity.kind === 'x509' && identity.commonName === endpoint : isProvedBy(device, identity);
  return isOwn
    ? undefined
    : { code: ResponseCode.BadRequest, reason: 'these credentials are not of this endpoint name' };
}

function isProvedBy({ endpoint, credentials }: DeviceSecurity, identity: PeerIdentity): boolean {
  switch (credentials.kind) {
    case 'psk':
      return identity.kind === 'psk' && isSame(identityBytes(credentials.identity), identity.identity);
    case 'rawPublicKey':
      return identity.kind === 'rawPublicKey' && isSame(credentials.publicKey, identity.publicKey);
    case 'x509':
      return identity.kind === 'x509' && identity.commonName === (credentials.commonName ?? endpoint);
    default:
      return credentials satisfies never;
  }
}

/** Identities and public keys are no secrets. */
function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
