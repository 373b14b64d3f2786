import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ExportTarget, filesUnder, publishedPackages, readText, root, workspacePackages } from './workspace.ts';

const exists = (path: string): boolean => existsSync(join(root, path));

/** The files that an entry of an exports map names, by condition; those of `./*` are any that fit. */
function filesOf(target: ExportTarget): Readonly<Record<string, string>> {
  return typeof target === 'string' ? { default: target } : target;
}

function hasMatch(folder: string, pattern: string): boolean {
  const [before = '', after = ''] = pattern.replace(/^\.\//, `${folder}/`).split('*');
  return filesUnder(folder, () => true).some(({ path }) => path.startsWith(before) && path.endsWith(after));
}

test('all packages have one version', () => {
  expect(new Set(workspacePackages().map(({ manifest }) => manifest.version)).size).toBe(1);
});

test('changesets moves them as one group', () => {
  const { fixed } = JSON.parse(readText('.changeset/config.json')) as { fixed: string[][] };
  expect(fixed).toEqual([['@motestack/*']]);
});

describe.each(publishedPackages())('$manifest.name', ({ folder, shortName, manifest }) => {
  const entries = Object.entries(manifest.exports ?? {});
  const code = entries.filter(([, target]) => typeof target !== 'string');

  test('has the fields that a registry page needs', () => {
    expect(manifest).toMatchObject({
      name: `@motestack/${shortName}`,
      license: 'MIT',
      type: 'module',
      engines: { node: '>=20.19' },
      publishConfig: { access: 'public', provenance: true },
      repository: { directory: folder },
    });
    expect(manifest.description).toMatch(/\w+/);
    expect(readText(`${folder}/README.md`)).toContain(manifest.name);
  });

  test('depends on nothing outside the scope', () => {
    const dependencies = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
    expect(Object.keys(dependencies).filter((name) => !name.startsWith('@motestack/'))).toEqual([]);
  });

  test('every entry of the exports map is there', () => {
    expect(entries.length).toBeGreaterThan(1);
    for (const [entry, target] of entries)
      for (const [condition, file] of Object.entries(filesOf(target))) {
        if (file.startsWith('./dist/')) continue;
        const isThere = file.includes('*') ? hasMatch(folder, file) : exists(join(folder, file));
        expect(isThere, `${entry} (${condition}): ${file}`).toBe(true);
      }
  });

  test('source, types and code of an entry belong together, and default comes last', () => {
    for (const [entry, target] of code) {
      const files = filesOf(target);
      const conditions = Object.keys(files);
      expect(conditions[0], entry).toBe('@motestack/source');
      expect(conditions[1], entry).toBe('types');
      expect(conditions.at(-1), entry).toBe('default');
      const stem = files['@motestack/source']?.replace('./src/', './dist/').replace(/\.ts$/, '');
      expect(files).toMatchObject({ types: `${stem}.d.ts` });
    }
  });

  test('code is free of side effects and ships its source without tests', () => {
    if (code.length === 0) return expect(manifest.files).toContain('*.json');
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.files).toEqual(
      expect.arrayContaining(['dist', 'src', '!**/*.test.ts', '!**/*.test-d.ts', '!**/*.tsbuildinfo']),
    );
    const fixtures = filesUnder(folder, (name) => name.endsWith('.fixture.ts'));
    if (fixtures.length > 0) expect(manifest.files).toContain('!**/*.fixture.ts');
  });
});
