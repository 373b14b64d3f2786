import { spawn, spawnSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { CLIENT_USAGE, DAY_MS, type Issued, issue, SERVER_USAGE } from '../x509/issued-certificate.fixture.ts';
import { openDtlsServer } from './open-dtls.ts';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(packageFolder, '.tsbuild/readme');
const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, program]) => program ?? '');
const [server = '', client = '', rawPublicKeys = '', certificates = '', coap = '', restart = ''] = programs;

const linesOf = (program: string): number => program.split('\n').filter((line) => line.trim() !== '').length;

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeKeys();
});

/** The files that the programs read. */
function writeKeys(): void {
  const days = { notBeforeMs: Date.now() - DAY_MS, notAfterMs: Date.now() + DAY_MS };
  const root = issue({ ...days, name: 'Root', authority: { isAuthority: true }, keyUsage: [5] });
  const dnsNames = ['lwm2m.example.com'];
  const own = issue({ ...days, name: 'server', keyUsage: [0], extendedKeyUsage: [SERVER_USAGE], dnsNames }, root);
  const device = issue({ ...days, name: 'device', keyUsage: [0], extendedKeyUsage: [CLIENT_USAGE] }, root);
  const pem = ({ bytes }: Issued): string =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const key = (privateKey: KeyObject): string => String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const files = {
    'ca.pem': pem(root),
    'server.pem': pem(own),
    'server.key': key(own.privateKey),
    'device.pem': pem(device),
    'device.key': key(device.privateKey),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** Runs a program on a port that is free; the first that it writes. */
async function run(name: string, program: string): Promise<string> {
  const free = await openDtlsServer({ host: '::', port: 0, pskOf: () => undefined });
  const { port } = new URL(free.localUrl.replace('coaps:', 'http:'));
  await free.close();
  const own = program
    .replaceAll('5684', port)
    .replaceAll('openDtlsServer({ certificate', `openDtlsServer({ port: ${port}, certificate`)
    .replace('openDtlsServer({\n', `openDtlsServer({\n  port: ${port},\n`)
    .replace('{ pskOf:', `{ port: ${port}, pskOf:`)
    .replace('host: name', "host: 'localhost'")
    .replace('coaps://localhost', `coaps://localhost:${port}`);
  const file = join(folder, `${name}.mts`);
  writeFileSync(file, own);
  const loader = import.meta.resolve('tsx');
  const child = spawn(process.execPath, ['--conditions=@motestack/source', '--import', loader, file], { cwd: folder });
  const output = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString()));
    child.stderr.once('data', (text: Buffer) => resolve(text.toString()));
  });
  child.kill();
  return output.trim();
}

test('the programs of the README compile', () => {
  expect(programs).toHaveLength(6);
  for (const [index, program] of programs.entries()) writeFileSync(join(folder, `program-${index}.ts`), program);
  const compilerOptions = {
    composite: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
    types: ['node'],
    // A program may stop at what it shows.
    noUnusedLocals: false,
  };
  const project = { extends: '../../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
});

test('pre-shared keys, raw public keys and X.509 have ten lines each, and CoAP has fifteen', () => {
  for (const program of [server, client, rawPublicKeys, certificates]) expect(linesOf(program)).toBeLessThanOrEqual(10);
  expect(linesOf(coap)).toBeLessThanOrEqual(15);
});

const connected = '\nconsole.log(client.isConnected);\n';
test.each([
  ['the server and the client with a pre-shared key', 'psk', `${server}${client}`, 'hello'],
  ['raw public keys', 'raw-public-keys', rawPublicKeys + connected, 'true'],
  ['X.509', 'x509', certificates + connected, 'true'],
  ['CoAP on both sides', 'coap', coap, 'psk'],
])('%s: the programs run', async (_name, file, program, expected) => {
  expect(await run(file, program)).toBe(expected);
});

test('the restart: one client, one association, and no other handshake', async () => {
  const clients = `const { openDtls } = await import('@motestack/dtls/node');
    const psk = { identity: 'a', key: options.pskOf() };
    const client = await openDtls({ remote: { host: 'localhost', port: 5684 }, psk });
    const heard = new Promise((resolve) => {
      client.open({ datagram: (_peer, bytes) => resolve(bytes.length), unreachable: () => {}, closed: () => {} });
    });
    writeFileSync('associations',`;
  const echo = `const [, { imported }] = [0, await after.importAssociations(exported, key)];
    after.open({ datagram: (peer, bytes) => after.send(peer, bytes), unreachable: () => {}, closed: () => {} });
    client.send(client.remote, new Uint8Array(7));
    console.log(imported, await heard, after.stats().handshakesBegun);`;
  const program = restart
    .replace("writeFileSync('associations',", clients)
    .replace('console.log((await after.importAssociations(exported, key)).imported);', echo);
  expect(await run('restart', program)).toBe('1 7 0');
});
