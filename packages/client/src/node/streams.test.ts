import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { fromHex } from '@motestack/bytes';
import type { ClientCredentials } from '@motestack/coap';
import { Device, Temperature } from '@motestack/objects';
import { type DeviceCredentials, InMemorySecurityStore, LwM2mServer } from '@motestack/server/node';
import { afterEach, describe, expect, test } from 'vitest';
import { LwM2mClient, type LwM2mError, type ServerAccount } from './index.ts';
import { caPem, deviceKeyPem, devicePem, serverKeyPem, serverPem } from './test-keys.fixture.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((open) => open.close()));
});

const ENDPOINT = 'thermometer';
const key = fromHex('000102030405060708090a0b0c0d0e0f');
const psk: ClientCredentials = { kind: 'psk', identity: 'mine', key };
const x509: ClientCredentials = {
  kind: 'x509',
  privateKey: deviceKeyPem,
  certificates: devicePem,
  trustedRoots: caPem,
};
const asDer: ClientCredentials = {
  kind: 'x509',
  privateKey: new Uint8Array(createPrivateKey(deviceKeyPem).export({ format: 'der', type: 'sec1' })),
  certificates: [new Uint8Array(new X509Certificate(devicePem).raw)],
  trustedRoots: [new Uint8Array(new X509Certificate(caPem).raw)],
};
const credentials = { privateKey: serverKeyPem, certificates: serverPem, trustedRoots: caPem };

async function listen(scheme: string, known: DeviceCredentials | undefined): Promise<LwM2mServer> {
  const isCertificate = known?.kind === 'x509';
  const server = await LwM2mServer.listen({
    urls: [`${scheme}://127.0.0.1:0`],
    ...(known === undefined
      ? {}
      : { security: new InMemorySecurityStore([{ endpoint: ENDPOINT, credentials: known }]) }),
    ...(isCertificate ? { credentials } : {}),
  });
  closing.push(server);
  return server;
}

async function start(account: ServerAccount, objects = [Temperature.instance({ sensorValue: 21.5 })]) {
  const device = Device.instance({ manufacturer: 'Acme', reboot: () => undefined });
  const client = await LwM2mClient.start({ endpoint: ENDPOINT, server: account, objects: [device, ...objects] });
  closing.push(client);
  return client;
}

const uriOf = (server: LwM2mServer): string => (server.urls[0] ?? '').replace('127.0.0.1', 'localhost');

describe('a device over TCP, TLS and WebSocket', () => {
  test.each<readonly [string, ClientCredentials | undefined, DeviceCredentials | undefined]>([
    ['coap+tcp', undefined, undefined],
    ['coap+ws', undefined, undefined],
    ['coaps+tcp', psk, { kind: 'psk', identity: 'mine', key }],
    ['coaps+tcp', x509, { kind: 'x509', commonName: ENDPOINT }],
    ['coaps+tcp', asDer, { kind: 'x509', commonName: ENDPOINT }],
    ['coaps+ws', psk, { kind: 'psk', identity: 'mine', key }],
  ])('[int-106] %s with %o registers, is read and observed', async (scheme, security, known) => {
    const server = await listen(scheme, known);
    const client = await start({ uri: uriOf(server), ...(security === undefined ? {} : { security }) });
    await client.registered();
    const device = await server.device(ENDPOINT);
    expect(device?.registration.binding).toBe('T');
    expect(await device?.read(Temperature.sensorValue)).toBe(21.5);
    const seen: number[] = [];
    for await (const celsius of device?.observe(Temperature.sensorValue) ?? []) {
      seen.push(celsius);
      if (seen.length === 2) break;
      client.set(Temperature.sensorValue, 22);
    }
    expect(seen).toEqual([21.5, 22]);
    await client.stop();
    expect(await server.device(ENDPOINT)).toBeUndefined();
  });

  test('a connection that is lost is followed by another registration', async () => {
    const server = await listen('coap+tcp', undefined);
    const uri = uriOf(server);
    const client = await start({ uri });
    await client.registered();
    const states: string[] = [];
    client.on('state', (state) => void states.push(state));
    const { port } = new URL(uri);
    await server.close();
    const again = await LwM2mServer.listen({ urls: [`coap+tcp://127.0.0.1:${port}`] });
    closing.push(again);
    const registered = new Promise((resolve) => again.on('registered', resolve));
    await registered;
    expect(states.slice(0, 2)).toEqual(['waiting', 'registering']);
  }, 15_000);

  test('a port where nobody listens is unreachable, whatever the transport', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const address = free.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => free.close(resolve));
    const client = await start({ uri: `coap+tcp://127.0.0.1:${port}` });
    const error = await new Promise<LwM2mError>((resolve) => client.on('error', resolve));
    expect(error.code).toBe('server-unreachable');
  });

  test.each<readonly [string, ClientCredentials | undefined]>([
    ['coaps+tcp://localhost', undefined],
    ['coap+tcp://localhost', psk],
    ['coaps+tcp://localhost', { kind: 'rawPublicKey', privateKey: serverKeyPem, serverPublicKey: key }],
    ['coaps+tcp://localhost', { kind: 'x509', privateKey: deviceKeyPem, certificates: devicePem }],
    ['coaps+tcp://localhost', { ...x509, privateKey: key }],
    ['mqtt://localhost', undefined],
  ])('%s with %o is refused when it is started', async (uri, security) => {
    await expect(start({ uri, ...(security === undefined ? {} : { security }) })).rejects.toThrow(TypeError);
  });

  test('a binding without a transport is refused by name (Core 1.2 §6.2.1.2)', async () => {
    const server = await listen('coap', undefined);
    const client = await start({ uri: uriOf(server) });
    await client.registered();
    const device = await server.device(ENDPOINT);
    await expect(device?.write('/1/0/7', 'S')).rejects.toMatchObject({
      responseCode: '4.00',
      diagnostic: 'binding S (SMS) needs a transport that is not here',
    });
    await device?.write('/1/0/7', 'UT');
    expect(await device?.read('/3/0/16')).toBe('UT');
  });
});
