import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { afterEach, describe, expect, test } from 'vitest';
import { type CoapEndpoint, type OpenCoapEndpointOptions, openCoapEndpoint, peerIdOf, resolvePeer } from './index.ts';

const open: CoapEndpoint[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
});

async function endpoint(options: OpenCoapEndpointOptions = {}): Promise<CoapEndpoint> {
  const opened = await openCoapEndpoint(options);
  open.push(opened);
  return opened;
}

const echo = (peers: string[] = []): OpenCoapEndpointOptions => ({
  handler: ({ peer, path }) => {
    peers.push(peer);
    return { code: 0x45, payload: encodeUtf8(path.join('/')) };
  },
});
const portOf = ({ localUrl }: CoapEndpoint): number => Number(/\d+$/.exec(localUrl)?.[0]);

describe.each([
  ['IPv4', 'coap://127.0.0.1:0', '127.0.0.1', /^127\.0\.0\.1:\d+$/],
  ['IPv6', 'coap://[::1]:0', '[::1]', /^\[::1\]:\d+$/],
  ['IPv4 on a socket of both', 'coap://[::]:0', '127.0.0.1', /^127\.0\.0\.1:\d+$/],
  ['IPv6 on a socket of both', 'coap://[::]:0', '[::1]', /^\[::1\]:\d+$/],
])('%s', (_name, url, host, expectedPeer) => {
  test.each([true, false])('a request and its answer, connected: %s', async (isConnected) => {
    const peers: string[] = [];
    const server = await endpoint({ ...echo(peers), url });
    const target = `coap://${host}:${portOf(server)}`;
    const client = await endpoint(isConnected ? { remote: target } : {});
    expect(client.remote).toBe(isConnected ? await resolvePeer(target) : undefined);
    const response = await client.request(await resolvePeer(target), { method: 'GET', path: ['a', 'b'] });
    expect(decodeUtf8(response.payload)).toBe('a/b');
    expect(response.peer).toBe(`${host}:${portOf(server)}`);
    expect(peers).toEqual([expect.stringMatching(expectedPeer)]);
    // The server can ask back: the name that it knows the peer by is one to send to.
    client.setHandler(() => ({ code: 0x44 }));
    expect((await server.request(peers[0] ?? '', { method: 'POST' })).code).toBe(0x44);
  });
});

test('the same client through IPv4 and through an IPv6-mapped address is one peer', async () => {
  const peers: string[] = [];
  const server = await endpoint({ ...echo(peers), url: 'coap://[::]:0' });
  const client = await endpoint({ url: 'coap://[::]:0' });
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1']) {
    await client.request(peerIdOf(address, portOf(server)), { method: 'GET' });
  }
  expect(new Set(peers)).toEqual(new Set([`127.0.0.1:${portOf(client)}`]));
});

test('a connected client hears at once that nobody listens', async () => {
  const server = await endpoint({ url: 'coap://127.0.0.1:0' });
  const { localUrl } = server;
  await server.close();
  const client = await endpoint({ remote: localUrl });
  const peer = client.remote ?? '';
  await expect(client.request(peer, { method: 'GET' })).rejects.toMatchObject({
    code: 'peer-unreachable',
    cause: { code: 'ECONNREFUSED' },
  });
  // And again: the socket is not broken by it.
  await expect(client.request(peer, { method: 'GET' })).rejects.toMatchObject({ code: 'peer-unreachable' });
});

test('an address that cannot be sent to ends the request at once', async () => {
  const client = await endpoint({ url: 'coap://127.0.0.1:0' });
  await expect(client.request('[2001:db8::1]:5683', { method: 'GET' })).rejects.toMatchObject({
    code: 'peer-unreachable',
  });
  await expect(client.request('127.0.0.1:0', { method: 'GET' })).rejects.toMatchObject({ code: 'peer-unreachable' });
});

test('what is no peer of the socket ends the request at once, and nothing is sent', async () => {
  const server = await endpoint({ ...echo(), url: 'coap://127.0.0.1:0' });
  const unconnected = await endpoint({ url: 'coap://127.0.0.1:0' });
  const connected = await endpoint({ remote: server.localUrl });
  for (const [client, peer] of [
    [unconnected, '127.0.0.1'], // the port was forgotten
    [connected, unconnected.localUrl.replace('coap://', '')],
  ] as const) {
    await expect(client.request(peer, { method: 'GET' })).rejects.toMatchObject({
      code: 'peer-unreachable',
      cause: { name: 'TypeError' },
    });
    expect(client.stats()).toMatchObject({ clientExchanges: 0, transmissions: 0 });
  }
  expect(server.stats().datagramsIn).toBe(0);
});

test('junk is survived, and answered only where the RFC says so', async () => {
  const server = await endpoint({ ...echo(), url: 'coap://127.0.0.1:0' });
  const socket = createSocket('udp4');
  const answers: string[] = [];
  socket.on('message', (bytes) => answers.push(bytes.toString('hex')));
  const junk = ['', '00', '40', 'ffffffff', '49010001', '40010002ff', '600100ff', '7045000000', '500100030f'];
  for (const hex of [...junk, '00'.repeat(2000), 'ff'.repeat(9000)]) {
    await new Promise((done) => socket.send(Buffer.from(hex, 'hex'), portOf(server), '127.0.0.1', done));
  }
  const client = await endpoint({ remote: server.localUrl });
  expect((await client.request(client.remote ?? '', { method: 'GET' })).code).toBe(0x45);
  socket.close();
  expect(answers).toEqual(['70000001', '70000002']);
  expect(server.stats()).toMatchObject({ oversized: 1, datagramsIn: junk.length + 3 });
});

test('300 requests at once, each gets its own answer', async () => {
  const server = await endpoint({ ...echo(), url: 'coap://127.0.0.1:0' });
  const client = await endpoint({
    remote: server.localUrl,
    parameters: { queueMax: 300, clientExchangesPerPeerMax: 300 },
  });
  const numbers = Array.from({ length: 300 }, (_, number) => String(number));
  const responses = await Promise.all(
    numbers.map((number) => client.request(client.remote ?? '', { method: 'GET', path: [number] })),
  );
  expect(responses.map(({ payload }) => decodeUtf8(payload))).toEqual(numbers);
});

test('200 notifications at once arrive, all and in order: they are not sent faster than they are read', async () => {
  const server = await endpoint({
    url: 'coap://127.0.0.1:0',
    handler: (request) => {
      const relation = request.acceptObserver();
      setImmediate(() => {
        for (let value = 1; value <= 200; value++) {
          relation.notify({ code: 0x45, payload: Uint8Array.of(value) }, { confirmable: false });
        }
      });
      return { code: 0x45, payload: Uint8Array.of(0) };
    },
  });
  const client = await endpoint({ remote: server.localUrl });
  const values: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const onNotification = ({ payload }: { readonly payload: Uint8Array }): void => {
      values.push(payload[0] ?? 0);
      if (payload[0] === 200) resolve();
    };
    client.observe(client.remote ?? '', { method: 'GET' }, { onNotification, onEnd: reject }).catch(reject);
  });
  expect(values).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});

describe('what cannot be opened', () => {
  test('a port that is taken', async () => {
    const { localUrl } = await endpoint({ url: 'coap://127.0.0.1:0' });
    await expect(openCoapEndpoint({ url: localUrl })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('another scheme', async () => {
    await expect(openCoapEndpoint({ url: 'coaps://127.0.0.1:0' })).rejects.toBeInstanceOf(TypeError);
  });

  test('no URL', async () => {
    await expect(openCoapEndpoint({ url: '127.0.0.1' })).rejects.toMatchObject({ name: 'DecodeError' });
  });

  test('a parameter that is forbidden', async () => {
    await expect(openCoapEndpoint({ parameters: { nstart: 0 } })).rejects.toBeInstanceOf(RangeError);
  });
});

test('the process ends by itself after close()', async () => {
  const script = fileURLToPath(new URL('./exits.fixture.ts', import.meta.url));
  const run = promisify(execFile)(process.execPath, ['--conditions=@motestack/source', '--import', 'tsx', script], {
    timeout: 12_000,
  });
  expect((await run).stdout).toBe('69 EndpointClosedError\n');
});
