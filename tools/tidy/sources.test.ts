import { expect, test } from 'vitest';
import { importsOf, isCore, isTest, publishedPackages, type SourceFile, typescriptFiles } from './workspace.ts';

const LINES_PER_FILE_MAX = 400;

const files = typescriptFiles();
const cores = files.filter(({ path }) => isCore(path));

/** `path:line: text` of every line that matches. */
function linesWith(pattern: RegExp, among: readonly SourceFile[]): string[] {
  return among.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** The text without comments and strings, lines kept. */
function codeOf({ path, text }: SourceFile): SourceFile {
  const blank = (match: string): string => match.replaceAll(/[^\n]/g, ' ');
  return { path, text: text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'/g, blank) };
}

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(cores.length).toBeGreaterThan(10);
});

test(`no file is longer than ${LINES_PER_FILE_MAX} lines`, () => {
  const long = files
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_PER_FILE_MAX);
  expect(long).toEqual([]);
});

test('file names are kebab-case', () => {
  const name =
    /^(?:[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.(?:test|test-d|prop\.test|sim\.test|slow\.test|fixture|config|setup|d))?\.ts$/;
  expect(files.map(({ path }) => path).filter((path) => !name.test(path.slice(path.lastIndexOf('/') + 1)))).toEqual([]);
});

test('bytes has at most six files', () => {
  const leaf = files.filter(({ path }) => path.startsWith('packages/bytes/src/') && !isTest(path));
  expect(leaf.length).toBeLessThanOrEqual(6);
});

test('no core reads a clock or draws a number', () => {
  const clocks =
    /\bDate\s*(?:\.|\?\.|\[)\s*['"]?now\b|\bnew Date\(\s*\)|\bperformance\b|\bsetTimeout\b|\bsetInterval\b/;
  const chance = /\bMath\b[^;]*\brandom\b|\bgetRandomValues\b|\bcrypto\.|\bglobalThis\b/;
  const code = cores.map(codeOf);
  expect(linesWith(clocks, code)).toEqual([]);
  expect(linesWith(chance, code)).toEqual([]);
});

test('no core imports a module of a platform', () => {
  const platform = (specifier: string): boolean => /^(?:node|bun|npm|jsr|https?):/.test(specifier);
  expect(cores.filter((file) => importsOf(file).some(platform)).map(({ path }) => path)).toEqual([]);
});

test('no published module awaits at top level, since require() could not load it', () => {
  const published = publishedPackages().map(({ folder }) => `${folder}/src/`);
  const modules = files.filter(({ path }) => !isTest(path) && published.some((folder) => path.startsWith(folder)));
  expect(linesWith(/^(?:export )?(?:const .*= )?await\b|^for await\b/, modules)).toEqual([]);
});

test('no check is silenced', () => {
  // Assembled, so that this file does not find itself.
  const silenced = new RegExp(
    ['biome-' + 'ignore', '@ts-' + 'ignore', '@ts-' + 'nocheck', 'oxlint-' + 'disable'].join('|'),
  );
  expect(linesWith(silenced, files)).toEqual([]);
  const expected = new RegExp('@ts-' + 'expect-error');
  expect(
    linesWith(
      expected,
      files.filter(({ path }) => !path.endsWith('.test-d.ts')),
    ),
  ).toEqual([]);
});

test('no test is skipped, focused or put off, and nothing is left to do', () => {
  const skipped = /\b(?:test|it|describe|suite)\s*\.\s*(?:skip|only|todo|fails)\b/;
  expect(linesWith(skipped, files)).toEqual([]);
  // A peer that cannot be had is counted as skipped; our own code has no such excuse.
  const own = files.filter(({ path }) => path.startsWith('packages/'));
  expect(linesWith(/\b(?:skipIf|runIf)\b/, own)).toEqual([]);
  expect(linesWith(new RegExp('\\b(?:TO' + 'DO|FIX' + 'ME|X' + 'XX)\\b'), files)).toEqual([]);
});

test('tests do not sleep and use no sockets outside src/node', () => {
  const tests = files.filter(
    ({ path }) => isTest(path) && path.startsWith('packages/') && !path.includes('/src/node/'),
  );
  expect(linesWith(/\bsetTimeout\(|timers\/promises|node:(?:dgram|net|tls|http)/, tests)).toEqual([]);
});

test('no manager, no helper, no util, no get prefix on what a module exports', () => {
  const named = files.filter(({ path }) => path.startsWith('packages/'));
  expect(named.map(({ path }) => path).filter((path) => /(?:manager|helper|util)s?[./-]/i.test(path))).toEqual([]);
  const exported =
    /^export (?:abstract )?(?:class|function|const|interface|type) (?:\w*(?:Manager|Helper|Util)\b|get[A-Z])/;
  expect(linesWith(exported, named)).toEqual([]);
});

/** The limits that a user may set: `somethingMax` in an interface of limits, parameters or options. */
function limitsOf({ text }: SourceFile): string[] {
  const interfaces = text.matchAll(/^export interface \w*(?:Limits|Parameters|Options)\b[^{]*\{\n([\s\S]*?)^\}/gm);
  return [...interfaces].flatMap(([, body = '']) =>
    [...body.matchAll(/^ {2}readonly (\w+Max)\??:/gm)].map(([, name]) => name ?? ''),
  );
}

test('every limit is named in a test of its package', () => {
  const untested = cores.flatMap((file) => {
    const folder = file.path.split('/').slice(0, 3).join('/');
    const tests = files.filter(({ path }) => isTest(path) && path.startsWith(`${folder}/`)).map(({ text }) => text);
    return limitsOf(file)
      .filter((name) => !tests.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
      .map((name) => `${file.path}: ${name}`);
  });
  expect(untested).toEqual([]);
});
