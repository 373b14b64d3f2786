import { formatPeerIdentity } from '@motestack/coap';
import {
  CipherSuiteId,
  type DtlsClientTransport,
  type DtlsServerTransport,
  type OpenDtlsOptions,
  type OpenDtlsServerOptions,
  openDtls,
  openDtlsServer,
  type PeerId,
  type PeerVerifier,
  type SigningCredential,
  signingCredential,
  trustCertificates,
  trustRawPublicKeys,
} from '@motestack/dtls/node';
import { type CredentialKind, type DtlsWish, preShared } from './dtls-peer.ts';
import type { OpensslCertificates } from './openssl-certificates.ts';

/** Our server, which answers each datagram with what it knows of its sender. */
export interface OurDtlsServer {
  readonly transport: DtlsServerTransport;
  readonly port: number;
  /** Suite, identity and text of each datagram. */
  readonly heard: readonly string[];
  /** The name of each association that began. */
  readonly peers: readonly PeerId[];
  /** Kind of each event, with its reason and alert. */
  readonly events: readonly string[];
}

/** Our client. */
export interface OurDtlsClient {
  readonly transport: DtlsClientTransport;
  readonly heard: readonly string[];
  say(line: string): void;
}

/** The credential whose private key is in a file of that name. */
export function credentialOf(kind: CredentialKind, name: string, files: OpensslCertificates): SigningCredential {
  const privateKey = files.text(`${name}.key`);
  return signingCredential(kind === 'x509' ? { privateKey, certificates: files.text(`${name}.pem`) } : { privateKey });
}

/** Believes an authority, or the owner of a raw public key. */
export function trustIn(
  kind: CredentialKind,
  name: string,
  files: OpensslCertificates,
  peer: 'client' | 'server',
  serverName = 'server.example',
): PeerVerifier {
  if (kind !== 'x509') return trustRawPublicKeys([credentialOf(kind, name, files).publicKey]);
  const anchors = files.text(`${name}.pem`);
  return trustCertificates(peer === 'server' ? { anchors, peer, name: serverName } : { anchors, peer });
}

/** What our server is told for a kind of credential, whatever the suite. */
export function ourServerOptions(
  { credential, suite }: DtlsWish,
  files: OpensslCertificates,
): Partial<OpenDtlsServerOptions> {
  if (credential === 'psk')
    return { pskOf: (wanted) => (Buffer.from(wanted).toString() === preShared.identity ? preShared.key : undefined) };
  const own = suite.startsWith('EcdheRsa') ? 'rsa' : 'server';
  return {
    certificate: credentialOf(credential, own, files),
    verifier: trustIn(credential, credential === 'x509' ? 'ca' : 'device', files, 'client'),
  };
}

/** What our client is told; it offers the one suite, so that a server can take no other. */
export function ourClientOptions(
  { credential, suite }: DtlsWish,
  files: OpensslCertificates,
): Omit<OpenDtlsOptions, 'remote'> {
  const cipherSuites = [CipherSuiteId[suite]];
  if (credential === 'psk') return { cipherSuites, psk: preShared };
  return {
    cipherSuites,
    certificate: credentialOf(credential, 'device', files),
    verifier: trustIn(credential, credential === 'x509' ? 'ca' : 'server', files, 'server'),
  };
}

/** Starts our server on a port of its own choice. */
export async function startOurDtlsServer(options: Partial<OpenDtlsServerOptions>): Promise<OurDtlsServer> {
  const [heard, events, peers]: [string[], string[], PeerId[]] = [[], [], []];
  const transport = await openDtlsServer({
    host: '127.0.0.1',
    port: 0,
    ...options,
    onEvent: (event) => {
      if (event.kind === 'connected') peers.push(event.peer);
      const { reason = '', alert = '' } = { ...event } as { reason?: string; alert?: number };
      events.push(`${event.kind} ${reason} ${alert}`.trimEnd());
    },
  });
  transport.open({
    datagram: (from, bytes) => {
      if (bytes.length === 0) return; // Scandium's client shakes hands only when it has something to send
      const known = transport.peerOf(from);
      const who = known?.proved === undefined ? 'nobody' : formatPeerIdentity(known.proved);
      const line = `${known?.cipherSuite.name} ${who.slice(0, 60)} ${Buffer.from(bytes).toString().trim()}`;
      heard.push(line);
      transport.send(from, Buffer.from(`${line}\n`));
    },
    unreachable: () => {},
    closed: () => {},
  });
  return { transport, port: Number(new URL(transport.localUrl).port), heard, events, peers };
}

/** Connects our client. @throws DtlsError the handshake came to nothing */
export async function startOurDtlsClient(
  port: number,
  options: Omit<OpenDtlsOptions, 'remote'>,
): Promise<OurDtlsClient> {
  const transport = await openDtls({ remote: { host: '127.0.0.1', port }, ...options });
  const heard: string[] = [];
  transport.open({
    datagram: (_from, bytes) => heard.push(Buffer.from(bytes).toString().trim()),
    unreachable: () => {},
    closed: () => {},
  });
  return { transport, heard, say: (line) => transport.send(transport.remote, Buffer.from(`${line}\n`)) };
}
