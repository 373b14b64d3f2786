import { type ObjectNames, unnamed } from './names.ts';
import type { ObjectVersions } from './registry.ts';

/** The text of `@motestack/objects/registry`: the look-up by id, each definition loaded when it is asked for. */
export function registryModule(
  registry: readonly ObjectVersions[],
  names: ReadonlyMap<number, ObjectNames>,
  header: string,
): string {
  const rows = registry.map(({ id, versions }) => {
    const { object } = names.get(id) ?? unnamed(id);
    const loads = versions.map(
      ({ version }) => `    '${version}': async () => (await import('./${id}/${version}.ts')).${object}.definition,\n`,
    );
    return `  ${id}: {\n${loads.join('')}  },\n`;
  });
  return `${header}
import type { ObjectSpec } from '@motestack/model';

/**
 * The facts of an object that is known by its id alone, at run time. They are loaded by \`import()\` when they are asked for.
 *
 * @param objectId object id
 * @param version \`major.minor\`; the newest registered one without it. (An object of a device that states no version is not
 *   the newest one: see \`impliedObjectVersion\` of \`@motestack/model\`.)
 * @returns what \`defineObject\` takes; \`undefined\` if the registry does not have that object in that version
 */
export async function findObject(objectId: number, version?: string): Promise<ObjectSpec | undefined> {
  const versions = Object.hasOwn(objects, objectId) ? (objects[objectId] ?? {}) : {};
  const asked = version ?? Object.keys(versions).at(-1) ?? '';
  return Object.hasOwn(versions, asked) ? versions[asked]?.() : undefined;
}

/** The registered versions of an object, oldest first; none if the registry does not have it. */
export function registeredVersions(objectId: number): readonly string[] {
  return Object.hasOwn(objects, objectId) ? Object.keys(objects[objectId] ?? {}) : [];
}

/** The ids of all registered objects, ascending. */
export function registeredObjectIds(): readonly number[] {
  return Object.keys(objects).map(Number);
}

const objects: Readonly<Record<number, Readonly<Record<string, () => Promise<ObjectSpec>>>>> = {
${rows.join('')}};
`;
}
