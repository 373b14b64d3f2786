// What the benchmarks of DTLS share: a client and a server core in one process, without sockets.
import { generateKeyPairSync } from 'node:crypto';
import {
  DtlsClient,
  DtlsServer,
  nodeCryptoProvider,
  nodeRandom as random,
  signingCredential,
  trustRawPublicKeys,
} from '@motestack/dtls/node';

export const identity = new TextEncoder().encode('device-1');
export const key = new TextEncoder().encode('sixteen-byte-key');

const newKey = () =>
  signingCredential({
    privateKey: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
      format: 'der',
      type: 'pkcs8',
    }),
  });

/** How both sides know each other. */
export const shapes = {
  psk: { client: { psk: { identity, key } }, server: {}, sources: [{}, {}] },
  ecdsa: () => {
    const [ours, theirs] = [newKey(), newKey()];
    const sources = [
      { certificate: theirs, verifier: trustRawPublicKeys([ours.publicKey]) },
      { certificate: ours, verifier: trustRawPublicKeys([theirs.publicKey]) },
    ];
    const forms = ['rawPublicKey'];
    return {
      client: { certificate: theirs, peerForms: forms },
      server: { certificate: ours, peerForms: forms, acceptsPsk: false },
      sources,
    };
  },
};

/** A server core that clients come to. */
export function newServer(options = {}, provider = nodeCryptoProvider) {
  return new DtlsServer({ provider, random, ...options });
}

/** A client core. */
export function newClient(options = {}, provider = nodeCryptoProvider) {
  return new DtlsClient({ provider, random, address: 'server', ...options });
}

/** Hands datagrams to and fro until nothing is on its way; answers what is wanted. */
export function converse(client, server, address, first, [clientSources, serverSources] = [{}, {}]) {
  const told = [];
  let toServer = [];
  let toClient = [];
  const byClient = ({ transmits, events }) => {
    toServer.push(...transmits.map(({ bytes }) => bytes));
    for (const event of events) {
      told.push(event);
      if (event.kind === 'credentialWanted')
        byClient(client.provideCredential(event.request, answerOf(event.wanted, clientSources), 0));
    }
  };
  const byServer = ({ transmits, events }) => {
    toClient.push(...transmits.map(({ bytes }) => bytes));
    for (const event of events) {
      told.push(event);
      if (event.kind === 'credentialWanted')
        byServer(server.provideCredential(event.request, answerOf(event.wanted, serverSources), 0));
    }
  };
  byClient(first);
  while (toServer.length + toClient.length > 0) {
    const [up, down] = [toServer, toClient];
    toServer = [];
    toClient = [];
    for (const bytes of up) byServer(server.handleDatagram(address, bytes, 0));
    for (const bytes of down) byClient(client.handleDatagram(bytes, 0));
  }
  return told;
}

function answerOf(wanted, sources) {
  switch (wanted.kind) {
    case 'key':
      return { kind: 'key', key };
    case 'signature':
      return { kind: 'signature', signature: sources.certificate.sign(wanted.algorithm, wanted.data) };
    case 'verdict':
      return { kind: 'verdict', verdict: sources.verifier.verify(wanted.certificate, '') };
    default:
      return { kind: 'session', session: undefined };
  }
}
