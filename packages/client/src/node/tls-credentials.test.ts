import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type ClientCredentials, type CoapEndpoint, formatCode } from '@motestack/coap';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterEach, describe, expect, test } from 'vitest';
import { dtlsCredentials } from './dtls-credentials.ts';
import { caPem, deviceKeyPem, devicePem, serverKeyPem, serverPem } from './test-keys.fixture.ts';
import { tlsCredentials } from './tls-credentials.ts';

const opened: CoapEndpoint[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

const derOf = (pem: string): Uint8Array => new Uint8Array(new X509Certificate(pem).raw);
const keyOf = (pem: string): Uint8Array =>
  new Uint8Array(createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' }));
const own = { kind: 'x509', privateKey: keyOf(deviceKeyPem), certificates: [derOf(devicePem)] } as const;

/** Asks a server whose certificate is of the authority `caPem`. */
async function ask(scheme: string, credentials: ClientCredentials): Promise<string> {
  const server = await openCoapEndpoint({
    url: `${scheme}://127.0.0.1:0`,
    tls: {
      identity: { certificate: [derOf(serverPem)], privateKey: keyOf(serverKeyPem) },
      trustedRoots: [derOf(caPem)],
      clientCertificates: 'required',
    },
    handler: () => ({ code: 0x45 }),
  });
  opened.push(server);
  const remote = server.localUrl.replace('127.0.0.1', 'localhost');
  const client = await openCoapEndpoint({ remote, tls: tlsCredentials(credentials, 'localhost') });
  opened.push(client);
  if (client.remote === undefined) throw new Error('not connected');
  return formatCode((await client.request(client.remote, { method: 'GET' })).code);
}

describe.each(['coaps+tcp', 'coaps+ws'])('certificate usages over %s, everything in DER as in object 0', (scheme) => {
  const given = derOf(serverPem);
  const trustedRoots = [derOf(caPem)];
  test.each<readonly [string, Partial<ClientCredentials>]>([
    ['roots alone', { trustedRoots }],
    ['3: its own certificate, and that is enough', { serverCertificate: given }],
    ['3, by its number', { serverCertificate: given, certificateUsage: 3 }],
    ['2: the root that was given', { serverCertificate: derOf(caPem), certificateUsage: 2 }],
    ['1: its own, with a path to a root', { serverCertificate: given, certificateUsage: 1, trustedRoots }],
    ['0: the authority in its path', { serverCertificate: derOf(caPem), certificateUsage: 0, trustedRoots }],
  ])('%s: it is believed', async (_name, more) => {
    expect(await ask(scheme, { ...own, ...more } as ClientCredentials)).toBe('2.05');
  });

  const other = derOf(devicePem);
  test.each<readonly [string, Partial<ClientCredentials>]>([
    ['3: the certificate of another', { serverCertificate: other }],
    ['2: a root that issued nothing', { serverCertificate: other, certificateUsage: 2 }],
    [
      '1: the certificate of another, though there is a path',
      { serverCertificate: other, certificateUsage: 1, trustedRoots },
    ],
    ['0: an authority that is not in the path', { serverCertificate: other, certificateUsage: 0, trustedRoots }],
    ['another name', { trustedRoots, serverName: 'other.example' }],
  ])('%s: it is refused', async (_name, more) => {
    await expect(ask(scheme, { ...own, ...more } as ClientCredentials)).rejects.toMatchObject({
      name: 'ConnectionLostError',
    });
  });
});

test('0 and 1 need roots', () => {
  const constraint = { ...own, serverCertificate: derOf(serverPem) };
  for (const certificateUsage of [0, 1] as const)
    expect(() => tlsCredentials({ ...constraint, certificateUsage }, 'localhost')).toThrow(TypeError);
});

test('a server is asked for by its name, over TLS and DTLS alike, and never by an address (RFC 6066 §3)', () => {
  const credentials = { ...own, trustedRoots: caPem };
  for (const make of [tlsCredentials, dtlsCredentials]) {
    expect(make(credentials, 'localhost').serverName).toBe('localhost');
    expect(make({ ...credentials, serverName: 'other.example' }, '127.0.0.1').serverName).toBe('other.example');
    expect(make(credentials, '127.0.0.1').serverName).toBeUndefined();
    expect(make(credentials, '::1').serverName).toBeUndefined();
  }
});
