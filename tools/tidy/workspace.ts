import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, absolute, without a slash at the end. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** One entry of an exports map: a file, or files by condition. */
export type ExportTarget = string | Readonly<Record<string, string>>;

/** What the checks need of a package.json. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly repository?: { readonly directory?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package of the workspace. */
export interface WorkspacePackage {
  /** Its folder, relative to the root, with `/`. */
  readonly folder: string;
  /** The folder's last part: `coap`. */
  readonly shortName: string;
  readonly manifest: Manifest;
}

/** A source file. */
export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

const NOT_OURS = new Set(['node_modules', 'dist', '.tsbuild', '.git', '.packed', 'target', 'coverage', '.venv']);

/** Every package in `packages/`, and the vectors. */
export function workspacePackages(): WorkspacePackage[] {
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  return [...folders, 'test-vectors'].map((folder) => ({
    folder,
    shortName: folder.slice(folder.lastIndexOf('/') + 1),
    manifest: JSON.parse(readText(`${folder}/package.json`)) as Manifest,
  }));
}

/** The packages that users can install. */
export function publishedPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** The text of a file, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Every file under a folder of the root whose name passes. */
export function filesUnder(folder: string, isWanted: (name: string) => boolean): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, folder, entry.name);
    const fromRoot = relative(root, path).split(sep).join('/');
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesUnder(fromRoot, isWanted);
    return entry.isFile() && isWanted(entry.name) ? [{ path: fromRoot, text: readText(fromRoot) }] : [];
  });
}

/** Every TypeScript file of the repository but the generated objects. */
export function typescriptFiles(): SourceFile[] {
  return filesUnder('.', (name) => /\.[cm]?ts$/.test(name)).filter(({ path }) => !isGenerated(path));
}

/** Written by `tools/generate-objects.ts`: exempt from the rules of size and form. */
function isGenerated(path: string): boolean {
  return path.startsWith('packages/objects/src/') && !isTest(path);
}

/** A test, a type test or what tests share: never published. */
export function isTest(path: string): boolean {
  return /\.(?:test|test-d|fixture)\.ts$/.test(path);
}

/** Code that runs anywhere: every published package's `src` but `src/node`, `src/browser` and the tests. */
export function isCore(path: string): boolean {
  return /^packages\/(?!testkit\/|cli\/)[^/]+\/src\/(?!(?:node|browser)\/)/.test(path) && !isTest(path);
}

/** What a file imports or re-exports, statically or by `import()`. */
export function importsOf({ text }: SourceFile): string[] {
  const statics = text.matchAll(/^(?:import|export)\s[\w\s{},*$]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'/gm);
  const dynamics = text.matchAll(/\bimport\(\s*'([^']+)'/g);
  return [...statics, ...dynamics].map(([, from, bare]) => from ?? bare ?? '');
}
