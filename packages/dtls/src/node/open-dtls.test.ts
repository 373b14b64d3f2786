import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { afterEach, describe, expect, test } from 'vitest';
import { newCredential } from '../both-sides/handshake-shapes.fixture.ts';
import type { DtlsClientTransport } from '../client/dtls-client-transport.ts';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import { trustRawPublicKeys } from '../credentials/certificate-credential.ts';
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
