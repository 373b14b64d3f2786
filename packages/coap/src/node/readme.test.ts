import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Inside the package, so that the programs find it by its name. */
const folder = fileURLToPath(new URL('../../.tsbuild/readme/', import.meta.url));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '');

/** What the parts of programs use that the programs before them have made. */
const PRELUDE = `import type { CoapClient } from '@motestack/coap/node';
declare const client: CoapClient;
`;
const CONDITION = '@motestack/source';

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
});

describe('the README', () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  /** Starts a program, and settles with what it printed when it has printed `text`, or has ended. */
  function run(name: string, code: string, text: string): Promise<string> {
    writeFileSync(`${folder}${name}.mts`, code);
    const options = ['--import', 'tsx', `--conditions=${CONDITION}`, `${folder}${name}.mts`];
    const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return new Promise((resolve) => {
      let told = '';
      const note = (chunk: unknown) => {
        told += String(chunk);
        if (told.includes(text)) resolve(told);
      };
      child.stdout.on('data', note);
      child.stderr.on('data', note);
      child.on('close', (status) => resolve(`${told}ended with ${status}`));
    });
  }

  const programOf = (marker: string, port: number) =>
    (blocks.find((code) => code.includes(marker)) ?? '').replace(':5683', `:${port}`);

  test('its server and its client work with each other', async () => {
    const port = await freePort();
    const listening = await run('server', programOf('new CoapRouter()', port), 'listening');
    expect(listening).toBe(`listening on coap://[::]:${port}\n`);
    const told = await run('client', programOf('openCoapClient(', port), 'ended with');
    const lines = told.split('\n');
    expect(lines.slice(0, 2)).toEqual(['2.05 on', '/temperature']);
    const [first = 0, second = 0, third = 0] = lines.slice(2, 5).map(Number);
    expect(first).toBeGreaterThanOrEqual(21.5);
    expect([second - first, third - second].map((step) => step.toFixed(1))).toEqual(['0.1', '0.1']);
    expect(lines.slice(5)).toEqual(['ended with 0']);
    const small = await run('small', programOf('openUdpClient', port), 'ended with');
    expect(small).toMatch(/^\d+\.\d\nended with 0$/);
  });

  test('its clients over TCP and WebSocket work with its server of both', async () => {
    const [tcp, webSocket] = [await freePort(), await freePort()];
    const programWith = (marker: string) =>
      (blocks.find((code) => code.includes(marker)) ?? '')
        .replace(':5683', `:${tcp}`)
        .replaceAll(':8080', `:${webSocket}`);
    const listening = await run('connections', programWith("url: 'coap+tcp:"), 'listening');
    expect(listening).toBe(`listening on coap+tcp://[::1]:${tcp} and coap+ws://[::1]:${webSocket}\n`);
    const told = await run('connections-client', programWith("of ['coap+tcp:"), 'ended with');
    expect(told).toBe('2.05 hello\n2.05 hello\nended with 0');
  });

  test('all of its programs and parts of programs compile', () => {
    const names = blocks.map((code, index) => {
      const name = `part-${index}.mts`;
      writeFileSync(`${folder}${name}`, `${/\bclient = /.test(code) ? '' : PRELUDE}${code}\nexport {};\n`);
      return name;
    });
    expect(names.length).toBeGreaterThan(5);
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023'],
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      customConditions: [CONDITION],
      allowImportingTsExtensions: true,
      noEmit: true,
    };
    writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ compilerOptions, files: names }));
    const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url));
    const compile = () => execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    expect(outputOf(compile)).toBe('');
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp6');
    socket.bind(0, '::', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** What a command says, also when it fails. */
function outputOf(command: () => string): string {
  try {
    return command();
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout);
    throw error;
  }
}
