import { createPrivateKey, createPublicKey } from 'node:crypto';
import { fromHex } from '@motestack/bytes';
import type { ClientCredentials, PeerIdentity, ServerCredentials } from '@motestack/coap';
import { Device } from '@motestack/objects';
import { type DeviceCredentials, InMemorySecurityStore, LwM2mServer } from '@motestack/server/node';
import { afterEach, describe, expect, test } from 'vitest';
import { LwM2mClient, type LwM2mError } from './index.ts';
import { caPem, deviceKeyPem, devicePem, serverKeyPem, serverPem } from './test-keys.fixture.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((open) => open.close()));
});

const ENDPOINT = 'thermometer';
const key = fromHex('000102030405060708090a0b0c0d0e0f');
const publicKeyOf = (pem: string): Uint8Array =>
  new Uint8Array(createPublicKey(pem).export({ format: 'der', type: 'spki' }));
const sec1Of = (pem: string): Uint8Array =>
  new Uint8Array(createPrivateKey(pem).export({ format: 'der', type: 'sec1' }));
const pkcs8Of = (pem: string): Uint8Array =>
  new Uint8Array(createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' }));

const x509 = { kind: 'x509', privateKey: deviceKeyPem, certificates: devicePem } as const;
const serverOfRoot: ServerCredentials = { privateKey: serverKeyPem, certificates: serverPem, trustedRoots: caPem };
const bareServer: ServerCredentials = { privateKey: serverKeyPem };
const rawPublicKey = {
  kind: 'rawPublicKey',
  privateKey: deviceKeyPem,
  serverPublicKey: publicKeyOf(serverKeyPem),
} as const;
const knownKey: DeviceCredentials = { kind: 'rawPublicKey', publicKey: publicKeyOf(deviceKeyPem) };
const pemOfServerKey = String(createPublicKey(serverKeyPem).export({ format: 'pem', type: 'spki' }));

interface World {
  readonly server: LwM2mServer;
  readonly client: LwM2mClient;
  readonly identities: (PeerIdentity | undefined)[];
}

async function open(
  security: ClientCredentials,
  known: DeviceCredentials,
  credentials?: ServerCredentials,
): Promise<World> {
  const identities: (PeerIdentity | undefined)[] = [];
  const server = await LwM2mServer.listen({
    urls: ['coaps://127.0.0.1:0'],
    security: new InMemorySecurityStore([{ endpoint: ENDPOINT, credentials: known }]),
    credentials,
    authorize: ({ identity }) => {
      identities.push(identity);
      return true;
    },
  });
  closing.push(server);
  const uri = `coaps://localhost:${new URL(server.urls[0] ?? '').port}`;
  const objects = [Device.instance({ manufacturer: 'Acme', reboot: () => undefined })];
  const client = await LwM2mClient.start({ endpoint: ENDPOINT, server: uri, security, objects });
  closing.push(client);
  return { server, client, identities };
}

const psk: ClientCredentials = { kind: 'psk', identity: 'mine', key };
const knownPsk: DeviceCredentials = { kind: 'psk', identity: 'mine', key };

describe('a device and a server over DTLS', () => {
  test.each<readonly [string, ClientCredentials, DeviceCredentials, ServerCredentials | undefined, object]>([
    ['a pre-shared key', psk, knownPsk, undefined, { kind: 'psk' }],
    ['a pre-shared key, where the server has certificates too', psk, knownPsk, serverOfRoot, { kind: 'psk' }],
    ['a pre-shared key and one suite', { ...psk, cipherSuites: [0xc0a8] }, knownPsk, undefined, { kind: 'psk' }],
    ['raw public keys', rawPublicKey, knownKey, bareServer, { kind: 'rawPublicKey' }],
    [
      'raw public keys, where the server has certificates too, all as LwM2M has them',
      { ...rawPublicKey, privateKey: pkcs8Of(deviceKeyPem) },
      knownKey,
      serverOfRoot,
      { kind: 'rawPublicKey' },
    ],
    [
      'raw public keys, ours as RFC 5915 writes it, theirs as PEM',
      { ...rawPublicKey, privateKey: sec1Of(deviceKeyPem), serverPublicKey: pemOfServerKey },
      knownKey,
      bareServer,
      { kind: 'rawPublicKey' },
    ],
    ['certificates of a root', { ...x509, trustedRoots: caPem }, { kind: 'x509' }, serverOfRoot, { kind: 'x509' }],
    ['the usage 3', { ...x509, serverCertificate: serverPem }, { kind: 'x509' }, serverOfRoot, { kind: 'x509' }],
    [
      'the usage 2',
      { ...x509, serverCertificate: caPem, certificateUsage: 2 },
      { kind: 'x509' },
      serverOfRoot,
      { kind: 'x509', commonName: ENDPOINT },
    ],
    [
      'the usage 1',
      { ...x509, serverCertificate: serverPem, certificateUsage: 1, trustedRoots: caPem },
      { kind: 'x509' },
      serverOfRoot,
      { kind: 'x509' },
    ],
    [
      'the usage 0',
      { ...x509, serverCertificate: caPem, certificateUsage: 0, trustedRoots: caPem },
      { kind: 'x509' },
      serverOfRoot,
      { kind: 'x509' },
    ],
  ])('with %s', async (_name, security, known, credentials, identity) => {
    const { server, client, identities } = await open(security, known, credentials);
    await client.registered({ signal: AbortSignal.timeout(5_000) });
    expect(identities).toEqual([expect.objectContaining(identity)]);
    const device = await server.device(ENDPOINT);
    expect(await device?.read(Device.manufacturer)).toBe('Acme');
    expect(device?.registration.localUrl).toMatch(/^coaps:/);
    await client.stop();
    expect(await server.device(ENDPOINT)).toBeUndefined();
  });

  test.each<readonly [string, ClientCredentials, DeviceCredentials, ServerCredentials | undefined]>([
    ['another public key', { ...rawPublicKey, serverPublicKey: publicKeyOf(deviceKeyPem) }, knownKey, bareServer],
    ['another name', { ...x509, trustedRoots: caPem, serverName: 'else.example' }, { kind: 'x509' }, serverOfRoot],
    [
      'a certificate that is not the given one',
      { ...x509, serverCertificate: devicePem },
      { kind: 'x509' },
      serverOfRoot,
    ],
    ['a key that the server does not know', rawPublicKey, { kind: 'rawPublicKey', publicKey: key }, bareServer],
    [
      'no root for the device',
      { ...x509, trustedRoots: caPem },
      { kind: 'x509' },
      { ...serverOfRoot, trustedRoots: undefined },
    ],
  ])('not with %s', async (_name, security, known, credentials) => {
    const { server, client } = await open(security, known, credentials);
    const error = await new Promise<LwM2mError>((resolve) => {
      client.on('error', resolve);
    });
    expect(error.code).toBe('server-unreachable');
    expect(await server.device(ENDPOINT)).toBeUndefined();
  });
});

const start = (server: string, security?: ClientCredentials): Promise<LwM2mClient> =>
  LwM2mClient.start({ endpoint: ENDPOINT, server, objects: [], ...(security === undefined ? {} : { security }) });

describe('what does not go together is refused at once', () => {
  test.each<readonly [string, string, ClientCredentials | undefined]>([
    ['coaps without credentials', 'coaps://localhost', undefined],
    ['credentials in the clear', 'coap://localhost', psk],
    ['another scheme', 'https://localhost', psk],
    ['a suite that nobody has', 'coaps://localhost', { ...psk, cipherSuites: [0x1301] }],
    ['certificates without anybody to believe', 'coaps://localhost', x509],
    ['the usage 1 without roots', 'coaps://localhost', { ...x509, serverCertificate: serverPem, certificateUsage: 1 }],
    ['a certificate of another key', 'coaps://localhost', { ...x509, privateKey: serverKeyPem, trustedRoots: caPem }],
  ])('%s', async (_name, server, security) => {
    await expect(start(server, security)).rejects.toBeInstanceOf(TypeError);
  });

  test('a server at coaps without security', async () => {
    await expect(LwM2mServer.listen({ urls: ['coaps://127.0.0.1:0'] })).rejects.toBeInstanceOf(TypeError);
  });
});
