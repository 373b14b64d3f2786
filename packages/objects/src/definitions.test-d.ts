import type {
  ObjectLink,
  Operations,
  Readable,
  ResourceInstances,
  TypedPath,
  ValueOf,
  Writable,
} from '@motestack/model';
import { expectTypeOf } from 'vitest';
import { Device as Device10 } from './3/1.0.ts';
import { AccessControl, Device, FirmwareUpdate, Location, Security, Server, Temperature } from './index.ts';

declare function read<Value>(path: TypedPath<Value, Readable, unknown>): Value;
declare function write<Written>(path: TypedPath<unknown, Writable, Written>, value: NoInfer<Written>): void;
declare function execute(resource: TypedPath<undefined, 'E'>): void;
declare function set<Value>(path: TypedPath<Value, Operations>, value: NoInfer<Value>): void;

expectTypeOf(read(Temperature.sensorValue)).toEqualTypeOf<number>();
expectTypeOf(read(Device.manufacturer)).toEqualTypeOf<string>();
expectTypeOf(read(Device.currentTime)).toEqualTypeOf<Date>();
expectTypeOf(read(Device.powerSourceVoltage)).toEqualTypeOf<ResourceInstances<number>>();
expectTypeOf(read(AccessControl.at(1).acl.at(101))).toEqualTypeOf<number>();
expectTypeOf(read(Server.apnLink)).toEqualTypeOf<ObjectLink>();
expectTypeOf(read(Device.at(0)).manufacturer).toEqualTypeOf<string | undefined>();
expectTypeOf<ValueOf<typeof Security.secretKey>>().toEqualTypeOf<Uint8Array>();
write(Server.at(1).lifetime, 300);
write(FirmwareUpdate.package, new Uint8Array(1));
write(Device.at(0), { timezone: 'Europe/Berlin' });
execute(Device.reboot);
set(Temperature.at(1).sensorValue, 20);

// @ts-expect-error Type '"R"' is not assignable to type 'Writable'
write(Temperature.sensorValue, 3);
// @ts-expect-error Type '"R"' is not assignable to type '"E"'
execute(Device.manufacturer);
// @ts-expect-error Type '"E"' is not assignable to type 'Readable'
read(Device.reboot);
// @ts-expect-error object 0 belongs to the bootstrap interface
read(Security.secretKey);
// @ts-expect-error 'number' is not assignable to parameter of type 'string'
write(Device.timezone, 3);
// @ts-expect-error Did you mean 'sensorValue'?
read(Temperature.sensorValu);
// @ts-expect-error 'manufacturer' does not exist in what may be written
write(Device.at(0), { manufacturer: 'x' });

// Mandatory is what the client cannot fill itself.
Device.instance({ reboot: () => undefined });
Server.instance({}, 1);
Temperature.instance({ sensorValue: 1 });
// @ts-expect-error Property 'reboot' is missing
Device.instance({ manufacturer: 'Acme' });
// @ts-expect-error Property 'sensorValue' is missing
Temperature.instance({ sensorUnits: 'Cel' });
// @ts-expect-error Did you mean to write 'sensorUnits'?
Temperature.instance({ sensorValue: 1, sensorUnit: 'Cel' });
// @ts-expect-error latitude, longitude and timestamp are asked for
Location.instance({ latitude: 52.5 });

// A version has the resources that it had.
expectTypeOf(Device.extDevInfo).toExtend<TypedPath<unknown, 'R'>>();
expectTypeOf(Device10.manufacturer).toEqualTypeOf(Device.manufacturer);
// @ts-expect-error the Server of 1.0 has no APN link
export type Missing = typeof import('./1/1.0.ts')['Server']['apnLink'];
