import type { DatagramTransport, ServerCredentials } from '@motestack/coap';
import { nodeClock, nodeRandom } from '@motestack/coap/node';
import type { AnswerSources, KeyLog, PeerCertificate, PeerVerdict, PeerVerifier } from '@motestack/dtls';
import { DtlsServerTransport, nodeCryptoProvider, signingCredential, trustCertificates } from '@motestack/dtls/node';
import type { SecurityStore } from '../security/security-store.ts';

/**
 * What a DTLS server asks in its handshakes, answered by a security store.
 *
 * @throws {TypeError} a private key that is of no kind that a suite can use, or certificates that are not for it
 * @throws {Error} what the platform says of a key that cannot be read
 */
export function dtlsSources(security: SecurityStore, credentials: ServerCredentials | undefined): AnswerSources {
  const pskOf: AnswerSources['pskOf'] = async (identity) => {
    const found = await security.findByPskIdentity(identity);
    return found?.credentials.kind === 'psk' ? found.credentials.key : undefined;
  };
  if (credentials === undefined) return { pskOf };
  const { privateKey, certificates, trustedRoots } = credentials;
  const forms = certificates === undefined ? (['rawPublicKey'] as const) : (['x509', 'rawPublicKey'] as const);
  const byRoots = trustedRoots === undefined ? undefined : trustCertificates({ anchors: trustedRoots, peer: 'client' });
  return {
    pskOf,
    certificate: signingCredential({ privateKey, certificates, forms }),
    verifier: deviceVerifier(security, byRoots),
  };
}

/** Opens DTLS on a socket; if that fails, the socket is closed. `keyLog` is told the secrets. */
export async function openDtlsOn(
  transport: DatagramTransport,
  sources: AnswerSources,
  keyLog: KeyLog | undefined,
): Promise<DatagramTransport> {
  try {
    return new DtlsServerTransport({
      ...sources,
      keyLog,
      transport,
      clock: nodeClock,
      random: nodeRandom,
      provider: nodeCryptoProvider,
    });
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** Believes bare keys that the store knows, and certificates that lead to a root; the name is compared at Register. */
function deviceVerifier(security: SecurityStore, byRoots: PeerVerifier | undefined): PeerVerifier {
  return {
    forms: byRoots === undefined ? ['rawPublicKey'] : ['x509', 'rawPublicKey'],
    verify: (certificate, address) =>
      certificate.form === 'rawPublicKey'
        ? rawPublicKeyVerdict(security, certificate)
        : (byRoots?.verify(certificate, address) ?? 'unsupported-certificate'),
  };
}

async function rawPublicKeyVerdict(security: SecurityStore, { publicKey }: PeerCertificate): Promise<PeerVerdict> {
  return (await security.findByPublicKey(publicKey)) === undefined ? 'certificate-unknown' : 'trusted';
}
