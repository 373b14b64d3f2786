import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from './workspace.ts';

interface PlantedFault {
  readonly name: string;
  /** Where in the repository, without the extension. */
  readonly at: string;
  readonly text: string;
  /** What Biome says to it. */
  readonly finding: string;
}

const core = (name: string, text: string, finding: string): PlantedFault => ({
  name,
  at: `packages/coap/src/${name}`,
  text: `${text}\n`,
  finding,
});

const longBody = Array.from({ length: 71 }, (_, index) => `  values.push(${index});`).join('\n');
const longFile = Array.from({ length: 401 }, (_, index) => `export const a${index}: number = ${index};`).join('\n');

const faults: readonly PlantedFault[] = [
  core('clock', 'export const planted = (): number => Date.now();', 'A core is told the time'),
  core('date', 'export const planted = (): Date => new Date();', 'A core is told the time'),
  core('chance', 'export const planted = (): number => Math.random();', 'A core is given its randomness'),
  core('platform', "import 'node:fs';", 'noNodejsModules'),
  core('own-platform-folder', "import './node/index.ts';", 'A core does not know the platform'),
  core('other-platform-folder', "import '@motestack/coap/node';", 'A core does not know the platform'),
  core('long-function', `export function f(values: number[]): void {\n${longBody}\n}`, 'noExcessiveLinesPerFunction'),
  core('long-file', longFile, 'noExcessiveLinesPerFile'),
  core('default-export', 'export default 1;', 'noDefaultExport'),
  core('enumeration', 'export enum Planted { A }', 'noEnum'),
  core('non-null', 'export const planted = (a?: string): string => a!;', 'noNonNullAssertion'),
  core('output', "export const planted = (): void => console.log('a');", 'noConsole'),
  core('Capital', 'export const planted = 1;', 'useFilenamingConvention'),
  core('lost-cause', "try {\n  f();\n} catch (error) {\n  throw new Error('a');\n}", 'useErrorCause'),
  core('skipped.test', "import { test } from 'vitest';\ntest.skip('a', () => {});", 'noSkippedTests'),
  {
    name: 'layer',
    at: 'packages/coap/src/exchange/layer',
    text: "import '../message-layer/message-layer.ts';\n",
    finding: 'Layers do not import each other',
  },
];

// A tree of its own: nothing is ever planted in the repository.
const field = mkdtempSync(join(tmpdir(), 'planted-faults-'));
afterAll(() => rmSync(field, { recursive: true }));
cpSync(join(root, 'biome.json'), join(field, 'biome.json'));
cpSync(join(root, 'tools/lint'), join(field, 'tools/lint'), { recursive: true });
for (const { at, text } of [...faults, core('faultless', 'export const sum = (a: number): number => a + 1;', '')]) {
  mkdirSync(dirname(join(field, at)), { recursive: true });
  writeFileSync(join(field, `${at}.ts`), text);
}
const lint = (path: string): string => {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const flags = ['lint', '--colors=off', '--vcs-enabled=false', '--max-diagnostics=none', path];
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...flags], { cwd: field, encoding: 'utf8' });
  return stdout + stderr;
};
// One line a finding; a line of source that is quoted may hold the same word, hence the path before it.
const report = lint('packages');

test.each(faults)('$name is found', ({ at, finding }) => {
  const findings = report.split(/^(?=packages\/)/m).filter((part) => part.startsWith(`${at}.ts`));
  expect(findings.join('')).toContain(finding);
});

test('a file without fault passes', () => {
  expect(report).not.toContain('faultless.ts');
  expect(lint('packages/coap/src/faultless.ts')).toContain('Checked 1 file');
});
