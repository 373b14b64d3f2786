import { readText } from './tidy/workspace.ts';

const fixture = readText('packages/client/src/node/test-keys.fixture.ts');

/** A key or a certificate of the tests, in PEM. */
function pem(name: string): string {
  return new RegExp(`export const ${name} = \`([^\`]*)\``).exec(fixture)?.[1] ?? '';
}

/**
 * A program for each runtime: handshakes with a pre-shared key, raw public keys and X.509 over loopback, data both ways in
 * short and long records, and an association that goes on in another server. Where there are no pre-shared keys over TLS,
 * the error has to say so. It knows no type of a platform.
 */
export const DTLS_PROGRAM: string = `import { openCoapEndpoint } from '@motestack/coap/node';
import {
  CipherSuiteId,
  cipherSuiteOf,
  defaultCipherSuites,
  nodeCryptoProvider,
  openDtls,
  openDtlsServer,
  type DtlsClientTransport,
  type DtlsServerTransport,
  type OpenDtlsOptions,
  type OpenDtlsServerOptions,
  signingCredential,
  trustCertificates,
  trustRawPublicKeys,
} from '@motestack/dtls/node';

const key = Uint8Array.from({ length: 16 }, (_, index) => index);
const psk = { identity: 'device-1', key };
const text = { ca: \`${pem('caPem')}\`, device: \`${pem('devicePem')}\`, server: \`${pem('serverPem')}\` };
const keys = { device: \`${pem('deviceKeyPem')}\`, server: \`${pem('serverKeyPem')}\` };
const bare = { device: signingCredential({ privateKey: keys.device }), server: signingCredential({ privateKey: keys.server }) };
const device = signingCredential({ privateKey: keys.device, certificates: text.device });
const ours = signingCredential({ privateKey: keys.server, certificates: text.server });

async function open(options: OpenDtlsServerOptions): Promise<DtlsServerTransport> {
  const server = await openDtlsServer({ host: '127.0.0.1', port: 0, ...options });
  server.open({ datagram: (peer, bytes) => server.send(peer, bytes), unreachable: () => {}, closed: () => {} });
  return server;
}

const portOf = ({ localUrl }: DtlsServerTransport): number => Number(localUrl.slice(localUrl.lastIndexOf(':') + 1));

let heard: (bytes: Uint8Array) => void = () => {};
function connect(port: number, options: Omit<OpenDtlsOptions, 'remote'>): Promise<DtlsClientTransport> {
  return openDtls({ remote: { host: '127.0.0.1', port }, ...options }).then((client) => {
    client.open({ datagram: (_peer, bytes) => heard(bytes), unreachable: () => {}, closed: () => {} });
    return client;
  });
}

async function echo(client: DtlsClientTransport, length: number): Promise<void> {
  const said = Uint8Array.from({ length }, (_, index) => index & 255);
  const answer = await new Promise<Uint8Array>((resolve) => {
    heard = resolve;
    client.send(client.remote, said);
  });
  if (answer.join() !== said.join()) throw new Error('the echo is another');
}

async function handshake(server: OpenDtlsServerOptions, client: Omit<OpenDtlsOptions, 'remote'>): Promise<void> {
  const opened = await open(server);
  const connected = await connect(portOf(opened), client);
  // Often enough that AES-CCM goes over to its two ciphers, and with records of both kinds.
  for (const length of [5, 5, 5, 5, 600, 1100]) await echo(connected, length);
  await connected.close();
  await opened.close();
}

for (const id of defaultCipherSuites) {
  const suite = cipherSuiteOf(id);
  if (suite === undefined || !nodeCryptoProvider.supports(suite.cipher)) continue;
  if (suite.keyExchange === 'ecdhe-rsa') continue;
  const cipherSuites = [id];
  if (suite.keyExchange === 'ecdhe-ecdsa')
    await handshake(
      { certificate: bare.server, verifier: trustRawPublicKeys([bare.device.publicKey]) },
      { certificate: bare.device, verifier: trustRawPublicKeys([bare.server.publicKey]), cipherSuites },
    );
  else await handshake({ pskOf: () => key }, { psk, cipherSuites });
}
for (const group of ['p-256', 'p-384', 'x25519'] as const)
  await handshake({ pskOf: () => key }, { psk, groups: [group], cipherSuites: [CipherSuiteId.EcdhePskAes128Ccm8Sha256] });
await handshake(
  { certificate: ours, verifier: trustCertificates({ anchors: text.ca, peer: 'client' }) },
  { certificate: device, verifier: trustCertificates({ anchors: text.ca, peer: 'server', name: 'localhost' }) },
);

const before = await open({ pskOf: () => key });
const client = await connect(portOf(before), { psk });
const port = portOf(before);
const exported = await before.exportAssociations(key);
await before.close();
const after = await open({ port, pskOf: () => undefined });
if ((await after.importAssociations(exported, key)).imported !== 1) throw new Error('nothing was imported');
await echo(client, 5);
await client.close();
await after.close();

const isNode = !('Bun' in globalThis || 'Deno' in globalThis);
try {
  const overTls = await openCoapEndpoint({ url: 'coaps+tcp://127.0.0.1:0', tls: { preSharedKey: () => key } });
  await overTls.close();
  if (!isNode) throw new Error('pre-shared keys over TLS were not refused');
} catch (error) {
  if (isNode || !(error instanceof TypeError && error.message.includes('pskCallback'))) throw error;
}
`;
