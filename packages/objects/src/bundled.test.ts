import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test.each([true, false])(
  'findObject works in a bundle, in pieces: %s',
  async (splitting) => {
    const outdir = mkdtempSync(join(tmpdir(), 'objects-bundle-'));
    try {
      await build({
        entryPoints: [fileURLToPath(new URL('registry.ts', import.meta.url))],
        conditions: ['@motestack/source'],
        bundle: true,
        format: 'esm',
        outExtension: { '.js': '.mjs' },
        splitting,
        outdir,
      });
      expect(readdirSync(outdir).length > 400).toBe(splitting);
      const { findObject } = (await import(
        pathToFileURL(join(outdir, 'registry.mjs')).href
      )) as typeof import('./registry.ts');
      expect(await findObject(3303, '1.0')).toMatchObject({ id: 3303, version: '1.0', name: 'Temperature' });
      expect(await findObject(9999)).toBeUndefined();
    } finally {
      rmSync(outdir, { recursive: true });
    }
  },
  30_000,
);
