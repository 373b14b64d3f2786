// API documentation of every published package, warnings as errors: each package by itself, then all on one site.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Logger, LogLevel } from 'typedoc';

const root = fileURLToPath(new URL('../..', import.meta.url));
const site = join(root, '.docs');
rmSync(site, { recursive: true, force: true });
mkdirSync(join(site, 'packages'), { recursive: true });

const manifests = readdirSync(join(root, 'packages'))
  .map((name) => ({ folder: join(root, 'packages', name), name }))
  .map((entry) => ({ ...entry, manifest: JSON.parse(readFileSync(join(entry.folder, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true);

/** The sources behind an exports map; `./*` means every module of `src`. */
function entryPoints({ folder, manifest }) {
  const sources = Object.values(manifest.exports).flatMap((target) => target['@motestack/source'] ?? []);
  return sources.flatMap((source) => {
    const path = join(folder, source);
    if (!source.includes('*')) return [path];
    const modules = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
    return modules
      .filter((file) => /(?<!\.test|\.test-d|\.fixture)\.ts$/.test(file))
      .map((file) => join(folder, 'src', file));
  });
}

function writeTsconfig({ folder, name }) {
  const path = join(site, 'packages', `tsconfig.${name}.json`);
  const compilerOptions = {
    allowImportingTsExtensions: true,
    composite: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    rootDir: root,
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
  };
  const include = [join(folder, 'src')];
  const exclude = ['test', 'test-d', 'fixture'].map((kind) => join(folder, `src/**/*.${kind}.ts`));
  const tsconfig = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include, exclude };
  writeFileSync(path, JSON.stringify(tsconfig));
  return path;
}

const validation = { notDocumented: true, notExported: true, invalidLink: true, invalidPath: true };
const requiredToBeDocumented = [
  ...['Class', 'Enum', 'EnumMember', 'Function', 'Interface', 'Method', 'Property'],
  ...['TypeAlias', 'Variable', 'Accessor', 'Namespace'],
];

/** What needs no comment: the shapes that conditional types match against, and the `name` that every error has. */
const needsNoComment = /(?:\.__type\.\S+|Error\.name) \(Property\).* does not have any documentation/;

/** Named where parts of an endpoint are joined, which is done in the package alone: who uses it passes them on unseen. */
const passedOnUnseen =
  /^(EndpointClient|EndpointDriver|EndpointStep|PlainTransmissions|TransferFooting), defined in .* is referenced by/;

let warnings = 0;

class CountingLogger extends Logger {
  log(message, level) {
    if (level < LogLevel.Warn || needsNoComment.test(message) || passedOnUnseen.test(message)) return;
    warnings++;
    console.log(message);
  }
}

async function application(options) {
  const app = await Application.bootstrap({ ...options, pretty: false });
  app.logger = new CountingLogger();
  return app;
}
const converted = [];
for (const entry of manifests) {
  const readme = join(entry.folder, 'README.md');
  const app = await application({
    entryPoints: entryPoints(entry),
    entryPointStrategy: 'resolve',
    tsconfig: writeTsconfig(entry),
    name: entry.manifest.name,
    readme: existsSync(readme) ? readme : 'none',
    excludePrivate: true,
    excludeInternal: true,
    requiredToBeDocumented,
    validation,
    githubPages: false,
    gitRevision: 'main',
    sourceLinkTemplate: 'https://github.com/motestack/motestack/blob/{gitRevision}/{path}#L{line}',
    disableGit: true,
    basePath: root,
  });
  const project = await app.convert();
  if (project === undefined) {
    warnings++;
    continue;
  }
  app.validate(project);
  const json = join(site, 'packages', `${entry.name}.json`);
  await app.generateJson(project, json);
  converted.push(json);
}

const merged = await application({
  entryPoints: converted,
  entryPointStrategy: 'merge',
  name: 'Motestack',
  readme: existsSync(join(root, 'README.md')) ? join(root, 'README.md') : 'none',
  includeVersion: false,
  validation: false,
});
const project = await merged.convert();
if (project === undefined) process.exitCode = 1;
else await merged.generateDocs(project, join(site, 'html'));
console.log(`${converted.length} packages documented, ${warnings} warnings`);
if (warnings > 0) process.exitCode = 1;
