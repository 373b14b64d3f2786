import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { afterEach, describe, expect, test } from 'vitest';
import { newCredential } from '../both-sides/handshake-shapes.fixture.ts';
import type { DtlsClientTransport } from '../client/dtls-client-transport.ts';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import { trustRawPublicKeys } from '../credentials/certificate-credential.ts';
import { DtlsError } from '../dtls-error.ts';
import { CipherSuiteId, cipherSuiteOf, defaultCipherSuites } from '../record/cipher-suite.ts';
import type { DtlsPeer, DtlsServerTransport } from '../server/dtls-server-transport.ts';
import { openDtls, openDtlsServer } from './open-dtls.ts';

const key = fromHex('000102030405060708090a0b0c0d0e0f');
const identity = 'dev-1';
const pskSuites = defaultCipherSuites.filter((id) => cipherSuiteOf(id)?.name.includes('PSK'));
let server: DtlsServerTransport | undefined;
let client: DtlsClientTransport | undefined;

afterEach(async () => {
  await client?.close();
  await server?.close();
});

/** A server that sends back what it gets. */
async function echo(): Promise<DtlsServerTransport> {
  const opened = await openDtlsServer({
    host: '127.0.0.1',
    port: 0,
    pskOf: (wanted) => Promise.resolve(toHex(wanted) === toHex(encodeUtf8(identity)) ? key : undefined),
  });
  opened.open({ datagram: (peer, bytes) => opened.send(peer, bytes), unreachable: () => {}, closed: () => {} });
  return opened;
}

const portOf = ({ localUrl }: DtlsServerTransport): number => Number(new URL(localUrl).port);

describe('over UDP on loopback', () => {
  test.each(pskSuites)('suite %i carries data both ways', async (suite) => {
    server = await echo();
    const remote = { host: '127.0.0.1', port: portOf(server) };
    client = await openDtls({ remote, psk: { identity, key }, cipherSuites: [suite] });
    expect(client.remote).toBe(`127.0.0.1:${remote.port}`);
    const opened = client;
    const answer = new Promise<string>((resolve) => {
      opened.open({ datagram: (_peer, bytes) => resolve(toHex(bytes)), unreachable: () => {}, closed: () => {} });
    });
    client.send(client.remote, fromHex('c0ffee'));
    expect(await answer).toBe('c0ffee');
    expect(server.stats()).toMatchObject({ associations: 1, handshakes: 0, cookiesSent: 1, recordsDropped: 0 });
  });
  test('a key and an identity in a Buffer stay as they are, and a client may be opened with them again', async () => {
    server = await echo();
    const remote = { host: '127.0.0.1', port: portOf(server) };
    const psk = { identity: Buffer.from(identity), key: Buffer.from(key) };
    for (let round = 0; round < 2; round++) {
      client = await openDtls({ remote, psk });
      await client.close();
    }
    expect([psk.identity.toString(), toHex(psk.key)]).toEqual([identity, toHex(key)]);
  });
  test('raw public keys on both sides, signed and judged later', async () => {
    const own = newCredential();
    const slow: SigningCredential = { ...own, sign: async (algorithm, data) => own.sign(algorithm, data) };
    const device = newCredential();
    server = await openDtlsServer({
      host: '127.0.0.1',
      port: 0,
      certificate: slow,
      verifier: {
        forms: ['rawPublicKey'],
        verify: ({ publicKey }) =>
          Promise.resolve(toHex(publicKey) === toHex(device.publicKey) ? 'trusted' : 'unknown-ca'),
      },
    });
    const opened = server;
    const told = new Promise<DtlsPeer | undefined>((resolve) => {
      opened.open({ datagram: (peer) => resolve(opened.peerOf(peer)), unreachable: () => {}, closed: () => {} });
    });
    const remote = { host: '127.0.0.1', port: portOf(server) };
    client = await openDtls({ remote, certificate: device, verifier: trustRawPublicKeys([own.publicKey]) });
    client.send(client.remote, fromHex('01'));
    expect(await told).toMatchObject({ certificate: { form: 'rawPublicKey', publicKey: device.publicKey } });
  });
  test('what is longer than the peer takes is not sent, and both sides are told', async () => {
    server = await openDtlsServer({
      host: '127.0.0.1',
      port: 0,
      pskOf: () => key,
      parameters: { recordBytesMax: 100 },
    });
    const [opened, codes] = [server, [] as unknown[]];
    const told = (error: Error): void => void codes.push(DtlsError.is(error) ? error.code : error);
    const heard: number[] = [];
    const both = new Promise<void>((resolve) => {
      const unreachable = (_peer: string, error: Error): void => {
        told(error);
        if (codes.length === 2) resolve();
      };
      const datagram = (peer: string, bytes: Uint8Array): void => {
        heard.push(bytes.length);
        opened.send(peer, new Uint8Array(65));
      };
      opened.open({ datagram, unreachable, closed: () => {} });
      const remote = { host: '127.0.0.1', port: portOf(opened) };
      void openDtls({ remote, psk: { identity, key }, parameters: { recordBytesMax: 64 } }).then((made) => {
        client = made;
        made.open({ datagram: () => {}, unreachable, closed: () => {} });
        made.send(made.remote, new Uint8Array(100));
        made.send(made.remote, new Uint8Array(made.payloadBytesMax ?? 0));
      });
    });
    await both;
    expect(codes).toEqual(['too-long', 'too-long']);
    expect(heard).toEqual([99]);
    expect(client?.isConnected).toBe(true);
  });
  test('a planned restart: everybody goes on, and a client too', async () => {
    const sealing = new Uint8Array(16).fill(3);
    server = await echo();
    const port = portOf(server);
    const remote = { host: '127.0.0.1', port };
    const clients = await Promise.all([1, 2, 3].map(() => openDtls({ remote, psk: { identity, key } })));
    const gone: string[] = [];
    const exported = await server.exportAssociations(sealing);
    await server.close();
    server = await openDtlsServer({ host: '127.0.0.1', port, pskOf: () => undefined });
    const [opened] = [server];
    opened.open({
      datagram: (peer, bytes) => opened.send(peer, bytes),
      unreachable: (peer) => gone.push(peer),
      closed: () => {},
    });
    const changed = exported.slice();
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(await opened.importAssociations(changed, sealing)).toMatchObject({
      imported: 2,
      refused: [{ code: 'unauthentic' }],
    });
    expect(await opened.importAssociations(exported, sealing)).toMatchObject({ imported: 1, refused: [{}, {}] });
    await expect(opened.importAssociations(exported.subarray(1), sealing)).rejects.toMatchObject({
      name: 'DecodeError',
    });
    const [first, ...others] = clients;
    const own = first?.exportAssociation(sealing);
    await first?.close();
    if (own === undefined) throw new Error('there was no association');
    client = await openDtls({ remote, psk: { identity, key }, imported: { exported: own, key: sealing } });
    const answers = [client, ...others].map(
      (each) =>
        new Promise<string>((resolve) => {
          each.open({ datagram: (_peer, bytes) => resolve(toHex(bytes)), unreachable: () => {}, closed: () => {} });
          each.send(each.remote, fromHex('0a'));
        }),
    );
    expect(await Promise.all(answers)).toEqual(['0a', '0a', '0a']);
    expect(opened.stats()).toMatchObject({ associations: 3, handshakesBegun: 0, cookiesSent: 0, moves: 1 });
    expect(gone).toEqual([]);
    for (const each of others) await each.close();
  });
  test('nobody is there', async () => {
    server = await echo();
    const remote = { host: '127.0.0.1', port: portOf(server) };
    await server.close();
    await expect(openDtls({ remote, psk: { identity, key } })).rejects.toMatchObject({
      name: 'DtlsError',
      code: 'unreachable',
    });
  });
  test('a suite that the server does not have', async () => {
    server = await openDtlsServer({
      host: '127.0.0.1',
      port: 0,
      pskOf: () => key,
      cipherSuites: [CipherSuiteId.PskAes128Ccm],
    });
    const remote = { host: '127.0.0.1', port: portOf(server) };
    const cipherSuites = [CipherSuiteId.PskAes128Ccm8];
    await expect(openDtls({ remote, psk: { identity, key }, cipherSuites })).rejects.toMatchObject({
      code: 'alert-received',
      alert: 40,
    });
  });
});
