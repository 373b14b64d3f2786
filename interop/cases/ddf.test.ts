import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DdfObject, objectSpecOf, parseDdf } from '@motestack/model/ddf';
import { findObject } from '@motestack/objects/registry';
import { beforeAll, describe, expect, test } from 'vitest';
import { places } from '../src/places.ts';
import { readinessOf } from '../src/readiness.ts';

interface RegistryResource {
  readonly id: number;
  readonly units?: string;
  readonly range?: string;
}

interface RegistryObject {
  readonly id: number;
  readonly version: string;
  readonly lwm2mVersion?: string;
  readonly resources: readonly RegistryResource[];
}

const { ready, version } = readinessOf('leshan');

/** The one thing that Leshan's copy of a file states otherwise than the registry: it is older. */
const WITHOUT_UNITS = '/4 1.3 2';

/** What the registry's facts leave out, and what they have that Leshan's files do not. */
function comparable<O extends RegistryObject>(object: O): unknown {
  const resources = object.resources.map(({ units, ...resource }) => {
    const isKnown = `/${object.id} ${object.version} ${resource.id}` === WITHOUT_UNITS;
    return units === undefined || isKnown ? resource : { ...resource, units };
  });
  return { ...object, resources };
}

function factsOf({ description, urn, resources, ...object }: DdfObject): RegistryObject {
  return { ...object, resources: resources.map(({ description: _, ...resource }) => resource) };
}

/** Unpacks the definition files of a jar. */
function definitionFiles(jar: string, name: string): { readonly name: string; readonly text: string }[] {
  const folder = join(places.target, 'ddf', name);
  mkdirSync(folder, { recursive: true });
  // `jar` is of the JDK that Leshan needs anyway.
  const unpacked = spawnSync('jar', ['xf', jar, 'models'], { cwd: folder, encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`${jar} does not unpack: ${unpacked.stderr}`);
  const models = join(folder, 'models');
  const names = readdirSync(models).filter((file) => file.endsWith('.xml'));
  return names.map((file) => ({ name: file, text: readFileSync(join(models, file), 'utf8') }));
}

function registered(object: RegistryObject): RegistryObject | undefined {
  return registry.objects.find(({ id, version: of }) => id === object.id && of === object.version);
}

const registry = JSON.parse(readFileSync(join(places.root, 'tools/registry/objects.json'), 'utf8')) as {
  readonly objects: readonly RegistryObject[];
};

describe.skipIf(!ready)('Leshan / definition files', () => {
  let files: readonly { readonly name: string; readonly text: string }[] = [];

  beforeAll(() => {
    files = definitionFiles(join(places.leshan, `target/lib/leshan-lwm2m-core-${version}.jar`), 'core');
  });

  test('all parse', () => {
    expect(files.length).toBeGreaterThanOrEqual(19);
    for (const { name, text } of files) expect(parseDdf(text), name).toHaveLength(1);
  });

  test('state what the registry states', () => {
    for (const object of files.flatMap(({ text }) => parseDdf(text))) {
      const facts = registered(factsOf(object));
      expect(comparable(factsOf(object)), `${object.id} ${object.version}`).toEqual(facts && comparable(facts));
    }
  });

  test('are the definitions that we publish', async () => {
    for (const object of files.flatMap(({ text }) => parseDdf(text))) {
      const published = await findObject(object.id, object.version);
      const own = Object.values(objectSpecOf(object).resources).map(({ id, operations, type }) => ({
        id,
        operations,
        type,
      }));
      const theirs = Object.values(published?.resources ?? {}).map(({ id, operations, type }) => ({
        id,
        operations,
        type,
      }));
      expect(own, `${object.id} ${object.version}`).toEqual(theirs);
    }
  });
});

/** What the registry has mended since the demo was made, in 2021. */
const MENDED = {
  '/3306 1.0 5853': 'name',
  '/3306 1.1 5853': 'name',
  '/3379 1.0 2': 'operations',
  '/10260 1.0 3': 'type',
} as const satisfies Record<string, string>;

/** Resources that the registry gave a version later. */
const ADDED: readonly string[] = ['/9 1.0 16', '/9 1.0 17', '/9 1.0 18'];

/** Without what is only written otherwise now: ranges ("0..2^32-1", "0..256 bytes") and the enabler where none was named. */
function lastingFacts({ lwm2mVersion: _, resources, ...object }: RegistryObject): unknown {
  const lasting = resources.flatMap(({ range: __, ...resource }) => {
    const place = `/${object.id} ${object.version} ${resource.id}`;
    const mended = MENDED[place as keyof typeof MENDED];
    if (ADDED.includes(place)) return [];
    return mended === undefined ? [resource] : [{ ...resource, [mended]: 'mended' }];
  });
  return { ...object, resources: lasting };
}

describe.skipIf(!ready)('Leshan / definition files of the last demo on Maven Central, 2.0.0-M4', () => {
  let objects: readonly DdfObject[] = [];

  beforeAll(() => {
    const files = definitionFiles(join(places.leshan, 'target/demo/leshan-server-demo.jar'), 'demo');
    objects = files.flatMap(({ text }) => parseDdf(text));
  });

  test('all 328 parse and state what the registry states', () => {
    expect(objects).toHaveLength(328);
    for (const object of objects) {
      const facts = registered(factsOf(object));
      expect(lastingFacts(factsOf(object)), `/${object.id} ${object.version}`).toEqual(facts && lastingFacts(facts));
    }
  });

  test('what the registry mended since is what it is said to be', () => {
    const differing = objects.flatMap((object) => {
      const theirs = registered(factsOf(object))?.resources ?? [];
      return factsOf(object).resources.flatMap((resource) => {
        const { range: _, ...own } = resource;
        const { range: __, ...facts } = theirs.find(({ id }) => id === resource.id) ?? { id: resource.id };
        return JSON.stringify(own) === JSON.stringify(facts) ? [] : [`/${object.id} ${object.version} ${resource.id}`];
      });
    });
    expect(new Set(differing)).toEqual(new Set(Object.keys(MENDED)));
  });
});
