import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openDtlsServer } from './open-dtls.ts';

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(packageFolder, '.tsbuild/readme');
const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, program]) => program ?? '');

test('the programs of the README compile', () => {
  expect(programs).toHaveLength(5);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
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

test('the program with CoAP on both sides runs, and has no more than fifteen lines', async () => {
  const program = programs.find((text) => text.includes('openCoapEndpoint')) ?? '';
  expect(program.trim().split('\n').length).toBeLessThanOrEqual(15);
  const free = await openDtlsServer({ host: '::', port: 0 });
  const { port } = new URL(free.localUrl.replace('coaps:', 'http:'));
  await free.close();
  const file = join(folder, 'coap.ts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, program.replaceAll('5684', port).replace('coaps://localhost', `coaps://localhost:${port}`));
  const child = spawn(process.execPath, ['--conditions=@motestack/source', '--import', 'tsx', file], {
    cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
  });
  const output = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString()));
    child.stderr.once('data', (text: Buffer) => resolve(text.toString()));
  });
  child.kill();
  expect(output).toBe('psk\n');
});
