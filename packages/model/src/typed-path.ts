import type { ImplementedInstance, InstanceInit } from './implementation.ts';
import type { ObjectSpec, ResourceSpec } from './object-spec.ts';
import type { ObjectLink, Operations, Readable, ResourceType, Writable } from './resource-value.ts';

// Keys with `~` exist for the compiler alone and hold nothing at run time. They are strings and not a `unique symbol`, so that
// two installed copies of this package still fit together.

/**
 * A path that knows the type of what stands there.
 *
 * @typeParam Value what reading gives
 * @typeParam Allowed what a server may do
 * @typeParam Written what may be written
 */
export interface TypedPath<Value, Allowed extends Operations, Written = Value> {
  /** The path as text: `/3303/0/5700`. */
  toString(): string;
  /** For the compiler alone. */
  readonly '~operations': Allowed;
  /** For the compiler alone. */
  readonly '~read': Value;
  /** For the compiler alone. */
  readonly '~write': Written;
}

/** One resource, e.g. `/3303/0/5700`. Its object instance is 0 unless `at` chose another. */
export interface Resource<Value, Allowed extends Operations> extends TypedPath<Value, Allowed> {
  /** Object id. */
  readonly objectId: number;
  /** Object instance id. */
  readonly objectInstanceId: number;
  /** Resource id. */
  readonly resourceId: number;
  /** Resource instance id, if this is one instance of a multiple resource. */
  readonly resourceInstanceId: number | undefined;
  /** The facts of this resource. */
  readonly facts: ResourceSpec;
  /** The facts of the object it belongs to. */
  readonly definition: ObjectSpec;
}

/**
 * The instances of a multiple resource by resource instance id. An array is instances 0, 1, 2 …; a text, which the compiler takes
 * for a record of characters otherwise, is refused by `object`.
 */
export type ResourceInstances<Value> = object & Readonly<Record<number, Value>>;

/** A resource with instances of its own. */
export interface MultipleResource<Value, Allowed extends Operations>
  extends Resource<ResourceInstances<Value>, Allowed> {
  /**
   * One resource instance: `Device.availablePowerSources.at(1)` is `/3/0/6/1`.
   *
   * @param resourceInstanceId 0 to 65534
   * @throws {RangeError} for anything else
   */
  at(resourceInstanceId: number): Resource<Value, Allowed>;
}

/** What reading a typed path gives. */
export type ValueOf<Path> = Path extends { readonly '~read': infer Value } ? Value : never;

/** What reading a whole object instance gives: what the device has of all that a server may read, by resource name. */
export type InstanceValues<Resources> = {
  readonly [Name in keyof Resources as Resources[Name] extends { readonly '~operations': Readable }
    ? Name
    : never]?: ValueOf<Resources[Name]>;
};

/** What may be written to an object instance, by resource name. */
export type WritableValues<Resources> = {
  readonly [Name in keyof Resources as Resources[Name] extends { readonly '~operations': Writable }
    ? Name
    : never]?: ValueOf<Resources[Name]>;
};

/** One object instance, e.g. `/3303/1`: its resources by name. A Write takes nothing where a server may write none of them. */
export type ObjectInstance<Resources> = TypedPath<
  InstanceValues<Resources>,
  'RW',
  [keyof WritableValues<Resources>] extends [never] ? never : WritableValues<Resources>
> & {
  /** The facts of the object. */
  readonly definition: ObjectSpec;
} & Resources;

/** What each definition has beside its resources; no resource may have one of these names. */
export interface ObjectMembers<Resources, Mandatory extends keyof Resources>
  extends TypedPath<Readonly<Record<number, InstanceValues<Resources>>>, 'R'> {
  /** All facts of the object: id, version, name, resources. */
  readonly definition: ObjectSpec;
  /**
   * The same object with its instance chosen: `Temperature.at(1).sensorValue` is `/3303/1/5700`.
   *
   * @param objectInstanceId 0 to 65534
   * @throws {RangeError} for anything else
   */
  at(objectInstanceId: number): ObjectInstance<Resources>;
  /**
   * For a device: implements one instance.
   *
   * @param init a value, a function or accessors for each resource that the device has
   * @param objectInstanceId 0 to 65534, 0 unless said
   * @throws {RangeError} for another id, or one that is not 0 where the object has a single instance
   * @throws {TypeError} if `init` names what the object does not have
   */
  instance(init: InstanceInit<Resources, Mandatory>, objectInstanceId?: number): ImplementedInstance;
}

/**
 * An object, ready to use on both sides: `Temperature.sensorValue` is `/3303/0/5700` and a number.
 *
 * @typeParam Resources an interface with one {@link Resource} or {@link MultipleResource} for each name
 * @typeParam Mandatory the names that `instance` asks for
 */
export type ObjectDefinition<Resources, Mandatory extends keyof Resources = never> = ObjectMembers<
  Resources,
  Mandatory
> &
  Resources;

/** The JavaScript type of each resource type. */
export interface ValueOfType {
  /** UTF-8 text. */
  String: string;
  /** Signed, up to 64 bits; exact within ±(2^53 − 1). */
  Integer: number;
  /** Unsigned, up to 64 bits; exact up to 2^53 − 1. */
  'Unsigned Integer': number;
  /** IEEE 754, 32 or 64 bits. */
  Float: number;
  /** `true` or `false`. */
  Boolean: boolean;
  /** Octets. */
  Opaque: Uint8Array;
  /** A point in time. */
  Time: Date;
  /** A link to an object instance. */
  Objlnk: ObjectLink;
  /** Links in CoRE link format. */
  Corelnk: string;
  /** No value. */
  '': undefined;
}

/** The reference that belongs to the facts of one resource. */
export type ResourceOf<Spec extends ResourceSpec> = Spec extends { operations: 'E' }
  ? Resource<undefined, 'E'>
  : Spec extends { multiple: true }
    ? MultipleResource<ValueOfType[Spec['type'] & ResourceType], Spec['operations']>
    : Resource<ValueOfType[Spec['type'] & ResourceType], Spec['operations']>;

/** The references that belong to the facts of an object. */
export type ResourcesOf<Spec extends ObjectSpec> = {
  readonly [Name in keyof Spec['resources']]: ResourceOf<Spec['resources'][Name]>;
};

/** The names of the mandatory resources in the facts of an object. */
export type MandatoryOf<Spec extends ObjectSpec> = {
  [Name in keyof Spec['resources']]: Spec['resources'][Name] extends { mandatory: true } ? Name : never;
}[keyof Spec['resources']];
