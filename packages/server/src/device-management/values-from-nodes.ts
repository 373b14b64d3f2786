import {
  isWithin,
  type LwM2mNode,
  type ObjectLookup,
  type Path,
  pathKey,
  pathLevel,
  type ResourceValue,
  resourceSpecAt,
  resourcesById,
} from '@motestack/model';

/** What a path gives: a value, or records of them, as deep as the path is short. */
export type ReadValue = ResourceValue | { readonly [key: string | number]: ReadValue };

/** Nodes that do not make up what was asked for. */
export class UnusableContentError extends Error {
  /** Always `UnusableContentError`. */
  override readonly name = 'UnusableContentError';
}

/**
 * Makes the value of a path of the nodes that a device sent:
 * a resource or resource instance is a value; a multiple resource is a record by resource instance id; an object instance is a
 * record by resource name, or by resource id where no definition names it; an object is a record of those by instance id.
 *
 * @param path what was asked
 * @param nodes what was sent
 * @param lookup the definitions that count for this device
 * @param bigint may an integer beyond ±(2^53 − 1) be a `bigint`? Otherwise it is refused
 * @throws {UnusableContentError} if a node is not within the path, if a single value is not there, or if an integer is too large
 */
export function valueFromNodes(
  path: Path,
  nodes: readonly LwM2mNode[],
  lookup: ObjectLookup,
  bigint: boolean,
): ReadValue {
  for (const node of nodes) {
    if (!isWithin(node.path, path)) throw new UnusableContentError(`${pathKey(node.path)} was not asked for`);
    if (!bigint && typeof node.value === 'bigint') {
      const where = pathKey(node.path);
      throw new UnusableContentError(`the integer at ${where} is beyond ±(2^53 − 1): ask for it with { bigint: true }`);
    }
  }
  switch (pathLevel(path)) {
    case 'root':
      return grouped(nodes, (node) => node.path.objectId, objectValue(lookup));
    case 'object':
      return objectValue(lookup)(nodes);
    case 'objectInstance':
      return instanceValue(nodes, lookup);
    case 'resource':
      return resourceValue(path, nodes, lookup);
    case 'resourceInstance':
      return singleValue(path, nodes);
  }
}

function objectValue(lookup: ObjectLookup): (nodes: readonly LwM2mNode[]) => ReadValue {
  return (nodes) =>
    grouped(
      nodes,
      (node) => node.path.objectInstanceId,
      (own) => instanceValue(own, lookup),
    );
}

function instanceValue(nodes: readonly LwM2mNode[], lookup: ObjectLookup): ReadValue {
  const record: Record<string, ReadValue> = {};
  for (const [resourceId, own] of groups(nodes, (node) => node.path.resourceId)) {
    const first = own[0]?.path;
    if (first?.objectId === undefined || first.objectInstanceId === undefined) continue;
    const definition = lookup(first.objectId);
    const named = definition === undefined ? undefined : resourcesById(definition).get(resourceId);
    const { objectId, objectInstanceId } = first;
    record[named?.name ?? resourceId] = resourceValue({ objectId, objectInstanceId, resourceId }, own, lookup);
  }
  return record;
}

function resourceValue(path: Path, nodes: readonly LwM2mNode[], lookup: ObjectLookup): ReadValue {
  const spec = resourceSpecAt(lookup, path);
  const multiple =
    spec === undefined ? nodes.some((node) => pathLevel(node.path) === 'resourceInstance') : spec.multiple;
  if (multiple !== true) return singleValue(path, nodes);
  const record: Record<number, ReadValue> = {};
  for (const { path: at, value } of nodes) {
    // A device that has one value and sends it bare means instance 0.
    if (value !== undefined) record[at.resourceInstanceId ?? 0] = value;
  }
  return record;
}

function singleValue(path: Path, nodes: readonly LwM2mNode[]): ReadValue {
  const [node, ...others] = nodes;
  if (node?.value === undefined) throw new UnusableContentError(`there is no value for ${pathKey(path)}`);
  if (others.length > 0) throw new UnusableContentError(`there is more than one value for ${pathKey(path)}`);
  return node.value;
}

function grouped(
  nodes: readonly LwM2mNode[],
  idOf: (node: LwM2mNode) => number | undefined,
  toValue: (own: readonly LwM2mNode[]) => ReadValue,
): ReadValue {
  const record: Record<number, ReadValue> = {};
  for (const [id, own] of groups(nodes, idOf)) record[id] = toValue(own);
  return record;
}

function groups(nodes: readonly LwM2mNode[], idOf: (node: LwM2mNode) => number | undefined): Map<number, LwM2mNode[]> {
  const found = new Map<number, LwM2mNode[]>();
  for (const node of nodes) {
    const id = idOf(node);
    if (id === undefined) continue;
    const own = found.get(id);
    if (own === undefined) found.set(id, [node]);
    else own.push(node);
  }
  return found;
}
