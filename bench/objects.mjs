// What @motestack/objects costs a user: time to import, weight in a bundle, time to type-check. On `dist`: build first.
//
//   node objects.mjs [--json]
//
// Processes are started anew for each sample, the cases in turns, and CPU time is taken, of all threads; the least of ROUNDS
// counts, since everything else that the machine does can only add.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROUNDS = 9;
const root = fileURLToPath(new URL('..', import.meta.url));
const { build } = createRequire(join(root, 'package.json'))('esbuild');
const folder = mkdtempSync(join(tmpdir(), 'bench-objects-'));
const rows = [];

/** Adds a figure; a target that is missed is told, and is no failure: machines differ. */
function note(name, value, unit, target) {
  rows.push({ name, value, unit, target, isMet: target === undefined || value <= target });
}

function prepare() {
  mkdirSync(join(folder, 'node_modules/@motestack'), { recursive: true });
  for (const name of ['model', 'objects'])
    symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@motestack', name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
}

const least = (values) => Math.min(...values);

/** Milliseconds of CPU time of each program's `import`, without the start of the process. */
function measureImports() {
  const cases = {
    'import the model': "import('@motestack/model')",
    'import the root': "import('@motestack/objects')",
    'import /3303': "import('@motestack/objects/3303')",
    'findObject(3303)': "import('@motestack/objects/registry').then((all) => all.findObject(3303))",
  };
  const samples = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, expression] of Object.entries(cases)) {
      const program = `const start = process.cpuUsage(); await ${expression}; const { user, system } = process.cpuUsage(start); console.log((user + system) / 1000);`;
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
      samples[name].push(Number(output));
    }
  for (const name of Object.keys(cases))
    note(name, least(samples[name]), 'ms', name === 'import the root' ? 50 : undefined);
}

async function measureBundles() {
  const cases = [
    ['bundle of Device and Temperature', "export { Device, Temperature } from '@motestack/objects';", 3],
    ['bundle of /3303 alone', "export { Temperature } from '@motestack/objects/3303';", undefined],
    ['bundle of the root', "export * from '@motestack/objects';", undefined],
  ];
  for (const [name, contents, target] of cases) {
    const stdin = { contents, resolveDir: folder };
    const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false });
    note(name, gzipSync(outputFiles[0].contents).length / 1000, 'kB gzip', target);
  }
}

/** Seconds of CPU time that a command takes, its own processes included: the shell's `times` tells of its children last. */
function cpuSeconds(...command) {
  const script = ['-c', '"$@" > /dev/null; times', 'sh', ...command];
  const output = execFileSync('sh', script, { cwd: folder, encoding: 'utf8' });
  const parts = [
    ...output
      .trim()
      .split('\n')
      .at(-1)
      .matchAll(/(\d+)m([\d.]+)s/g),
  ];
  return parts.reduce((total, [, minutes, seconds]) => total + 60 * Number(minutes) + Number(seconds), 0);
}

/** Seconds that a program with the import takes more than one without, under each compiler. */
function measureTypeChecks() {
  const programs = {
    without: 'export const x: number = 1;\n',
    root: "import { Device, Temperature } from '@motestack/objects';\nexport const x: string = String(Device.manufacturer) + String(Temperature.sensorValue);\n",
    subpaths:
      "import { Device } from '@motestack/objects/3';\nimport { Temperature } from '@motestack/objects/3303';\nexport const x: string = String(Device.manufacturer) + String(Temperature.sensorValue);\n",
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, `${name}.ts`), text);
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023'],
      types: [],
      strict: true,
      noEmit: true,
    };
    writeFileSync(join(folder, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  }
  for (const version of ['5.8', '7.0']) {
    const home = join(folder, `typescript-${version}`);
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--silent'];
    execFileSync('npm', ['install', '--prefix', home, ...flags, `typescript@${version}`], { stdio: 'ignore' });
    const tsc = join(home, 'node_modules/typescript/bin/tsc');
    const samples = { without: [], root: [], subpaths: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const name of Object.keys(programs)) {
        samples[name].push(cpuSeconds(process.execPath, tsc, '-p', `tsconfig.${name}.json`));
      }
    const without = least(samples.without);
    note(`type-check without the import, TypeScript ${version}`, without, 's');
    note(`importing the root adds, TypeScript ${version}`, least(samples.root) - without, 's', 1);
    note(`importing two subpaths adds, TypeScript ${version}`, least(samples.subpaths) - without, 's');
  }
}

const loadBefore = loadavg()[0];
try {
  prepare();
  measureImports();
  await measureBundles();
  measureTypeChecks();
} finally {
  rmSync(folder, { recursive: true });
}
const load = { before: loadBefore, after: loadavg()[0] };
if (process.argv.includes('--json')) {
  process.stdout.write(JSON.stringify({ rows, load, node: process.version }));
} else {
  for (const { name, value, unit, target, isMet } of rows) {
    const said = target === undefined ? '' : `  (target: less than ${target} ${unit}${isMet ? '' : ', MISSED'})`;
    console.log(`${name.padEnd(56)} ${value.toFixed(2).padStart(8)} ${unit}${said}`);
  }
  console.log(`Node ${process.version}, load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`);
}
