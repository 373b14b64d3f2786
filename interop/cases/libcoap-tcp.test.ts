import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8 } from '@motestack/bytes';
import { CoapStreamEndpoint, ContentFormat, openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delay, eventually } from '../src/eventually.ts';
import { type LibcoapMessage, runLibcoapClient, startLibcoapServer } from '../src/libcoap.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { pattern } from '../src/pattern.ts';
import { readinessOf } from '../src/readiness.ts';
import { remoteOf } from '../src/remote-of.ts';

const { ready, version } = readinessOf('libcoap');
/** More than one message of ours, whose Max-Message-Size is 16,896. */
const BODY_BYTES = 150_000;
/** Longer than libcoap's client waits before it sends a Ping. */
const QUIET_MS = 1800;

const body = (seed: number): Uint8Array =>
  Uint8Array.from({ length: BODY_BYTES }, (_, at) => at * 7 + (at >> 8) + seed);
const withCode = (messages: readonly LibcoapMessage[], code: RegExp): LibcoapMessage[] =>
  messages.filter((message) => code.test(message.code));

describe.skipIf(!ready)(`libcoap ${version}, TCP / its client at our server`, () => {
  let server: OurCoapServer;
  let folder: string;
  beforeAll(async () => {
    server = await startOurCoapServer({ network: 'tcp' });
    folder = mkdtempSync(join(tmpdir(), 'libcoap-tcp-'));
  });
  afterAll(async () => {
    await server?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
  const run = (path: string, ...args: readonly string[]): Promise<LibcoapMessage[]> =>
    runLibcoapClient(...args, `${server.url}/${path}`);
  const answers = async (path: string, ...args: readonly string[]): Promise<LibcoapMessage[]> =>
    (await run(path, ...args)).filter(({ direction, code }) => direction === 'received' && code !== 'CSM');

  test('both sides begin with a CSM; GET', async () => {
    const messages = await run('hello');
    expect(messages.map(({ direction, code }) => `${direction} ${code}`)).toEqual([
      'sent CSM',
      'received CSM',
      'sent GET',
      'received 2.05',
    ]);
    expect(messages[1]?.options).toBe('Max-Message-Size:65024, Block-Wise-Transfer:');
    expect(messages[3]).toMatchObject({ options: 'Content-Format:text/plain', payload: 'hello' });
  });
  test('PUT, POST, GET, DELETE; 4.04; 4.05', async () => {
    await run('store', '-m', 'delete');
    expect(await answers('store', '-m', 'put', '-e', 'one')).toMatchObject([{ code: '2.01' }]);
    expect(await answers('store', '-m', 'post', '-e', '+2')).toMatchObject([{ code: '2.04', payload: 'one+2' }]);
    expect(await answers('store')).toMatchObject([{ code: '2.05', payload: 'one+2' }]);
    expect(await answers('store', '-m', 'delete')).toMatchObject([{ code: '2.02' }]);
    expect(await answers('store')).toMatchObject([{ code: '4.04' }]);
    expect(await answers('hello', '-m', 'delete')).toMatchObject([{ code: '4.05' }]);
  });
  test('150,000 bytes there by BERT, in blocks of 63 units, and back', async () => {
    const [there, back] = [join(folder, 'there'), join(folder, 'back')];
    writeFileSync(there, body(1));
    const put = withCode(await run('store', '-m', 'put', '-f', there), /^PUT$/);
    expect(put.map(({ options }) => /Block1:\S+/.exec(options)?.[0])).toEqual([
      'Block1:0/M/BERT(64512),',
      'Block1:63/M/BERT(64512),',
      'Block1:126/_/BERT(20976),',
    ]);
    expect(await answers('store', '-o', back)).toHaveLength(3);
    expect(readFileSync(back)).toEqual(Buffer.from(body(1)));
  });
  test.each([
    { size: 1152, units: 1, szx: '1024' },
    { size: 3000, units: 2, szx: 'BERT(2048)' },
    { size: 9000, units: 8, szx: 'BERT(8192)' },
  ])('GET of 10,000 bytes for a client that takes messages of $size bytes', async ({ size, units, szx }) => {
    const back = join(folder, 'back');
    const blocks = await answers('large', '-X', String(size), '-o', back);
    expect(blocks[0]?.options).toContain(`Block2:0/M/${szx}`);
    expect(blocks).toHaveLength(Math.ceil(10_000 / 1024 / units));
    expect(readFileSync(back)).toEqual(Buffer.from(pattern(10_000)));
  });
  test('PUT in blocks of 512 bytes, which it wants small', async () => {
    const there = join(folder, 'there');
    writeFileSync(there, pattern(10_000, 3));
    expect(withCode(await run('store', '-m', 'put', '-b', '512', '-f', there), /^2/).map(({ code }) => code)).toEqual([
      ...Array.from({ length: 19 }, () => '2.31'),
      '2.04',
    ]);
  });
  test('observe, cancelled by GET with Observe 1', async () => {
    const notified = withCode(await run('observe', '-s', '1'), /^2.05$/);
    expect(notified.length).toBeGreaterThan(3);
    const numbers = notified.map(({ payload }) => Number(payload));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    await eventually('the observer is forgotten', () => server.observers.size === 0);
  });
  test('its Ping gets a Pong', async () => {
    const handler = (): Promise<{ code: number }> => delay(QUIET_MS).then(() => ({ code: 0x45 }));
    const quiet = await openCoapEndpoint({ url: 'coap+tcp://127.0.0.1:0', handler });
    const messages = await runLibcoapClient('-K', '1', `${quiet.localUrl}/`);
    await quiet.close();
    expect(messages.map(({ direction, code }) => `${direction} ${code}`)).toEqual(
      expect.arrayContaining(['sent Ping', 'received Pong', 'received 2.05']),
    );
  });
});

describe.skipIf(!ready)(`libcoap ${version}, TCP / our client at its server`, () => {
  let server: Awaited<ReturnType<typeof startLibcoapServer>>;
  let endpoint: CoapStreamEndpoint;
  const open = async (url: string): Promise<CoapStreamEndpoint> => {
    const opened = await openCoapEndpoint({ remote: url });
    if (opened instanceof CoapStreamEndpoint) return opened;
    throw new Error('not over a connection');
  };
  beforeAll(async () => {
    server = await startLibcoapServer({ network: 'tcp' });
    endpoint = await open(server.url);
  });
  afterAll(async () => {
    await endpoint?.close();
    await server?.stop();
  });
  const contentFormat = ContentFormat.OctetStream;

  test('PUT, GET, PUT, POST, GET, DELETE, GET', async () => {
    const caller = ourCaller(endpoint);
    const path = ['kept'];
    const payload = encodeUtf8('one');
    const codes: string[] = [];
    for (const method of ['PUT', 'GET', 'PUT', 'GET', 'DELETE', 'GET'] as const) {
      codes.push((await caller.request({ method, path, ...(method === 'PUT' ? { payload } : {}) })).code);
    }
    expect(codes).toEqual(['2.01', '2.05', '2.04', '2.05', '2.02', '4.04']);
    expect(endpoint.capabilities(remoteOf(endpoint))).toMatchObject({ messageSizeMax: 8_388_864, bert: true });
  });
  test('150,000 bytes there and back', async () => {
    const caller = ourCaller(endpoint);
    const path = ['long'];
    expect((await caller.request({ method: 'PUT', path, payload: body(2), contentFormat })).code).toBe('2.01');
    const before = endpoint.stats().messagesIn;
    expect(Buffer.from((await caller.request({ method: 'GET', path })).payload)).toEqual(Buffer.from(body(2)));
    // It cuts what is longer than our Max-Message-Size: 150,000 bytes in blocks of 63 units.
    expect(endpoint.stats().messagesIn - before).toBe(3);
  });
  test.each([1152, 3000])('150,000 bytes for a server that takes messages of %i bytes', async (size) => {
    const small = await startLibcoapServer({ network: 'tcp', args: ['-X', String(size)] });
    const client = await open(small.url);
    const caller = ourCaller(client);
    const path = ['long'];
    try {
      await client.ping(remoteOf(client)); // what it says of itself is known from then on
      expect((await caller.request({ method: 'PUT', path, payload: body(3), contentFormat })).code).toBe('2.01');
      expect(client.stats().blocksOut).toBe(Math.ceil(BODY_BYTES / (size === 1152 ? 1024 : 2048)));
      expect(Buffer.from((await caller.request({ method: 'GET', path })).payload)).toEqual(Buffer.from(body(3)));
    } finally {
      await client.close();
      await small.stop();
    }
  });
  test('an answer that takes its time; observe, cancelled', async () => {
    const caller = ourCaller(endpoint);
    const later = await caller.request({ method: 'GET', path: ['async'], query: ['1'] });
    expect(Buffer.from(later.payload).toString()).toBe('done');
    const observation = await caller.observe({ method: 'GET', path: ['time'] });
    const first = (await observation.next()).payload;
    expect((await observation.next()).payload).not.toEqual(first);
    await observation.cancel();
    expect(endpoint.stats().observations).toBe(0);
  });
  test('Ping; Release ends the connection, and the next request makes another', async () => {
    const client = await open(server.url);
    const peer = remoteOf(client);
    await client.ping(peer);
    client.release(peer);
    await eventually('the connection is closed', () => client.stats().connectionsLost === 1);
    expect((await ourCaller(client).request({ method: 'GET', path: [] })).code).toBe('2.05');
    expect(client.stats().connectionsOpened).toBe(2);
    await client.close();
  });
});
