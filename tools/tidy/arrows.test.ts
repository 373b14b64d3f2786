import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, importsOf, isTest, publishedPackages, type SourceFile, workspacePackages } from './workspace.ts';

/** Who may import whom. An arrow that is missing here is a decision about the design, not about this test. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  'link-format': ['bytes'],
  dtls: ['bytes'],
  model: [],
  coap: ['bytes', 'link-format'],
  codecs: ['bytes', 'link-format', 'model'],
  objects: ['model'],
  client: ['bytes', 'coap', 'codecs', 'dtls', 'model', 'objects'],
  server: ['bytes', 'coap', 'codecs', 'dtls', 'model', 'objects'],
  'test-vectors': [],
};

/** The layers of coap know `wire/` and what all share, and not each other; `endpoint/` joins them. */
const COAP_LAYERS = ['message-layer', 'block', 'observe', 'exchange'];
const COAP_SHARED = /^packages\/coap\/src\/(?:wire\/[\w-]+|effects|parameters|deadline-heap|errors|messaging)\.ts$/;

/** What is joined to the rest under `src/node` alone: the portable parts are given its transports. */
const JOINED_IN_NODE = ['dtls'];

const scope = '@motestack/';
const sources = (folder: string): SourceFile[] => filesUnder(folder, (name) => name.endsWith('.ts'));
const library = (folder: string): SourceFile[] => sources(folder).filter(({ path }) => !isTest(path));

test('the table names every published package', () => {
  const published = publishedPackages().map(({ shortName }) => shortName);
  expect(new Set(published)).toEqual(new Set(Object.keys(ARROWS)));
});

describe.each(publishedPackages())('$shortName', ({ folder, shortName, manifest }) => {
  const allowed = (ARROWS[shortName] ?? []).map((name) => scope + name);

  test('depends on no more than the table allows', () => {
    const dependencies = Object.keys({
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
    });
    expect(dependencies.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('imports what it declares, and declares what it imports', () => {
    const used = new Set<string>();
    for (const file of library(folder))
      for (const specifier of importsOf(file))
        if (!/^(?:\.{1,2}\/|node:)/.test(specifier)) used.add(specifier.split('/').slice(0, 2).join('/'));
    // What a generator writes names its own package, and a package may.
    used.delete(manifest.name);
    const declared = Object.keys(manifest.dependencies ?? {});
    expect({ undeclared: [...used].filter((name) => !declared.includes(name)) }).toEqual({ undeclared: [] });
    expect({ unused: declared.filter((name) => !used.has(name)) }).toEqual({ unused: [] });
  });

  test('only src/node knows a platform, its own or that of another package', () => {
    const faults = library(folder)
      .filter(({ path }) => !path.includes('/src/node/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => /^node:|(?:^|\/)node(?:\/|$)/.test(specifier) || isJoinedInNode(specifier, shortName))
          .map((specifier) => `${file.path}: ${specifier}`),
      );
    expect(faults).toEqual([]);
  });
});

function isJoinedInNode(specifier: string, importer: string): boolean {
  return JOINED_IN_NODE.some((name) => name !== importer && `${specifier}/`.startsWith(`${scope}${name}/`));
}

test('workspace packages depend on each other as workspace:^', () => {
  const faults = workspacePackages().flatMap(({ shortName, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
      .filter(([name, range]) => name.startsWith(scope) && range !== 'workspace:^')
      .map(([name, range]) => `${shortName}: ${name} ${range}`),
  );
  expect(faults).toEqual([]);
});

test.each(COAP_LAYERS)('in coap, the layer %s knows no other layer', (layer) => {
  const folder = `packages/coap/src/${layer}`;
  const layers = filesUnder('packages/coap/src', (name) => name.endsWith('.ts')).filter(
    ({ path }) => path.startsWith(`${folder}/`) && !isTest(path),
  );
  const faults = layers.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(dirname(file.path), specifier).replaceAll('\\', '/'))
      .filter((target) => !target.startsWith(`${folder}/`) && !COAP_SHARED.test(target))
      .map((target) => `${file.path} → ${target}`),
  );
  expect(faults).toEqual([]);
});
