import {
  assertId,
  checkValue,
  type LwM2mNode,
  type ObjectLookup,
  type Path,
  pathLevel,
  type ResourceSpec,
  type ResourceValue,
  resourceSpecAt,
} from '@motestack/model';

/**
 * Makes nodes of what is to be written at a path.
 *
 * A resource or resource instance takes a value, a multiple resource an array or a record by resource instance id, an object
 * instance a record by resource name (or id). A name with the value `undefined` is left out.
 *
 * @param path an object instance, a resource or a resource instance
 * @param value what the caller gave
 * @param lookup the definitions that count for this device
 * @throws {TypeError} if the value does not fit the path, or names what the object does not have
 * @throws {RangeError} if a key is no id
 * @throws {ValueError} if a value is not of the resource's type or range
 */
export function nodesFromValue(path: Path, value: unknown, lookup: ObjectLookup): LwM2mNode[] {
  switch (pathLevel(path)) {
    case 'objectInstance':
      return nodesOfInstance(path, value, lookup);
    case 'resource':
      return nodesOfResource(path, value, resourceSpecAt(lookup, path));
    case 'resourceInstance':
      return [{ path, value: checked(value, resourceSpecAt(lookup, path)) }];
    case 'root':
    case 'object':
      throw new TypeError('only an object instance, a resource or a resource instance can be written');
  }
}

/**
 * Makes nodes of the values of an object instance.
 *
 * @param base the instance, or the object alone where the device is to choose the instance's id
 * @param values a record by resource name (or id)
 * @param lookup the definitions that count for this device
 * @throws as {@link nodesFromValue}
 */
export function nodesOfInstance(base: Path, values: unknown, lookup: ObjectLookup): LwM2mNode[] {
  if (!isRecord(values)) throw new TypeError('an object instance takes a record of values by resource name');
  const definition = base.objectId === undefined ? undefined : lookup(base.objectId);
  const nodes: LwM2mNode[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const named =
      definition !== undefined && Object.hasOwn(definition.resources, name) ? definition.resources[name] : undefined;
    if (named === undefined && !/^\d+$/.test(name))
      throw new TypeError(`object ${base.objectId} has no resource ${name}`);
    const path = { ...base, resourceId: named?.id ?? Number(name) };
    assertId(path.resourceId);
    nodes.push(...nodesOfResource(path, value, named ?? resourceSpecAt(lookup, path)));
  }
  return nodes;
}

function nodesOfResource(path: Path, value: unknown, spec: ResourceSpec | undefined): LwM2mNode[] {
  const multiple = spec === undefined ? isCollection(value) : spec.multiple === true;
  if (!multiple) return [{ path, value: checked(value, spec) }];
  if (!isCollection(value))
    throw new TypeError(`resource ${path.resourceId} has instances: give an array or a record of values`);
  const nodes = Object.entries(value)
    .filter(([, own]) => own !== undefined)
    .map(([key, own]): LwM2mNode => {
      const resourceInstanceId = Number(key);
      assertId(resourceInstanceId);
      return { path: { ...path, resourceInstanceId }, value: checked(own, spec) };
    });
  // A multiple resource without instances is there and empty.
  return nodes.length === 0 ? [{ path }] : nodes;
}

function checked(value: unknown, spec: ResourceSpec | undefined): ResourceValue {
  if (spec !== undefined) return checkValue(spec, value);
  if (isResourceValue(value)) return value;
  throw new TypeError('this is no value that a resource can have');
}

function isResourceValue(value: unknown): value is ResourceValue {
  if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return true;
  return isBytes(value) || isDate(value) || isObjectLink(value);
}

/** An array, or a record that is not a value by itself. */
function isCollection(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !isObjectLink(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !isBytes(value) && !isDate(value);
}

function isObjectLink(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'objectId' in value && 'objectInstanceId' in value;
}

// By their tag, not by `instanceof`, so that values of another realm are known too.
function isBytes(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function isDate(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Date]';
}
