import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Fact {
  readonly id: number;
  readonly name: string;
}

interface RegistryObject extends Fact {
  readonly version: string;
  readonly multiple?: boolean;
  readonly mandatory?: boolean;
  readonly resources: readonly Fact[];
}

/** As much of a definition as is looked at here. */
interface Definition {
  readonly definition: RegistryObject & { readonly resources: Readonly<Record<string, Fact>> };
  toString(): string;
}

const { objects } = JSON.parse(
  readFileSync(new URL('../../../tools/registry/objects.json', import.meta.url), 'utf8'),
) as { objects: RegistryObject[] };

const versions = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: id }) =>
    readdirSync(new URL(`./${id}/`, import.meta.url)).map((file) => ({ id, version: file.replace(/\.ts$/, '') })),
  );

async function definitionIn(file: string): Promise<Definition> {
  const [definition] = Object.values((await import(/* @vite-ignore */ `./${file}.ts`)) as Record<string, Definition>);
  if (definition === undefined) throw new Error(`${file} exports nothing`);
  return definition;
}

describe('the facts of each definition are those of the registry', () => {
  test.each(versions)('/$id $version', async ({ id, version }) => {
    const { definition } = await definitionIn(`${id}/${version}`);
    const registered = objects.find((object) => `${object.id}` === id && object.version === version);
    const { lwm2mVersion, resources = [], ...facts } = (registered ?? {}) as RegistryObject & { lwm2mVersion?: string };
    const { resources: defined, ...own } = definition;
    expect(own).toEqual(facts);
    expect(Object.values(defined)).toEqual(resources.map(({ name, ...resource }) => resource));
  });

  test('in every version that is registered', () => {
    const ids = new Set(versions.map(({ id }) => id));
    expect(versions).toHaveLength(objects.filter(({ id }) => ids.has(`${id}`)).length);
    expect([...ids].map(Number).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 3303]);
  });
});

test('the root and /<id> have the newest version', async () => {
  const root = (await import('./index.ts')) as unknown as Record<string, Definition>;
  for (const { definition } of Object.values(root)) {
    const registered = objects.filter(({ id }) => id === definition.id).map(({ version }) => version);
    expect(definition.version).toBe(registered.sort().at(-1));
    expect((await definitionIn(`${definition.id}`)).definition).toBe(definition);
  }
});
