// Writes packages/objects/src and tools/registry/names.txt.
//
//   tsx tools/generate-objects.ts                     the objects of tools/objects/committed-objects.ts
//   tsx tools/generate-objects.ts 3 3303 --out DIR    these objects, into another folder
//   tsx tools/generate-objects.ts --all --out DIR     the whole registry
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COMMITTED_OBJECT_IDS } from './objects/committed-objects.ts';
import { generateObjects } from './objects/generate.ts';
import { formatNames, nameObjects } from './objects/names.ts';
import { readRegistry } from './objects/registry.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, out: { type: 'string' } },
});
const registry = readRegistry();
const ids = values.all ? undefined : positionals.length > 0 ? positionals.map(Number) : COMMITTED_OBJECT_IDS;
const out = values.out ?? fileURLToPath(new URL('../packages/objects/src', import.meta.url));
const files = generateObjects(registry, ids);
for (const [path, text] of files) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}
if (values.out === undefined) {
  writeFileSync(new URL('registry/names.txt', import.meta.url), formatNames(registry, nameObjects(registry)));
}
console.log(`${files.size} files in ${out}`);
