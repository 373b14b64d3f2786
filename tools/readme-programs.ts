import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, runDownloading } from './gate/run-command.ts';
import type { Tally } from './gate/tally.ts';
import { readText } from './tidy/workspace.ts';

/** README promises so many lines for a server, and so many for a device. */
const LINES_MAX = 15;

/** A port that nothing else uses, in place of README's. */
const PORT = '56833';

/** Starts both, and ends them when the server has told of the device often enough. */
const RUNNER = `import { spawn } from 'node:child_process';
const endpoint = process.argv[2];
let told = '';
const start = (file, onOutput) => {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', onOutput);
  child.on('exit', (code) => finish(\`\${file} ended by itself with \${code}\`));
  return child;
};
const finish = (fault) => {
  clearTimeout(timer);
  for (const child of children) { child.removeAllListeners('exit'); child.kill('SIGKILL'); }
  process.stdout.write(told);
  if (fault !== undefined) { console.error(fault); process.exitCode = 1; }
};
const timer = setTimeout(() => finish('the server told too little within 20 s'), 20_000);
const children = [];
children.push(start('out/readme-server.js', (text) => {
  told += text;
  if (told.split('\\n').filter((line) => line.includes(endpoint)).length >= 3) finish();
}));
setTimeout(() => children.push(start('out/readme-device.js', () => {})), 1000);
`;

function program(marker: string): string {
  const blocks = [...readText('README.md').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '');
  return blocks.find((code) => code.includes(marker)) ?? '';
}

/** README's server and device, pasted into the stranger's project: they compile, and they work against each other. */
export function checkReadmePrograms(tally: Tally, stranger: string): void {
  const server = program('LwM2mServer.listen(');
  const device = program('LwM2mClient.start(');
  const endpoint = /endpoint: '([^']+)'/.exec(device)?.[1] ?? '';
  for (const [name, code] of Object.entries({ server, device })) {
    const lines = code.split('\n').filter((line) => line.trim() !== '').length;
    tally.check(`README's ${name} has at most ${LINES_MAX} lines`, lines > 0 && lines <= LINES_MAX, `${lines} lines`);
    writeFileSync(join(stranger, `readme-${name}.ts`), code.replaceAll('5683', PORT));
  }
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2023'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    outDir: 'out',
  };
  const tsconfig = { compilerOptions, files: ['readme-server.ts', 'readme-device.ts'] };
  writeFileSync(join(stranger, 'tsconfig.readme.json'), JSON.stringify(tsconfig));
  const compile = ['npx', '-y', '-p', 'typescript@7.0', 'tsc', '-p', 'tsconfig.readme.json'];
  const compiled = runDownloading(compile, { cwd: stranger });
  tally.check("README's programs compile", compiled.isOk, compiled.output);
  writeFileSync(join(stranger, 'readme-run.mjs'), RUNNER);
  const ran = runCommand([process.execPath, 'readme-run.mjs', endpoint], { cwd: stranger, timeoutMs: 60_000 });
  tally.check("README's server and device work against each other", ran.isOk, ran.output);
}
