import { connect, type Socket } from 'node:net';
import { encodeUtf8, fromHex } from '@motestack/bytes';
import { expect, test } from 'vitest';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { defaultStreamLimits, resolveStreamLimits } from './stream-limits.ts';
import { content, later, open, peerOf, remoteOf } from './streams.fixture.ts';

const GET = { method: 'GET', path: ['a'] } as const;
const CSM = fromHex('00e1');

/** A client of bytes. */
async function raw(url: string) {
  const [, port] = /:(\d+)$/.exec(url) ?? [];
  const socket: Socket = connect({ host: '127.0.0.1', port: Number(port) });
  const chunks: Uint8Array[] = [];
  const ended = later<void>();
  let onData = () => {};
  socket.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    onData();
  });
  socket.on('error', () => {});
  socket.on('close', () => ended.resolve());
  const received = () => Buffer.concat(chunks);
  /** Waits until so much came. */
  const until = (isEnough: (bytes: Buffer) => boolean) =>
    new Promise<Buffer>((resolve) => {
      onData = () => isEnough(received()) && resolve(received());
      onData();
    });
  return { socket, ended: ended.promise, received, until };
}

test.each(['coap+tcp', 'coap+ws'] as const)('%s: connectionsPerAddressMax and connectionsMax', async (scheme) => {
  for (const limits of [{ connectionsPerAddressMax: 2 }, { connectionsMax: 2 }]) {
    const server = await open({ url: `${scheme}://127.0.0.1:0`, handler: () => content(''), limits });
    const ask = async () => {
      const client = await open({ remote: remoteOf(server) });
      await client.request(peerOf(client), GET);
      return client;
    };
    const first = await ask();
    await ask();
    await expect(ask()).rejects.toMatchObject({ name: 'ConnectionLostError' });
    await first.close();
    await ask();
  }
});

test('handshakeTimeoutMs: a WebSocket whose handshake does not come is cut off', async () => {
  const server = await open({ url: 'coap+ws://127.0.0.1:0', limits: { handshakeTimeoutMs: 20 } });
  const { socket, ended } = await raw(server.localUrl);
  socket.write('GET /.well-known/coap HTTP/1.1\r\n');
  await ended;
  expect(server.stats().connectionsOpened).toBe(0);
});

test('handshakeTimeoutMs: a client that gets no answer is told so', async () => {
  const silent = await open({ url: 'coap+tcp://127.0.0.1:0' });
  const client = await open({
    remote: remoteOf(silent).replace('coap+tcp', 'coaps+tcp'),
    limits: { handshakeTimeoutMs: 20 },
  });
  await expect(client.request(peerOf(client), GET)).rejects.toMatchObject({ name: 'ConnectionLostError' });
});

test('csmTimeoutMs: who says nothing is told why and cut off', async () => {
  const server = await open({ url: 'coap+tcp://127.0.0.1:0', connectionParameters: { csmTimeoutMs: 20 } });
  const { ended, received } = await raw(server.localUrl);
  await ended;
  expect(String(received())).toContain('no CSM in time');
  expect(server.stats()).toMatchObject({ connections: 0, csmTimeouts: 1 });
});

test('what cannot be read is answered with an Abort, and the socket closed', async () => {
  const server = await open({ url: 'coap+tcp://127.0.0.1:0', handler: () => content('') });
  const { socket, ended, received } = await raw(server.localUrl);
  socket.write(Uint8Array.of(...CSM, 0x0f));
  await ended;
  expect(String(received())).toContain('a message cannot be read');
});

test('writeQueueBytesMax: a peer that does not read is at last cut off', async () => {
  const observed = later<ObserverRelation>();
  const gone = later<void>();
  const server = await open({
    url: 'coap+tcp://127.0.0.1:0',
    limits: { writeQueueBytesMax: 100_000 },
    handler: (request) => {
      observed.resolve(request.acceptObserver());
      return content('');
    },
  });
  const { socket } = await raw(server.localUrl);
  // CSM that takes large messages, GET with Observe 0 and token 01.
  socket.write(fromHex('30e1221000' + '1101' + '01' + '60'));
  const relation = await observed.promise;
  relation.signal.addEventListener('abort', () => gone.resolve());
  socket.pause();
  const payload = new Uint8Array(1000);
  // What the system keeps for a socket is more than the limit, and bounded.
  for (let count = 0; count < 20_000 && !relation.signal.aborted; count++) {
    relation.notify({ code: 0x45, payload });
    if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await gone.promise;
  expect(server.stats()).toMatchObject({ connections: 0, observers: 0 });
  socket.destroy();
});

test('closeTimeoutMs: a peer that does not close its side is cut off', async () => {
  const limits = { closeTimeoutMs: 20 };
  const server = await open({ url: 'coap+tcp://127.0.0.1:0', limits });
  const { socket, until } = await raw(server.localUrl);
  socket.allowHalfOpen = true;
  socket.write(CSM);
  await until((bytes) => bytes.length > 0);
  // It waits for every socket to be closed.
  await server.close();
  expect(socket.writable).toBe(true);
  socket.destroy();
});

test('a browser of another page is refused where origins are looked at', async () => {
  const allowsOrigin = (origin: string) => origin === 'https://good.example';
  const server = await open({ url: 'coap+ws://127.0.0.1:0', webSocket: { allowsOrigin } });
  const { socket, ended, received } = await raw(server.localUrl);
  const lines = [
    'GET /.well-known/coap HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: coap',
    'Origin: https://evil.example',
  ];
  socket.write(encodeUtf8(`${lines.join('\r\n')}\r\n\r\n`));
  await ended;
  expect(String(received())).toMatch(/^HTTP\/1\.1 403 /);
});

test('limits have defaults and are positive integers', () => {
  expect(resolveStreamLimits()).toEqual(defaultStreamLimits);
  expect(() => resolveStreamLimits({ connectionsMax: 0 })).toThrow(RangeError);
  expect(() => resolveStreamLimits({ writeQueueBytesMax: 1.5 })).toThrow(RangeError);
});
