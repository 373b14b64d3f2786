import { type ObjectNames, unnamed } from './names.ts';
import type { ObjectVersions, RegistryResource } from './registry.ts';

/** The page that lists every object with the resources of its newest version. */
export function objectsPage(registry: readonly ObjectVersions[], names: ReadonlyMap<number, ObjectNames>): string {
  const index = registry.map(({ id, versions, newest }) => {
    const { object } = names.get(id) ?? unnamed(id);
    const said = versions.map(({ version }) => version).join(', ');
    return [`${id}`, `[${object}](#${anchor(id, object)})`, plain(newest.name), said];
  });
  const sections = registry.map((entry) => section(entry, names.get(entry.id) ?? unnamed(entry.id)));
  const versions = registry.flatMap((entry) => entry.versions).length;
  return `# Objects

Every object of the OMA registry, as \`@motestack/objects\` has it: ${registry.length} objects in ${versions} versions. The newest version is
shown; \`@motestack/objects/3303/1.0\` has another. This page is written by \`tools/generate-objects.ts\`.

${table([['id', 'definition', 'registered as', 'versions'], ...index])}
${sections.join('\n')}`;
}

function section({ id, versions, newest }: ObjectVersions, { object, resources }: ObjectNames): string {
  const nameById = resources.get(newest.version) ?? unnamed(id);
  const rows = newest.resources.map((resource) => cells(resource, nameById.get(resource.id) ?? unnamed(id)));
  const facts = [
    `version ${newest.version}`,
    newest.multiple ? 'several instances' : 'one instance',
    newest.mandatory && 'mandatory',
    newest.lwm2mVersion && `needs LwM2M ${newest.lwm2mVersion}`,
  ];
  const gone = new Map<number, string>();
  for (const { version, resources: older } of versions)
    for (const resource of older)
      if (!nameById.has(resource.id))
        gone.set(resource.id, `${resource.id} \`${resources.get(version)?.get(resource.id) ?? unnamed(id)}\``);
  const olderOnly = gone.size === 0 ? '' : `\nOlder versions only: ${[...gone.values()].join(', ')}.\n`;
  return `## ${id} ${object}

${plain(newest.name)}: ${facts.filter(Boolean).join(', ')}.

${table([COLUMNS, ...rows])}${olderOnly}`;
}

const COLUMNS = ['id', 'resource', 'registered as', 'operations', 'type', 'mandatory', 'range', 'unit'];

function cells(resource: RegistryResource, own: string): string[] {
  const { id, name, operations, type, multiple, mandatory, range = '', units = '' } = resource;
  const typed = multiple ? [type, 'multiple'].filter(Boolean).join(', ') : type;
  const said = [`${id}`, `\`${own}\``, plain(name), operations || 'bootstrap', typed];
  return [...said, mandatory ? 'yes' : '', plain(range), plain(units)];
}

/** A table, its first row the head. Cells are not padded, so that a change of one is a change of one line. */
function table([head = [], ...body]: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |\n`);
  return lines.join('');
}

/** The heading's anchor, as forges make it. */
function anchor(id: number, object: string): string {
  return `${id}-${object.toLowerCase()}`;
}

/** A text that Markdown leaves alone. */
function plain(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|~]/g, '\\$&');
}
