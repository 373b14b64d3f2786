// Writes packages/objects/src, docs/objects.md and tools/registry/names.txt.
//
//   tsx --conditions=@motestack/source tools/generate-objects.ts                     the whole registry
//   tsx --conditions=@motestack/source tools/generate-objects.ts 3 3303 --out DIR    these objects, into another folder
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateObjects } from './objects/generate.ts';
import { formatNames, nameObjects } from './objects/names.ts';
import { objectsPage } from './objects/objects-page.ts';
import { readRegistry } from './objects/registry.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const registry = readRegistry();
const files = generateObjects(registry, positionals.length > 0 ? positionals.map(Number) : undefined);
const isWhole = positionals.length === 0 && values.out === undefined;
if (!(isWhole || values.out !== undefined))
  throw new Error('packages/objects has the whole registry: name a folder with --out');
const out = values.out ?? fileURLToPath(new URL('../packages/objects/src', import.meta.url));
if (isWhole) {
  // What was generated once and is no more; the tests stand at the top.
  for (const entry of readdirSync(out)) if (/^\d/.test(entry)) rmSync(join(out, entry), { recursive: true });
}
for (const [path, text] of files) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}
if (isWhole) {
  const names = nameObjects(registry);
  writeFileSync(new URL('registry/names.txt', import.meta.url), formatNames(registry, names));
  writeFileSync(new URL('../docs/objects.md', import.meta.url), objectsPage(registry, names));
}
console.log(`${files.size} files in ${out}`);
