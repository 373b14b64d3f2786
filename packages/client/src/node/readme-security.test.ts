import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { caPem, deviceKeyPem, devicePem, serverKeyPem, serverPem } from './test-keys.fixture.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = fileURLToPath(new URL('../../.tsbuild/readme-security/', import.meta.url));
const programs = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
  .map(([, program = '']) => program)
  .filter((program) => program.includes('InMemorySecurityStore'));
let child: ChildProcess | undefined;
afterEach(() => child?.kill());

const publicKeyOf = (pem: string): Uint8Array =>
  new Uint8Array(createPublicKey(createPrivateKey(pem)).export({ format: 'der', type: 'spki' }));

function writeKeys(): void {
  mkdirSync(folder, { recursive: true });
  const files = {
    'ca.pem': caPem,
    'server.key': serverKeyPem,
    'server.pem': serverPem,
    'server.pub': publicKeyOf(serverKeyPem),
    'device.key': deviceKeyPem,
    'device.pem': devicePem,
    'device.pub': publicKeyOf(deviceKeyPem),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp6');
  await new Promise<void>((resolve) => {
    socket.bind(0, '::', resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return port;
}

test.each([
  ['a pre-shared key', 'psk', /^urn:dev:ops:1 proved psk:6465766963652d31\n$/],
  ['raw public keys', 'rawPublicKey', /^urn:dev:ops:1 proved rawPublicKey:3059[0-9a-f]+\n$/],
  ['X.509', 'x509', /^thermometer proved x509:thermometer\n$/],
])('the program of the README with %s works, in ten lines', async (_name, kind, expected) => {
  const program = programs.find((text) => text.includes(`kind: '${kind}'`)) ?? '';
  const lines = program.split('\n').filter((line) => line !== '' && !line.startsWith('import '));
  expect(lines.length).toBeLessThanOrEqual(10);
  writeKeys();
  const file = join(folder, `${kind}.ts`);
  writeFileSync(file, program.replaceAll('5684', String(await freePort())));
  const loader = import.meta.resolve('tsx');
  child = spawn(process.execPath, ['--conditions=@motestack/source', '--import', loader, file], { cwd: folder });
  const output = await new Promise<string>((resolve) => {
    child?.stdout?.once('data', (text: Buffer) => resolve(text.toString()));
    child?.stderr?.once('data', (text: Buffer) => resolve(text.toString()));
  });
  expect(output).toMatch(expected);
});

test('there are three', () => expect(programs).toHaveLength(3));
