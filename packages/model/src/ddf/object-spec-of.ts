import { nameResources } from '../generate/names.ts';
import type { ObjectSpec, ResourceSpec } from '../object-spec.ts';
import type { DdfObject } from './ddf-object.ts';

/**
 * The facts of an object of a definition file, as `defineObject` takes them at run time. The resources have the names that
 * generated definitions have: `Sensor Value` is `sensorValue`.
 *
 * @example
 * const [valve] = parseDdf(xml).map((object) => defineObject(objectSpecOf(object)));
 */
export function objectSpecOf({ id, version, name, multiple, mandatory, resources }: DdfObject): ObjectSpec {
  const names = nameResources(resources);
  const specs: Record<string, ResourceSpec> = {};
  for (const { name: registered, description, ...spec } of resources) {
    specs[names.get(spec.id) ?? registered] = spec;
  }
  return { id, version, name, ...(multiple && { multiple }), ...(mandatory && { mandatory }), resources: specs };
}
