import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { encodeUtf8 } from '@motestack/bytes';
import type { PeerIdentity } from '../platform/peer-identity.ts';

/** The identities of pre-shared keys by the sockets that used them: the platform tells them in the handshake alone. */
const pskIdentities = new WeakMap<TLSSocket, string>();

/** Notes by which pre-shared key a client proves itself; whether it has the key shows when the handshake ends. */
export function notePskIdentity(socket: TLSSocket, identity: string): void {
  pskIdentities.set(socket, identity);
}

/**
 * Who is at the other end of a connection whose handshake is done.
 *
 * @returns `undefined` for who showed nothing, or a certificate that was not believed
 */
export function tlsIdentityOf(socket: TLSSocket): PeerIdentity | undefined {
  const psk = pskIdentities.get(socket);
  if (psk !== undefined) return { kind: 'psk', identity: encodeUtf8(psk) };
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined) return undefined;
  return {
    kind: 'x509',
    commonName: commonNameOf(certificate),
    publicKey: new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' })),
    certificates: [...chainOf(certificate)],
  };
}

/** Whether a server shows the certificate that was given for it, as its own or in its path. */
export function showsPinned(
  socket: TLSSocket,
  { certificate, place }: { readonly certificate: Uint8Array; readonly place: 'own' | 'path' },
): boolean {
  const own = socket.getPeerX509Certificate();
  if (own === undefined) return false;
  const [first, ...others] = chainOf(own);
  const shown = place === 'own' ? [first] : [first, ...others];
  return shown.some((der) => der !== undefined && Buffer.compare(der, certificate) === 0);
}

function commonNameOf({ subject }: X509Certificate): string | undefined {
  return /(?:^|\n)CN=([^\n]*)/.exec(subject)?.[1];
}

function* chainOf(certificate: X509Certificate): Generator<Uint8Array> {
  for (let one: X509Certificate | undefined = certificate; one !== undefined; one = one.issuerCertificate) {
    yield new Uint8Array(one.raw);
  }
}
