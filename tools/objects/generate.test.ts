import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateObjects } from './generate.ts';
import { nameObjects } from './names.ts';
import { objectsPage } from './objects-page.ts';
import { type ObjectVersions, type RegistryObject, readRegistry } from './registry.ts';

const page = new URL('../../docs/objects.md', import.meta.url);
const source = new URL('../../packages/objects/src/', import.meta.url);
const registry = readRegistry();

describe('the committed definitions', () => {
  const generated = generateObjects(registry);

  test('are what is generated, byte for byte', () => {
    for (const [path, text] of generated) expect(readFileSync(new URL(path, source), 'utf8'), path).toBe(text);
  });

  test('are all that stands there', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ts$/.test(path));
    const committed = files.filter((path) => !/\.test(-d)?\.ts$/.test(path));
    expect(new Set(committed.map((path) => path.replaceAll('\\', '/')))).toEqual(new Set(generated.keys()));
  });
});

describe('docs/objects.md', () => {
  const text = objectsPage(registry, nameObjects(registry));

  test('is what is generated, byte for byte', () => expect(readFileSync(page, 'utf8') === text).toBe(true));

  test('has every object, and every resource of its newest version', () => {
    expect(text.match(/^## /gm)).toHaveLength(327);
    const resources = registry.flatMap(({ newest }) => newest.resources).length;
    expect(text.match(/^\| \d+ \| `/gm)).toHaveLength(resources);
  });

  test('says what older versions had, and leaves signs of Markdown alone', () => {
    expect(text).toContain('Older versions only: ');
    expect(text).toContain('\\|+A\\|');
  });
});

describe('generateObjects', () => {
  test('the whole registry: a file for each version, one for each object, the root and the look-up by id', () => {
    expect(generateObjects(registry).size).toBe(424 + 327 + 2);
  });

  test('names do not depend on what is generated', () => {
    const all = generateObjects(registry);
    for (const [path, text] of generateObjects(registry, [3336, 3]))
      if (/^\d/.test(path)) expect(all.get(path)).toBe(text);
  });

  test('the look-up has every version of every object', () => {
    const text = generateObjects(registry).get('registry.ts') ?? '';
    for (const { id, versions } of registry)
      for (const { version } of versions) expect(text).toContain(`import('./${id}/${version}.ts')`);
  });

  test('an id that the registry does not have is an error', () => {
    expect(() => generateObjects(registry, [9999])).toThrow('9999');
  });

  test('names that would end a comment or a string stay inside', () => {
    const hostile: RegistryObject = {
      id: 1,
      version: '1.0',
      name: "it's */ {@link x} \\",
      resources: [{ id: 1, name: 'a */ b', operations: 'E', type: '', range: "'*/\\" }],
    };
    const entry: ObjectVersions = { id: 1, versions: [hostile], newest: hostile };
    const text = generateObjects([entry]).get('1/1.0.ts') ?? '';
    expect(text).toContain("/** it's * / ((at)link x) \\: object 1, version 1.0. */");
    expect(text).toContain("name: 'it\\'s */ {@link x} \\\\',");
    expect(text).toContain(
      "  /** a * / b: `/1/x/1`, executable, '* /\\. */\n  readonly aB: Resource<undefined, 'E'>;\n",
    );
    expect(text).toContain("aB: { id: 1, operations: 'E', type: '', range: '\\'*/\\\\' },");
  });

  test('what the client fills is not asked for', () => {
    const text = generateObjects(registry, [1, 3]);
    expect(text.get('3/1.2.ts')).toContain("ObjectDefinition<DeviceResources, 'reboot'> =");
    expect(text.get('1/1.2.ts')).toContain('ObjectDefinition<ServerResources> =');
    expect(text.get('3/1.2.ts')).toContain(
      "errorCode: { id: 11, operations: 'R', type: 'Integer', multiple: true, mandatory: true",
    );
  });
});
