import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CoapEndpoint } from '@motestack/coap/node';
import { ContentFormat, openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLibcoapClient, startLibcoapServer } from '../src/libcoap.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { LARGE_BYTES, pattern } from '../src/pattern.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('libcoap');
const codesOf = (messages: Awaited<ReturnType<typeof runLibcoapClient>>): string[] =>
  messages.filter(({ direction }) => direction === 'received').map(({ code }) => code);

describe.skipIf(!ready)(`libcoap ${version}, bodies in blocks / its client at our server`, () => {
  let server: OurCoapServer;
  let folder: string;
  beforeAll(async () => {
    server = await startOurCoapServer();
    folder = mkdtempSync(join(tmpdir(), 'libcoap-'));
  });
  afterAll(async () => {
    await server?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
  const sent = (seed: number): string => {
    const file = join(folder, `sent-${seed}`);
    writeFileSync(file, pattern(LARGE_BYTES, seed));
    return file;
  };
  const received = (): { readonly file: string; readonly bytes: () => Buffer } => {
    const file = join(folder, 'received');
    rmSync(file, { force: true });
    return { file, bytes: () => readFileSync(file) };
  };

  test.each([
    { block: 16, messages: 625 },
    { block: 128, messages: 79 },
    { block: 1024, messages: 10 },
  ])('GET of 10,000 bytes in blocks of $block', async ({ block, messages }) => {
    const { file, bytes } = received();
    const answers = codesOf(await runLibcoapClient('-b', String(block), '-o', file, `${server.url}/large`));
    expect(bytes()).toEqual(Buffer.from(pattern(LARGE_BYTES)));
    expect(answers).toEqual(Array.from({ length: messages }, () => '2.05'));
  });
  test.each([32, 1024])('PUT of 10,000 bytes in blocks of %i, with a Request-Tag', async (block) => {
    const put = ['-m', 'put', '-b', String(block), '-f', sent(block & 0xff)];
    const messages = await runLibcoapClient(...put, `${server.url}/store`);
    expect(codesOf(messages).at(-1)).toMatch(/^2\.0[14]$/);
    expect(new Set(codesOf(messages).slice(0, -1))).toEqual(new Set(['2.31']));
    expect(messages.filter(({ options }) => options.includes('Request-Tag')).length).toBeGreaterThan(9);
    const { file, bytes } = received();
    await runLibcoapClient('-o', file, `${server.url}/store`);
    expect(bytes()).toEqual(Buffer.from(pattern(LARGE_BYTES, block & 0xff)));
  });
  test('FETCH of 10,000 bytes, and as many in the answer', async () => {
    const { file, bytes } = received();
    await runLibcoapClient('-m', 'fetch', '-b', '256', '-f', sent(7), '-o', file, `${server.url}/echo`);
    expect(bytes()).toEqual(Buffer.from(pattern(LARGE_BYTES, 7)));
  });
  test('notifications of 10,000 bytes', async () => {
    const { file, bytes } = received();
    // -L 3: a body is written once it is whole.
    await runLibcoapClient('-s', '1', '-L', '3', '-o', file, `${server.url}/large-observe`);
    const bodies = bytes();
    expect(bodies.length % LARGE_BYTES).toBe(0);
    expect(bodies.length / LARGE_BYTES).toBeGreaterThan(2);
    for (let start = 0; start < bodies.length; start += LARGE_BYTES)
      expect(bodies.subarray(start, start + LARGE_BYTES)).toEqual(Buffer.from(pattern(LARGE_BYTES, bodies[start])));
  });
  test('an answer that wants an Echo is followed by a request with it', async () => {
    const messages = await runLibcoapClient(`${server.url}/fresh`);
    expect(codesOf(messages)).toEqual(['4.01', '2.05']);
    expect(messages.at(-1)?.payload).toBe('fresh');
  });
});

describe.skipIf(!ready)(`libcoap ${version}, bodies in blocks / our client at its server`, () => {
  let server: Awaited<ReturnType<typeof startLibcoapServer>>;
  beforeAll(async () => {
    server = await startLibcoapServer();
  });
  afterAll(() => server?.stop());
  const withEndpoint = async (blockSzx: number, run: (endpoint: CoapEndpoint) => Promise<void>): Promise<void> => {
    const endpoint = await openCoapEndpoint({ remote: server.url, parameters: { blockSzx } });
    try {
      await run(endpoint);
    } finally {
      await endpoint.close();
    }
  };

  test.each([0, 3, 6])('PUT and GET of 10,000 bytes, SZX %i', (blockSzx) =>
    withEndpoint(blockSzx, async (endpoint) => {
      const caller = ourCaller(endpoint);
      const path = [`large-${blockSzx}`];
      const payload = pattern(LARGE_BYTES, blockSzx);
      const contentFormat = ContentFormat.OctetStream;
      expect((await caller.request({ method: 'PUT', path, payload, contentFormat })).code).toBe('2.01');
      const blocks = Math.ceil(LARGE_BYTES / (16 << blockSzx));
      expect(endpoint.stats().datagramsIn).toBe(blocks);
      const answer = await caller.request({ method: 'GET', path });
      expect(Buffer.from(answer.payload)).toEqual(Buffer.from(payload));
      expect(endpoint.stats().datagramsIn).toBe(2 * blocks);
    }),
  );
  test('notifications of 10,000 bytes', () =>
    withEndpoint(6, async (endpoint) => {
      const caller = ourCaller(endpoint);
      const path = ['large-observed'];
      const put = (seed: number): ReturnType<typeof caller.request> =>
        caller.request({ method: 'PUT', path, payload: pattern(LARGE_BYTES, seed), contentFormat: 42 });
      await put(1);
      const observation = await caller.observe({ method: 'GET', path });
      expect(Buffer.from(observation.first.payload)).toEqual(Buffer.from(pattern(LARGE_BYTES, 1)));
      for (const seed of [2, 3]) {
        await put(seed);
        expect(Buffer.from((await observation.next()).payload)).toEqual(Buffer.from(pattern(LARGE_BYTES, seed)));
      }
      await observation.cancel();
    }));
});
