// The gate: everything that must hold before a change goes in.
//
//   pnpm check                  all of it
//   pnpm check --skip tests     without the parts that are named; `--only` is the contrary
//
// Every check is counted; the last line says how many passed and failed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll, tarballs } from './gate/pack.ts';
import { pnpm, runCommand } from './gate/run-command.ts';
import { Tally } from './gate/tally.ts';
import { checkPackedInstall } from './packed-install.ts';
import { root } from './tidy/workspace.ts';

const tally = new Tally();

/** One command, one check. */
function command(name: string, ...args: string[]): void {
  const { isOk, output } = runCommand(args, { cwd: root });
  tally.check(name, isOk, output);
}

function test(): void {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  const report = join(folder, 'tests.json');
  const projects = ['unit', 'prop', 'sim', 'node', 'tidy'].flatMap((project) => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { isOk, output } = runCommand(['vitest', 'run', ...projects, ...reporters], { cwd: root });
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = counts;
    // A file that does not load, or an unhandled rejection, fails no test.
    const faults = isOk ? failed : Math.max(failed, 1);
    tally.add({ passed, failed: faults, skipped }, 'tests', output);
  } catch (error) {
    tally.check('tests', false, `${output}\n${String(error)}`);
  }
  rmSync(folder, { recursive: true });
}

function judgeTarballs(): void {
  for (const tarball of tarballs()) {
    command(`publint ${basename(tarball)}`, 'publint', '--strict', tarball);
    // The vectors are JSON alone: there are no types to judge.
    if (!/test-vectors/.test(tarball))
      command(`attw ${basename(tarball)}`, 'attw', tarball, '--profile', 'esm-only', '-q');
  }
}

function checkSizes(): void {
  const { isOk, output } = runCommand(['size-limit', '--json'], { cwd: root });
  try {
    const sizes = JSON.parse(output.slice(output.indexOf('['))) as { name: string; passed: boolean; size: number }[];
    const tooBig = sizes.filter(({ passed }) => !passed);
    const list = tooBig.map(({ name, size }) => `${name}: ${size} B`).join('\n');
    tally.add({ passed: sizes.length - tooBig.length, failed: tooBig.length }, 'sizes', list);
  } catch (error) {
    tally.check('sizes', false, `${output}\n${String(error)}`);
  }
  if (!isOk) console.log('size-limit: the limits stand in .size-limit.mjs');
}

const parts: Readonly<Record<string, () => void>> = {
  lint: () => {
    command('biome', 'biome', 'check', '--error-on-warnings', '--max-diagnostics=200', '.');
    command('oxlint', 'oxlint', '--type-aware');
  },
  types: () => {
    command('tsc -b', 'tsc', '-b');
    command('tsc demo', 'tsc', '-p', 'demo');
  },
  tests: test,
  build: () => command('build', ...pnpm('build')),
  pack: () => packAll(tally),
  tarballs: judgeTarballs,
  install: () => checkPackedInstall(tally, tarballs()),
  sizes: checkSizes,
  unused: () => command('knip', 'knip'),
  docs: () => command('api docs', ...pnpm('--filter', '@motestack/docs', 'build')),
};

const { values } = parseArgs({
  // pnpm hands on the dashes of `pnpm check -- --skip tests`.
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { skip: { type: 'string', multiple: true, default: [] }, only: { type: 'string', multiple: true } },
});
for (const name of [...values.skip, ...(values.only ?? [])])
  if (!(name in parts)) throw new RangeError(`no such part: ${name} (there are ${Object.keys(parts).join(', ')})`);
for (const [name, run] of Object.entries(parts))
  if (!values.skip.includes(name) && (values.only?.includes(name) ?? true)) {
    const start = performance.now();
    run();
    console.log(`     ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
tally.finish();
