import { type CoapEndpoint, openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OpensslCertificates } from '../dtls/openssl-certificates.ts';
import { runLibcoapBuild, startLibcoapServer } from '../src/libcoap.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('libcoap');
const isReady = ready && readinessOf('openssl').ready;
const identity = 'device-1';
const secret = 'sixteen-byte-key';
const key = Buffer.from(secret);
/** With pre-shared keys it negotiates no protocol, as RFC 8323 §8.2 wants on every port but 5684; with certificates it does. */
const requiresAlpn = false;

let certificates: OpensslCertificates;
let server: OurCoapServer | undefined;
let peer: Awaited<ReturnType<typeof startLibcoapServer>> | undefined;
let client: CoapEndpoint | undefined;
beforeAll(() => {
  certificates = new OpensslCertificates();
});
afterAll(() => certificates?.remove());
afterEach(async () => {
  await client?.close();
  await server?.close();
  await peer?.stop();
  [client, server, peer] = [undefined, undefined, undefined];
});

const ours = (tls: NonNullable<Parameters<typeof openCoapEndpoint>[0]>['tls']): Promise<OurCoapServer> =>
  startOurCoapServer({ endpoint: { url: 'coaps+tcp://127.0.0.1:0', tls } });
const codes = async (...args: readonly string[]): Promise<string[]> =>
  (await runLibcoapBuild('openssl', ['-B', '5', ...args]))
    .filter(({ direction, code }) => direction === 'received' && code !== 'CSM')
    .map(({ code }) => code);
const file = (name: string): string => certificates.path(name);
const identityOf = (name: string): { certificate: string; privateKey: string } => ({
  certificate: certificates.text(`${name}.pem`),
  privateKey: certificates.text(`${name}.key`),
});

describe.skipIf(!isReady)(`libcoap ${version} on OpenSSL, TLS / its client at our server`, () => {
  const preSharedKey = (name: string): Uint8Array | undefined => (name === identity ? key : undefined);

  test('a pre-shared key; GET, and 10,000 bytes', async () => {
    server = await ours({ preSharedKey, requiresAlpn });
    const psk = ['-u', identity, '-k', secret];
    expect(await codes(...psk, `${server.url}/hello`)).toEqual(['2.05']);
    expect(await codes(...psk, '-o', '/dev/null', `${server.url}/large`)).toEqual(['2.05']);
  });
  test.each([
    ['key', identity, 'another-byte-key'],
    ['identity', 'device-2', secret],
  ])('another %s gets nothing', async (_, name, wrong) => {
    server = await ours({ preSharedKey, requiresAlpn });
    expect(await codes('-u', name, '-k', wrong, `${server.url}/hello`)).toEqual([]);
  });
  test('X.509 on both sides', async () => {
    const trustedRoots = [certificates.text('ca.pem')];
    server = await ours({ identity: identityOf('server'), trustedRoots, clientCertificates: 'required' });
    const own = ['-c', file('device.pem'), '-j', file('device.key'), '-C', file('ca.pem')];
    expect(await codes(...own, `${server.url}/hello`)).toEqual(['2.05']);
    expect(await codes('-R', file('ca.pem'), `${server.url}/hello`)).toEqual([]);
  });
});

describe.skipIf(!isReady)(`libcoap ${version} on OpenSSL, TLS / our client at its server`, () => {
  test('a pre-shared key', async () => {
    peer = await startLibcoapServer({ network: 'tcp', build: 'openssl', args: ['-k', secret, '-h', ''] });
    client = await openCoapEndpoint({ remote: peer.tlsUrl, tls: { preSharedKey: { identity, key }, requiresAlpn } });
    const answer = await ourCaller(client).request({ method: 'GET', path: [] });
    expect(Buffer.from(answer.payload).toString()).toContain('libcoap');
  });
  test('X.509 on both sides', async () => {
    const args = ['-c', file('server.pem'), '-j', file('server.key'), '-C', file('ca.pem')];
    peer = await startLibcoapServer({ network: 'tcp', build: 'openssl', args });
    const trustedRoots = [certificates.text('ca.pem')];
    const tls = { trustedRoots, identity: identityOf('device'), serverName: 'server.example' };
    client = await openCoapEndpoint({ remote: peer.tlsUrl, tls });
    expect((await ourCaller(client).request({ method: 'GET', path: [] })).code).toBe('2.05');
  });
  test('a server of another name is refused', async () => {
    const args = ['-c', file('server.pem'), '-j', file('server.key'), '-n'];
    peer = await startLibcoapServer({ network: 'tcp', build: 'openssl', args });
    const tls = { trustedRoots: [certificates.text('ca.pem')], serverName: 'other.example' };
    client = await openCoapEndpoint({ remote: peer.tlsUrl, tls });
    await expect(ourCaller(client).request({ method: 'GET', path: [] })).rejects.toThrow(/other\.example/);
  });
});
