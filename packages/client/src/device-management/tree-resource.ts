import {
  checkValue,
  checkValueType,
  type ExecuteArguments,
  formatPath,
  type Path,
  type ResourceSpec,
  type ResourceValue,
} from '@motestack/model';

/** The value of a resource; of a multiple one its resource instances by id, ascending. */
export type ResourceContent = ResourceValue | ReadonlyMap<number, ResourceValue>;

/** A handler of an executable resource; `afterAnswer` takes what is to happen once the server has its answer. */
export type ExecuteHandler = (args: ExecuteArguments, afterAnswer: (run: () => void) => void) => void | Promise<void>;

/** What stands behind one resource of a device. */
export type TreeResource =
  | {
      /** The client keeps the value; `undefined`: the device could have it, and has not. */
      readonly kind: 'kept';
      readonly spec: ResourceSpec;
      content: ResourceContent | undefined;
      /** Refuses what type and range do not refuse, by a throw. */
      readonly check?: (content: ResourceContent) => void;
    }
  | {
      /** The application is asked, and told. */
      readonly kind: 'computed';
      readonly spec: ResourceSpec;
      readonly read: (() => unknown) | undefined;
      readonly write: ((value: unknown) => void | Promise<void>) | undefined;
    }
  | { readonly kind: 'executable'; readonly spec: ResourceSpec; readonly execute: ExecuteHandler };

/**
 * Turns what the application gave for a resource into what stands behind it.
 *
 * @param implementation a value, a function, accessors; the handler of an executable resource
 * @throws {TypeError} if it is nothing of the kind
 * @throws {ValueError} if it is a value of another type than the resource's
 */
export function implementResource(spec: ResourceSpec, implementation: unknown, path: Path): TreeResource {
  if (spec.operations === 'E') {
    if (!isFunction(implementation)) throw new TypeError(`${formatPath(path)} is executed: it needs a function`);
    return { kind: 'executable', spec, execute: implementation as ExecuteHandler };
  }
  if (isFunction(implementation)) return { kind: 'computed', spec, read: implementation, write: undefined };
  const accessors = accessorsOf(implementation);
  if (accessors !== undefined) return { kind: 'computed', spec, ...accessors };
  return { kind: 'kept', spec, content: deviceContent(spec, implementation) };
}

/**
 * Takes a value that the device itself gives. Its type is checked and not its range: what a device measures is what it
 * measures.
 *
 * @param value of a multiple resource an array or a record by resource instance id
 * @throws {ValueError}
 */
export function deviceContent(spec: ResourceSpec, value: unknown): ResourceContent {
  return contentOf(spec, value, (one) => checkValueType(spec.type, one));
}

/**
 * Checks a value that a server writes: type, 64 bits and range.
 *
 * @throws {ValueError}
 */
export function writtenValue(spec: ResourceSpec, value: unknown): ResourceValue {
  return checkValue(spec, value);
}

/** Reads one resource. `undefined`: the device has none now. Whatever the application throws is thrown. */
export function readContent(
  resource: TreeResource,
): ResourceContent | undefined | Promise<ResourceContent | undefined> {
  switch (resource.kind) {
    case 'kept':
      return resource.content;
    case 'computed': {
      const { spec, read } = resource;
      const value = read?.();
      return isPromise(value) ? value.then((settled) => presentContent(spec, settled)) : presentContent(spec, value);
    }
    case 'executable':
      return undefined;
    default:
      return resource satisfies never;
  }
}

/** The value as the application's `write` takes it: of a multiple resource a record by resource instance id. */
export function applicationValue(content: ResourceContent): unknown {
  return isInstances(content) ? Object.fromEntries(content) : content;
}

/** Whether a content is that of a multiple resource. */
export function isInstances(content: ResourceContent | undefined): content is ReadonlyMap<number, ResourceValue> {
  return content instanceof Map;
}

/** Sorts resource instances by id. */
export function sortedInstances(
  entries: Iterable<readonly [number, ResourceValue]>,
): ReadonlyMap<number, ResourceValue> {
  return new Map([...entries].sort(([a], [b]) => a - b));
}

const RESOURCE_INSTANCE_ID_MAX = 65_534;

function presentContent(spec: ResourceSpec, value: unknown): ResourceContent | undefined {
  return value === undefined ? undefined : deviceContent(spec, value);
}

function contentOf(spec: ResourceSpec, value: unknown, check: (value: unknown) => ResourceValue): ResourceContent {
  if (spec.multiple !== true) return check(value);
  if (typeof value !== 'object' || value === null) return new Map([[0, check(value)]]);
  return sortedInstances(
    Object.entries(value).map(([id, one]) => {
      const instanceId = Number(id);
      if (!(Number.isInteger(instanceId) && instanceId >= 0 && instanceId <= RESOURCE_INSTANCE_ID_MAX)) {
        throw new TypeError(`${id} is no resource instance id of resource ${spec.id}`);
      }
      return [instanceId, check(one)] as const;
    }),
  );
}

function accessorsOf(
  implementation: unknown,
): Pick<TreeResource & { readonly kind: 'computed' }, 'read' | 'write'> | undefined {
  if (typeof implementation !== 'object' || implementation === null) return undefined;
  const read = 'read' in implementation ? implementation.read : undefined;
  const write = 'write' in implementation ? implementation.write : undefined;
  if (!isFunction(read) && !isFunction(write)) return undefined;
  return {
    // Called on the object that the application gave, whose methods may use `this`.
    read: isFunction(read) ? () => read.call(implementation) : undefined,
    write: isFunction(write) ? (value) => write.call(implementation, value) as void | Promise<void> : undefined,
  };
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
