import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, describe, expect, test } from 'vitest';
import { openWebSocketClient } from '../browser/index.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { content, open } from './streams.fixture.ts';

/** What a page does: asks, sends more than one message holds, observes, and ends. */
const PAGE = `
import { openWebSocketClient } from '@motestack/coap/browser';
const client = openWebSocketClient(process.argv[2]);
const told = [(await client.get('/hello')).text()];
told.push((await client.post('/length', new Uint8Array(100_000))).text());
await client.ping();
for await (const response of client.observe('/count')) {
  told.push(response.text());
  if (told.length === 5) break;
}
await client.close();
console.log(JSON.stringify(told));
`;

async function bundled(): Promise<string> {
  const bundle = await build({
    stdin: { contents: PAGE, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    minify: true,
    conditions: ['@motestack/source'],
    logLevel: 'silent',
  });
  return bundle.outputFiles[0]?.text ?? '';
}

/** Node has the standard WebSocket from 22; 20 has the same behind a flag. */
function run(file: string, url: string): Promise<string> {
  const flags = typeof WebSocket === 'undefined' ? ['--experimental-websocket', '--no-warnings'] : [];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, file, url], { timeout: 15_000 });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(output.trim()));
  });
}

const relations: ObserverRelation[] = [];
afterEach(() => void relations.splice(0));

function handle(request: CoapRequest) {
  const [path] = request.path;
  if (path === 'length') return content(String(request.payload.length));
  if (path === 'hello') return content('hello');
  const relation = request.acceptObserver();
  relations.push(relation);
  for (const value of ['1', '2']) setImmediate(() => relation.notify(content(value)));
  return content('0');
}

describe('a client in a browser', () => {
  test('its bundle knows no platform but the web, and talks to our server', async () => {
    const code = await bundled();
    expect(code).not.toMatch(/node:|\brequire\(|setImmediate/);
    const server = await open({ url: 'coap+ws://127.0.0.1:0', handler: handle });
    const folder = mkdtempSync(join(tmpdir(), 'browser-bundle-'));
    try {
      const file = join(folder, 'page.mjs');
      writeFileSync(file, code);
      expect(JSON.parse(await run(file, server.localUrl))).toEqual(['hello', '100000', '0', '1', '2']);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(server.stats()).toMatchObject({ connectionsOpened: 1, observers: 0 });
  });

  test('without a WebSocket, and of another scheme: a TypeError', () => {
    const newSocket = (): never => {
      throw new TypeError('no socket');
    };
    expect(() => openWebSocketClient('coap+ws://localhost', { newSocket })).toThrow('no socket');
    expect(() => openWebSocketClient('coap+tcp://localhost', { newSocket })).toThrow(
      'coap+tcp:// is not for a WebSocket',
    );
  });

  test.each([
    ['coap+ws://localhost/base', 'ws://localhost:80/.well-known/coap'],
    ['coaps+ws://example.com:8443', 'wss://example.com:8443/.well-known/coap'],
    ['coap+ws://[::1]:5000', 'ws://[::1]:5000/.well-known/coap'],
  ])('%s is %s, with the subprotocol coap (RFC 8323 §8.3, §8.4)', (url, expected) => {
    const asked: string[] = [];
    const newSocket = (...words: string[]): never => {
      asked.push(...words);
      throw new Error('asked');
    };
    expect(() => openWebSocketClient(url, { newSocket })).toThrow('asked');
    expect(asked).toEqual([expected, 'coap']);
  });
});
