import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DdfObject, objectSpecOf, parseDdf } from '@motestack/model/ddf';
import { findObject } from '@motestack/objects/registry';
import { beforeAll, describe, expect, test } from 'vitest';
import { places } from '../src/places.ts';
import { readinessOf } from '../src/readiness.ts';

interface RegistryObject {
  readonly id: number;
  readonly version: string;
  readonly resources: readonly { readonly id: number; readonly units?: string }[];
}

const { ready, version } = readinessOf('leshan');
const folder = join(places.target, 'ddf');

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

describe.skipIf(!ready)('Leshan / definition files', () => {
  let files: readonly { readonly name: string; readonly text: string }[] = [];

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    const jar = join(places.leshan, `target/lib/leshan-lwm2m-core-${version}.jar`);
    const [program, ...options] = ['jar', 'xf', jar, 'models'] as const; // of the JDK that Leshan needs anyway
    const unpacked = spawnSync(program, options, { cwd: folder, encoding: 'utf8' });
    if (unpacked.status !== 0) throw new Error(`${jar} does not unpack: ${unpacked.stderr}`);
    const models = join(folder, 'models');
    const names = readdirSync(models).filter((name) => name.endsWith('.xml'));
    files = names.map((name) => ({ name, text: readFileSync(join(models, name), 'utf8') }));
  });

  test('all parse', () => {
    expect(files.length).toBeGreaterThanOrEqual(19);
    for (const { name, text } of files) expect(parseDdf(text), name).toHaveLength(1);
  });

  test('state what the registry states', () => {
    const registry = JSON.parse(readFileSync(join(places.root, 'tools/registry/objects.json'), 'utf8')) as {
      objects: readonly RegistryObject[];
    };
    for (const object of files.flatMap(({ text }) => parseDdf(text))) {
      const registered = registry.objects.find(({ id, version: of }) => id === object.id && of === object.version);
      expect(comparable(factsOf(object)), `${object.id} ${object.version}`).toEqual(
        registered && comparable(registered),
      );
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
