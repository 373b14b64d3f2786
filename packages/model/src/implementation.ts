import type { ExecuteArguments } from './execute-arguments.ts';
import type { ObjectSpec } from './object-spec.ts';
import type { ValueOf } from './typed-path.ts';

/** Reading a resource of a device. */
export interface ReadAccessor<Value> {
  /** Asked at each Read and each look at an observed value. */
  read(): Value | Promise<Value>;
}

/** Writing a resource of a device. */
export interface WriteAccessor<Value> {
  /** Called with each value that a server writes, after type and range were checked; a rejection refuses the write. */
  write(value: Value): void | Promise<void>;
}

/** Both directions, or one of them, as far as the object lets a server do it. */
export type AccessorsOf<Value, Allowed> = Allowed extends 'R'
  ? ReadAccessor<Value>
  : Allowed extends 'W'
    ? WriteAccessor<Value>
    : ReadAccessor<Value> & Partial<WriteAccessor<Value>>;

/**
 * How a device implements one resource: a value that the client keeps, a function that is asked for it, or accessors.
 * An executable resource is a function that gets the arguments.
 */
export type Implementation<Path> = Path extends { readonly '~operations': 'E' }
  ? (args: ExecuteArguments) => void | Promise<void>
  : Path extends { readonly '~operations': infer Allowed }
    ? ValueOf<Path> | (() => ValueOf<Path> | Promise<ValueOf<Path>>) | AccessorsOf<ValueOf<Path>, Allowed>
    : never;

/** What `instance` takes: all that is mandatory, and what else the device has. */
export type InstanceInit<Resources, Mandatory extends keyof Resources> = {
  readonly [Name in Mandatory]: Implementation<Resources[Name]>;
} & {
  readonly [Name in Exclude<keyof Resources, Mandatory>]?: Implementation<Resources[Name]>;
};

/** An object instance together with what stands behind it on a device: made by `instance`, taken by a client. */
export interface ImplementedInstance {
  /** Object id. */
  readonly objectId: number;
  /** Object instance id. */
  readonly objectInstanceId: number;
  /** The facts of the object. */
  readonly definition: ObjectSpec;
  /** What was given to `instance`: an {@link Implementation} by resource name. */
  readonly init: Readonly<Record<string, unknown>>;
}
