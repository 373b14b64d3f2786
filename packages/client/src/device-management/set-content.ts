import { areEqualValues, type Path } from '@motestack/model';
import {
  deviceContent,
  isInstances,
  type ResourceContent,
  sortedInstances,
  type TreeResource,
} from './tree-resource.ts';

/**
 * Gives a kept resource, or one of its resource instances, the value that the application says.
 *
 * @returns whether that changed anything
 * @throws {ValueError} for a value of another type
 * @throws {TypeError} for a resource instance of a single resource
 */
export function setContent(resource: TreeResource & { readonly kind: 'kept' }, path: Path, value: unknown): boolean {
  const { spec, content } = resource;
  const { resourceInstanceId } = path;
  if (resourceInstanceId === undefined) {
    const given = deviceContent(spec, value);
    resource.check?.(given);
    resource.content = given;
    return !areEqualContents(content, given);
  }
  if (spec.multiple !== true) throw new TypeError(`resource ${spec.id} has no resource instances`);
  const given = deviceContent(spec, { [resourceInstanceId]: value });
  const others = isInstances(content) ? content : [];
  resource.content = sortedInstances([...others, ...(isInstances(given) ? given : [])]);
  return !areEqualContents(content, resource.content);
}

function areEqualContents(a: ResourceContent | undefined, b: ResourceContent | undefined): boolean {
  if (!isInstances(a) || !isInstances(b)) return !isInstances(a) && !isInstances(b) && areEqualValues(a, b);
  return a.size === b.size && [...a].every(([id, value]) => b.has(id) && areEqualValues(value, b.get(id)));
}
