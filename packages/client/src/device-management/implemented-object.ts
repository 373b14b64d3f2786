import type { InstanceInit, ObjectMembers, ObjectSpec, WritableValues } from '@motestack/model';

/** What a Create asks for. */
export interface CreateRequest<Resources> {
  /** The id of the new instance: the server's wish, or the lowest that is free. */
  readonly objectInstanceId: number;
  /** What the server gave, checked by type and range; what a server may not write is left out. */
  readonly values: WritableValues<Resources>;
}

/** What an application says about an object whose instances come and go. */
export interface ObjectHandlers<Resources, Mandatory extends keyof Resources> {
  /**
   * Implements an instance that a server creates. Throw a `RequestRefusedError` to refuse.
   *
   * @returns what `instance` of the definition takes: keep `values`, or put functions behind them
   */
  create(
    request: CreateRequest<Resources>,
  ): InstanceInit<Resources, Mandatory> | Promise<InstanceInit<Resources, Mandatory>>;
  /** Told before an instance that a server deletes is gone. Throw a `RequestRefusedError` to refuse. */
  delete?(objectInstanceId: number): void | Promise<void>;
}

/** An object whose instances servers may create and delete: made by {@link implementObject}, taken by a client. */
export interface ImplementedObject {
  /** Object id. */
  readonly objectId: number;
  /** The facts of the object. */
  readonly definition: ObjectSpec;
  /** The application's part, its types erased. */
  readonly handlers: {
    /** See {@link ObjectHandlers.create}. */
    readonly create: (request: {
      readonly objectInstanceId: number;
      readonly values: Readonly<Record<string, unknown>>;
    }) => unknown;
    /** See {@link ObjectHandlers.delete}. */
    readonly delete: ((objectInstanceId: number) => void | Promise<void>) | undefined;
  };
}

/**
 * Lets servers create and delete instances of an object.
 *
 * @param object the definition
 * @param handlers what to do when they ask
 * @example
 * implementObject(Temperature, { create: ({ values }) => ({ ...values, sensorValue: () => sensor.read() }) })
 */
export function implementObject<Resources, Mandatory extends keyof Resources>(
  object: ObjectMembers<Resources, Mandatory>,
  handlers: ObjectHandlers<Resources, Mandatory>,
): ImplementedObject {
  return {
    objectId: object.definition.id,
    definition: object.definition,
    handlers: {
      create: ({ objectInstanceId, values }) =>
        handlers.create({ objectInstanceId, values: values as WritableValues<Resources> }),
      delete: handlers.delete?.bind(handlers),
    },
  };
}
