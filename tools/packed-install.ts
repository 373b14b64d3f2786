import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DTLS_PROGRAM } from './dtls-program.ts';
import { runCommand, runDownloading } from './gate/run-command.ts';
import type { Tally } from './gate/tally.ts';
import { checkReadmePrograms } from './readme-programs.ts';
import { publishedPackages } from './tidy/workspace.ts';

const TYPESCRIPTS = ['5.8', '6.0', '7.0'];
const NODES = [20, 22, 24, 26];

/** One exchange over a real socket; the process has to end by itself. */
const UDP_PROGRAM = `import { openCoapEndpoint } from '@motestack/coap/node';

const server = await openCoapEndpoint({
  url: 'coap://127.0.0.1:0',
  handler: (request) => ({ code: 0x45, contentFormat: 0, payload: Uint8Array.of(...request.path.map((s) => s.length)) }),
});
const client = await openCoapEndpoint({ remote: server.localUrl });
const peer = client.remote;
if (peer === undefined) throw new Error('not connected');
const response = await client.request(peer, { method: 'GET', path: ['one', 'seven'] });
if (response.code !== 0x45 || response.contentFormat !== 0 || response.payload.join() !== '3,5')
  throw new Error(\`not the answer: \${response.code} \${response.payload.join()}\`);
await client.close();
await server.close();
`;

/** The same over the platform's WebSocket, which Node has from 22; `types: []` knows no `console`. */
const WEB_SOCKET_PROGRAM = `import { openWebSocketClient } from '@motestack/coap/browser';
import { openCoapEndpoint } from '@motestack/coap/node';

const handler = () => ({ code: 0x45, contentFormat: 0, payload: new Uint8Array(40_000) });
const server = await openCoapEndpoint({ url: 'coap+ws://127.0.0.1:0', handler });
const client = openWebSocketClient(server.localUrl);
const { length } = (await client.get('/any')).payload;
if (length !== 40_000) throw new Error(\`not the answer: \${length} bytes\`);
await client.close();
await server.close();
`;
const WEB_SOCKET_NODE = 22;

/** Every code entry of every exports map, and one of the objects that have an entry each. */
function entries(): string[] {
  const all = publishedPackages().flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((key) => !/\*|json$/.test(key))
      .map((key) => manifest.name + key.slice(1)),
  );
  return [...all, '@motestack/objects/3303', '@motestack/objects/3/1.0', '@motestack/objects/registry'];
}

/** Imports every entry and looks at what it exports, so that nothing is elided. */
function importProgram(): string {
  const imports = entries().map((entry, index) => `import * as m${index} from '${entry}';`);
  const modules = entries().map((_, index) => `m${index}`);
  return `${imports.join('\n')}
const modules: readonly object[] = [${modules.join(', ')}];
const empty = modules.findIndex((module) => Object.keys(module).length === 0);
if (empty >= 0) throw new Error(\`entry \${empty} exports nothing\`);
export const count: number = modules.length;
`;
}

const requireProgram = (): string => `const entries = ${JSON.stringify(entries())};
for (const entry of entries)
  if (Object.keys(require(entry)).length === 0) throw new Error(entry + ' exports nothing');
`;

function writePrograms(stranger: string): void {
  writeFileSync(join(stranger, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }');
  writeFileSync(join(stranger, 'main.ts'), importProgram());
  writeFileSync(join(stranger, 'udp.ts'), UDP_PROGRAM);
  writeFileSync(join(stranger, 'ws.ts'), WEB_SOCKET_PROGRAM);
  writeFileSync(join(stranger, 'dtls.ts'), DTLS_PROGRAM);
  writeFileSync(join(stranger, 'main.cjs'), requireProgram());
}

function checkTypes(tally: Tally, stranger: string): void {
  for (const version of TYPESCRIPTS)
    for (const module of ['NodeNext', 'ESNext'])
      for (const types of [[], ['node']]) {
        const compilerOptions = {
          target: 'ES2022',
          module,
          moduleResolution: module === 'ESNext' ? 'Bundler' : module,
          lib: ['ES2023'],
          types,
          strict: true,
          skipLibCheck: false,
          outDir: 'out',
        };
        const tsconfig = { compilerOptions, files: ['main.ts', 'udp.ts', 'ws.ts', 'dtls.ts'] };
        writeFileSync(join(stranger, 'tsconfig.json'), JSON.stringify(tsconfig));
        const command = ['npx', '-y', '-p', `typescript@${version}`, 'tsc', '-p', '.'];
        const { isOk, output } = runDownloading(command, { cwd: stranger });
        tally.check(`types under TypeScript ${version}, ${module}, types ${JSON.stringify(types)}`, isOk, output);
      }
  rmSync(join(stranger, 'tsconfig.json'));
}

function checkRuntimes(tally: Tally, stranger: string): void {
  const check = (name: string, runtime: readonly string[], file: string): void => {
    // A program that does not end by itself is a fault, too.
    const { isOk, output } = runCommand([...runtime, file], { cwd: stranger, timeoutMs: 60_000 });
    tally.check(`${name}: ${file}`, isOk, output);
  };
  for (const major of NODES) {
    const node = ['npx', '-y', `node@${major}`];
    runDownloading([...node, '--version'], { cwd: stranger });
    check(`Node ${major}`, node, 'out/main.js');
    check(`Node ${major}`, node, 'main.cjs');
    check(`Node ${major}`, node, 'out/udp.js');
    check(`Node ${major}`, node, 'out/dtls.js');
    if (major >= WEB_SOCKET_NODE) check(`Node ${major}`, node, 'out/ws.js');
  }
  const bun = ['npx', '-y', 'bun'];
  const deno = ['npx', '-y', 'deno', 'run', '-A', '--check', '--node-modules-dir=manual'];
  for (const [name, runtime] of [
    ['Bun', bun],
    ['Deno', deno],
  ] as const) {
    runDownloading(['npx', '-y', name.toLowerCase(), '--version'], { cwd: stranger });
    check(name, runtime, 'main.ts');
    check(name, runtime, 'udp.ts');
    check(name, runtime, 'ws.ts');
    check(name, runtime, 'dtls.ts');
  }
}

/** Installs the tarballs where nobody knows the workspace, and uses them there. */
export function checkPackedInstall(tally: Tally, tarballs: readonly string[]): void {
  const stranger = mkdtempSync(join(tmpdir(), 'packed-install-'));
  try {
    writePrograms(stranger);
    const flags = ['--no-audit', '--no-fund', '--no-package-lock'];
    const command = ['npm', 'install', ...flags, ...tarballs, '@types/node@20'];
    const { isOk, output } = runDownloading(command, { cwd: stranger });
    tally.check('the tarballs install', isOk, output);
    checkTypes(tally, stranger);
    checkRuntimes(tally, stranger);
    checkReadmePrograms(tally, stranger);
  } finally {
    rmSync(stranger, { recursive: true });
  }
}
