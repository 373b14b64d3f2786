import { type CoapRequest, formatPeerIdentity } from '@motestack/coap';
import type { RegistrationRequest } from './decide-registration.ts';

/** What a request under `/rd` asks for. */
export function operationOf({ method, path }: CoapRequest): 'Register' | 'Update' | 'De-register' {
  if (method === 'DELETE') return 'De-register';
  return path.length > 1 ? 'Update' : 'Register';
}

/** What a registration is decided on. */
export function registrationRequest(request: CoapRequest, localUrl: string): RegistrationRequest {
  const { peer, query, contentFormat, payload } = request;
  return { peer, localUrl, identity: identityText(request), query, contentFormat, payload };
}

/** Who sent a request, as text; `undefined`: nothing was proved. */
export function identityText({ identity }: CoapRequest): string | undefined {
  return identity === undefined ? undefined : formatPeerIdentity(identity);
}
