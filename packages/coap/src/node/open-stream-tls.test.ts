import { connect as connectTls } from 'node:tls';
import { encodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { openStreamClient } from './open-stream.ts';
import { content, later, open, pairOf, peerOf, remoteOf, text } from './streams.fixture.ts';
import { TEST_CLIENT, TEST_OTHER, TEST_ROOT, TEST_SERVER } from './test-keys.fixture.ts';
import type { TlsClientOptions } from './tls-options.ts';

const GET = { method: 'GET', path: ['a'] } as const;
const lost = (message: RegExp) => ({ name: 'ConnectionLostError', message: expect.stringMatching(message) });

async function serverWith(tls: NonNullable<Parameters<typeof open>[0]['tls']>) {
  return open({ url: 'coaps+tcp://127.0.0.1:0', handler: () => content('yes'), tls });
}

/** Asks once, with options of a client. */
async function ask(remote: string, tls: TlsClientOptions): Promise<string> {
  const client = await open({ remote, tls });
  return text((await client.request(peerOf(client), GET)).payload);
}

describe('certificates', () => {
  test('one that leads to no trusted root is refused', async () => {
    const server = await serverWith({ identity: TEST_SERVER });
    await expect(ask(remoteOf(server), {})).rejects.toMatchObject(lost(/unable to|self[- ]signed|verify/));
    expect(await ask(remoteOf(server), { dangerouslyAcceptAnyServer: true })).toBe('yes');
  });

  test('one for another name is refused', async () => {
    const server = await serverWith({ identity: TEST_OTHER });
    await expect(ask(remoteOf(server), { trustedRoots: TEST_ROOT })).rejects.toMatchObject(lost(/altnames/));
  });

  test('the name that is asked for chooses the certificate (SNI)', async () => {
    const server = await serverWith({ identity: TEST_SERVER, identities: { 'other.example': TEST_OTHER } });
    const trustedRoots = [encodeUtf8(TEST_ROOT)];
    expect(await ask(remoteOf(server), { trustedRoots, serverName: 'other.example' })).toBe('yes');
    expect(await ask(remoteOf(server), { trustedRoots })).toBe('yes');
  });

  test('a client without one, where one is required, is refused', async () => {
    const tls = { identity: TEST_SERVER, clientCertificates: 'required', trustedRoots: TEST_ROOT } as const;
    const server = await serverWith(tls);
    await expect(ask(remoteOf(server), { trustedRoots: TEST_ROOT })).rejects.toMatchObject({
      name: 'ConnectionLostError',
    });
    expect(await ask(remoteOf(server), { trustedRoots: TEST_ROOT, identity: TEST_CLIENT })).toBe('yes');
    expect(server.stats().connections).toBeLessThanOrEqual(1);
  });
});

describe('pre-shared keys (RFC 8323 §9.1, RFC 4279)', () => {
  const key = Uint8Array.from({ length: 16 }, (_, index) => index);
  const look = (identity: string) => (identity === 'device' ? key : undefined);

  test('the right key of a known identity', async () => {
    const server = await serverWith({ preSharedKey: look });
    expect(await ask(remoteOf(server), { preSharedKey: { identity: 'device', key } })).toBe('yes');
  });

  test.each([
    ['an unknown identity', { identity: 'somebody', key }],
    ['the wrong key', { identity: 'device', key: key.toReversed() }],
  ])('%s', async (_name, preSharedKey) => {
    const server = await serverWith({ preSharedKey: look });
    await expect(ask(remoteOf(server), { preSharedKey })).rejects.toMatchObject({ name: 'ConnectionLostError' });
  });
});

describe('ALPN (RFC 8323 §8.2)', () => {
  /** How a client that offers these protocols fares. */
  async function fate(port: number, ALPNProtocols: string[] | undefined): Promise<string> {
    const told = later<string>();
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...(ALPNProtocols && { ALPNProtocols }),
    });
    socket.on('data', () => told.resolve('served'));
    socket.on('error', (error) => told.resolve(error.message));
    socket.on('close', () => told.resolve('closed'));
    const outcome = await told.promise;
    socket.destroy();
    return outcome;
  }
  const portOf = (url: string) => Number(url.split(':').at(-1));

  test('coap is served, another protocol and none are refused', async () => {
    const server = await serverWith({ identity: TEST_SERVER });
    const port = portOf(server.localUrl);
    expect(await fate(port, ['h2', 'coap'])).toBe('served');
    expect(await fate(port, ['http/1.1'])).toMatch(/no application protocol/);
    expect(await fate(port, undefined)).toBe('closed');
  });

  test('requiresAlpn: a server that serves those without, as on port 5684', async () => {
    const server = await serverWith({ identity: TEST_SERVER, requiresAlpn: false });
    expect(await fate(portOf(server.localUrl), undefined)).toBe('served');
  });

  async function withoutAlpn(): Promise<{ readonly url: string; close(): Promise<void> }> {
    const { createServer } = await import('node:tls');
    const server = createServer({ cert: String(TEST_SERVER.certificate), key: String(TEST_SERVER.privateKey) });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
    return { url: `coaps+tcp://localhost:${port}`, close };
  }

  test('a client refuses a server that does not choose coap', async () => {
    const server = await withoutAlpn();
    await expect(ask(server.url, { trustedRoots: TEST_ROOT })).rejects.toMatchObject(lost(/ALPN/));
    await server.close();
  });

  test('requiresAlpn: a client that takes a server without, as on port 5684', async () => {
    const server = await withoutAlpn();
    const tls = { trustedRoots: TEST_ROOT, requiresAlpn: false };
    const transport = await openStreamClient({ remote: server.url, tls, reconnect: true });
    await new Promise<void>((resolve, reject) => {
      const disconnected = (_peer: string, cause?: Error): void => reject(cause);
      transport.open({ connected: () => resolve(), bytes: () => {}, disconnected, closed: () => {} });
    });
    await transport.close();
    await server.close();
  });
});

test('a server of TLS lets those be who speak something else', async () => {
  const { server } = await pairOf('coaps+tcp', () => content('yes'));
  await expect(
    open({ remote: remoteOf(server).replace('coaps', 'coap') }).then((client) => client.request(peerOf(client), GET)),
  ).rejects.toMatchObject({ name: 'ConnectionLostError' });
  expect(await ask(remoteOf(server), { trustedRoots: TEST_ROOT })).toBe('yes');
});
