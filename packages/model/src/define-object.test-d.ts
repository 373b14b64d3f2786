import { expectTypeOf } from 'vitest';
import { defineObject } from './define-object.ts';
import type { ExecuteArguments } from './execute-arguments.ts';
import type { ImplementedInstance } from './implementation.ts';
import type { ObjectSpec } from './object-spec.ts';
import type { ObjectLink, Operations, Readable, Writable } from './resource-value.ts';
import type {
  InstanceValues,
  ObjectDefinition,
  ObjectInstance,
  ObjectMembers,
  Resource,
  TypedPath,
  ValueOf,
  WritableValues,
} from './typed-path.ts';

const Thermostat = defineObject({
  id: 42_810,
  name: 'Thermostat',
  multiple: true,
  resources: {
    celsius: { id: 1, operations: 'R', type: 'Float', mandatory: true },
    setPoint: { id: 2, operations: 'RW', type: 'Float' },
    label: { id: 3, operations: 'RW', type: 'String' },
    reset: { id: 4, operations: 'E', type: '', mandatory: true },
    image: { id: 5, operations: 'W', type: 'Opaque' },
    secret: { id: 6, operations: '', type: 'Opaque' },
    errors: { id: 7, operations: 'R', type: 'Integer', multiple: true },
    names: { id: 8, operations: 'RW', type: 'String', multiple: true },
    since: { id: 9, operations: 'R', type: 'Time' },
    parent: { id: 10, operations: 'R', type: 'Objlnk' },
    flag: { id: 11, operations: 'R', type: 'Boolean' },
    links: { id: 12, operations: 'R', type: 'Corelnk' },
    count: { id: 13, operations: 'R', type: 'Unsigned Integer' },
    name: { id: 14, operations: 'R', type: 'String' },
  },
});

// What a server's methods ask for: the same forms as its façade has.
declare function read<Value>(path: TypedPath<Value, Readable, unknown>): Value;
declare function write<Written>(path: TypedPath<unknown, Writable, Written>, value: NoInfer<Written>): void;
declare function execute(resource: TypedPath<undefined, 'E'>, args?: ExecuteArguments): void;
declare function set<Value>(path: TypedPath<Value, Operations>, value: NoInfer<Value>): void;
declare function instances<R, M extends keyof R>(object: ObjectMembers<R, M>): readonly ObjectInstance<R>[];

// Values by type.
expectTypeOf(read(Thermostat.celsius)).toEqualTypeOf<number>();
expectTypeOf(read(Thermostat.label)).toEqualTypeOf<string>();
expectTypeOf(read(Thermostat.errors)).toExtend<Readonly<Record<number, number>>>();
expectTypeOf(read(Thermostat.errors.at(0))).toEqualTypeOf<number>();
expectTypeOf(read(Thermostat.since)).toEqualTypeOf<Date>();
expectTypeOf(read(Thermostat.parent)).toEqualTypeOf<ObjectLink>();
expectTypeOf(read(Thermostat.flag)).toEqualTypeOf<boolean>();
expectTypeOf(read(Thermostat.links)).toEqualTypeOf<string>();
expectTypeOf(read(Thermostat.count)).toEqualTypeOf<number>();
expectTypeOf(read(Thermostat.name)).toEqualTypeOf<string>();
expectTypeOf(read(Thermostat.at(1).celsius)).toEqualTypeOf<number>();
expectTypeOf<ValueOf<typeof Thermostat.image>>().toEqualTypeOf<Uint8Array>();
expectTypeOf(read(Thermostat.at(0)).celsius).toEqualTypeOf<number | undefined>();
expectTypeOf(read(Thermostat)[0]?.label).toEqualTypeOf<string | undefined>();
for (const instance of instances(Thermostat)) expectTypeOf(read(instance.setPoint)).toEqualTypeOf<number>();

// What is allowed compiles.
write(Thermostat.setPoint, 21);
write(Thermostat.image, new Uint8Array(1));
write(Thermostat.names, { 3: 'three' });
write(Thermostat.names, ['zero', 'one']);
write(Thermostat.names.at(1), 'one');
write(Thermostat.at(1), { label: 'hall', setPoint: 20 });
execute(Thermostat.reset, { 0: 'hard', 1: undefined });
set(Thermostat.celsius, 20.5);
set(Thermostat.at(2).errors, [0]);

// A read-only resource is not written.
// @ts-expect-error Type '"R"' is not assignable to type 'Writable'
write(Thermostat.celsius, 3);
// @ts-expect-error an executable one neither
write(Thermostat.reset, undefined);
// @ts-expect-error one of the bootstrap interface neither
write(Thermostat.secret, new Uint8Array(1));
// A readable resource is not executed.
// @ts-expect-error Type '"R"' is not assignable to type '"E"'
execute(Thermostat.celsius);
// An executable resource is not read.
// @ts-expect-error Type '"E"' is not assignable to type 'Readable'
read(Thermostat.reset);
// @ts-expect-error a write-only one neither
read(Thermostat.image);
// @ts-expect-error one of the bootstrap interface neither
read(Thermostat.secret);
// The value has the resource's type.
// @ts-expect-error 'number' is not assignable to 'string'
write(Thermostat.label, 3);
// @ts-expect-error 'string' is not assignable to 'number'
write(Thermostat.setPoint, '21');
// @ts-expect-error an instance of it is a string
write(Thermostat.names, [1]);
// @ts-expect-error one value is no list
write(Thermostat.names, 'one');
// @ts-expect-error a device sets the type that it has, too
set(Thermostat.celsius, '20');
// A misspelt name does not exist.
// @ts-expect-error Did you mean 'celsius'?
read(Thermostat.celsiu);
// @ts-expect-error nor on a chosen instance
read(Thermostat.at(1).celsiu);
// A single resource has no instances.
// @ts-expect-error Property 'at' does not exist
Thermostat.celsius.at(0);
// An instance takes what may be written, alone.
// @ts-expect-error 'celsius' does not exist in what may be written
write(Thermostat.at(0), { celsius: 20 });
// @ts-expect-error 'label' is a string
write(Thermostat.at(0), { label: 3 });
expectTypeOf<
  keyof InstanceValues<Pick<typeof Thermostat, 'celsius' | 'image' | 'reset' | 'secret'>>
>().toEqualTypeOf<'celsius'>();
expectTypeOf<keyof WritableValues<Pick<typeof Thermostat, 'celsius' | 'image' | 'reset' | 'label'>>>().toEqualTypeOf<
  'image' | 'label'
>();

// A device: what is mandatory, and what else it has, each as a value, a function or accessors.
expectTypeOf(Thermostat.instance({ celsius: 20, reset: () => undefined })).toEqualTypeOf<ImplementedInstance>();
Thermostat.instance(
  {
    celsius: () => 20.5,
    reset: async (args) => {
      expectTypeOf(args[0]).toEqualTypeOf<string | undefined>();
    },
    setPoint: { read: async () => 20, write: (value) => void expectTypeOf(value).toEqualTypeOf<number>() },
    label: { read: () => 'hall' },
    image: { write: (bytes) => void expectTypeOf(bytes).toEqualTypeOf<Uint8Array>() },
    secret: { read: () => new Uint8Array(1), write: () => undefined },
    errors: [0],
    names: () => ({ 5: 'five' }),
  },
  1,
);
// @ts-expect-error Property 'celsius' is missing
Thermostat.instance({ reset: () => undefined });
// @ts-expect-error Did you mean to write 'label'?
Thermostat.instance({ celsius: 20, reset: () => undefined, labl: 'x' });
// @ts-expect-error 'string' is not assignable to 'number'
Thermostat.instance({ celsius: '20', reset: () => undefined });
// @ts-expect-error the function gives a number
Thermostat.instance({ celsius: () => '20', reset: () => undefined });
// @ts-expect-error an executable is a function
Thermostat.instance({ celsius: 20, reset: 1 });
// @ts-expect-error nobody may write it
Thermostat.instance({ celsius: { read: () => 20, write: () => undefined }, reset: () => undefined });
// @ts-expect-error nobody may read it
Thermostat.instance({ celsius: 20, reset: () => undefined, image: { read: () => new Uint8Array(1) } });

// The data of a definition is checked against the interface that it claims.
interface PumpResources {
  readonly speed: Resource<number, 'RW'>;
  readonly stop: Resource<undefined, 'E'>;
}
export const Pump: ObjectDefinition<PumpResources, 'speed'> = defineObject({
  id: 42_811,
  name: 'Pump',
  resources: {
    speed: { id: 1, operations: 'RW', type: 'Float', mandatory: true },
    stop: { id: 2, operations: 'E', type: '' },
  },
});
// @ts-expect-error another type
export const WrongType: ObjectDefinition<PumpResources, 'speed'> = defineObject({
  id: 42_811,
  name: 'Pump',
  resources: {
    speed: { id: 1, operations: 'RW', type: 'String', mandatory: true },
    stop: { id: 2, operations: 'E', type: '' },
  },
});
// @ts-expect-error other operations
export const WrongOperations: ObjectDefinition<PumpResources, 'speed'> = defineObject({
  id: 42_811,
  name: 'Pump',
  resources: {
    speed: { id: 1, operations: 'R', type: 'Float', mandatory: true },
    stop: { id: 2, operations: 'E', type: '' },
  },
});
// @ts-expect-error another multiplicity
export const WrongMultiplicity: ObjectDefinition<PumpResources, 'speed'> = defineObject({
  id: 42_811,
  name: 'Pump',
  resources: {
    speed: { id: 1, operations: 'RW', type: 'Float', multiple: true, mandatory: true },
    stop: { id: 2, operations: 'E', type: '' },
  },
});
// @ts-expect-error a row is missing
export const MissingRow: ObjectDefinition<PumpResources, 'speed'> = defineObject({
  id: 42_811,
  name: 'Pump',
  resources: { speed: { id: 1, operations: 'RW', type: 'Float', mandatory: true } },
});

// No resource has the name of a member.
export const Reserved: unknown = defineObject({
  id: 42_812,
  name: 'Reserved',
  // @ts-expect-error 'at' is reserved
  resources: { at: { id: 1, operations: 'R', type: 'Float' } },
});

// Facts that are known at run time alone.
declare const spec: ObjectSpec;
declare const resourceName: string;
const Unknown = defineObject(spec);
expectTypeOf(Unknown.definition).toEqualTypeOf<ObjectSpec>();
expectTypeOf(`${Unknown.at(1)}`).toEqualTypeOf<string>();
expectTypeOf(Unknown[resourceName]?.resourceId).toEqualTypeOf<number | undefined>();
expectTypeOf(Unknown.instance({ level: 1 })).toEqualTypeOf<ImplementedInstance>();
