import { defineObject } from '@motestack/model';
import { Device, Security, Server, Temperature } from '@motestack/objects';
import { expectTypeOf } from 'vitest';
import type { Observation } from './information-reporting/observation.ts';
import type { LwM2mServer } from './lwm2m-server.ts';
import type { RegisteredDevice } from './registered-device.ts';

declare const device: RegisteredDevice;
declare const server: LwM2mServer;

const Valve = defineObject({
  id: 42_800,
  name: 'Valve',
  multiple: true,
  resources: {
    opening: { id: 1, operations: 'RW', type: 'Float', mandatory: true },
    steps: { id: 3, operations: 'RW', type: 'Integer', multiple: true },
    flush: { id: 4, operations: 'E', type: '' },
  },
});

// What reading gives.
expectTypeOf(device.read(Device.manufacturer)).toEqualTypeOf<Promise<string>>();
expectTypeOf(device.read(Temperature.sensorValue)).toEqualTypeOf<Promise<number>>();
expectTypeOf(device.read(Temperature.at(3).sensorValue)).toEqualTypeOf<Promise<number>>();
expectTypeOf((await device.read(Valve.steps))[0]).toEqualTypeOf<number | undefined>();
expectTypeOf(device.read(Valve.steps.at(1))).toEqualTypeOf<Promise<number>>();
expectTypeOf(device.read(Device.memoryFree, { bigint: true })).toEqualTypeOf<Promise<number | bigint>>();
expectTypeOf(device.read(Device.memoryFree, { timeoutMs: 5 })).toEqualTypeOf<Promise<number>>();
expectTypeOf(device.read('/3/0/0')).toEqualTypeOf<Promise<unknown>>();
expectTypeOf((await device.read(Temperature.at(0))).sensorValue).toEqualTypeOf<number | undefined>();
expectTypeOf((await device.read(Temperature))[0]?.sensorUnits).toEqualTypeOf<string | undefined>();

// Several at once.
expectTypeOf(device.readComposite([Device.batteryLevel, Device.manufacturer, '/3/0/13'])).toEqualTypeOf<
  Promise<readonly [number | undefined, string | undefined, unknown]>
>();
void device.writeComposite([
  [Server.at(1).lifetime, 300],
  [Device.utcOffset, '+01:00'],
  [Valve.at(1), { opening: 3 }],
  [Valve.steps.at(2), null],
  ['/1/0/1', 300],
]);
// @ts-expect-error a text for a number
void device.writeComposite([[Server.at(1).lifetime, 'x']]);
// @ts-expect-error a read-only resource
void device.writeComposite([[Temperature.sensorValue, 3]]);
// @ts-expect-error an executable resource
void device.readComposite([Device.reboot]);
expectTypeOf(device.observeComposite([Device.batteryLevel, Temperature.sensorValue])).toEqualTypeOf<
  Observation<readonly [number | undefined, number | undefined]>
>();
expectTypeOf((await device.startObservation(Device.batteryLevel)).value).toEqualTypeOf<number>();
void device.update(Valve.steps, { 3: 1 });
void device.delete(Valve.steps.at(2));
expectTypeOf(device.readStream('/5/0/0')).toEqualTypeOf<AsyncIterable<Uint8Array>>();

// What observing gives.
expectTypeOf(device.observe(Temperature.sensorValue)).toEqualTypeOf<Observation<number>>();
expectTypeOf(device.observe('/3303/0/5700')).toEqualTypeOf<Observation<unknown>>();
device.observe(Temperature.sensorValue, { attributes: { pmin: 1, gt: 20 } });
device.observe('/3303/0/5700', { attributes: { gt: 20 } });

// What may be written, executed, created, deleted.
void device.write(Server.at(1).lifetime, 300);
void device.write(Server.at(1), { lifetime: 300 });
void device.write(Valve.steps, [1, 2]);
void device.write(Valve.steps, { 4: 2 });
void device.replace(Valve.at(0), { opening: 4 });
void device.write('/1/0/1', 300);
void device.execute(Device.reboot, { 0: 'now' });
void device.execute('/3/0/4');
expectTypeOf(device.create(Valve, { opening: 3 })).resolves.toHaveProperty('opening');
void device.delete(Valve.at(1));
expectTypeOf(device.instances(Temperature)[0]?.sensorValue.resourceId).toEqualTypeOf<number | undefined>();

// @ts-expect-error a read-only resource
void device.write(Temperature.sensorValue, 3);
// @ts-expect-error a readable resource
void device.execute(Device.manufacturer);
// @ts-expect-error an executable resource
void device.read(Device.reboot);
// @ts-expect-error a number for a String
void device.write(Device.timezone, 3);
// @ts-expect-error a name that is none
void device.read(Temperature.sensorValu);
// @ts-expect-error a threshold for a text
device.observe(Device.manufacturer, { attributes: { gt: 3 } });
// @ts-expect-error a threshold for a text
void device.writeAttributes(Device.manufacturer, { gt: 3 });
// @ts-expect-error a read-only resource of an instance
void device.write(Device.at(0), { manufacturer: 'x' });
// @ts-expect-error an instance of which a server may write nothing
void device.write(Security.at(0), {});
// @ts-expect-error the same, with values
void device.write(Security.at(0), { lwM2MServerUri: 'coap://example.org' });
// @ts-expect-error the same, replaced
void device.replace(Security.at(0), {});
// @ts-expect-error a path without a slash
void device.read('3303/0/5700');
// @ts-expect-error an executable resource is not observed
device.observe(Device.reboot);
// @ts-expect-error text for one of several Integers
void device.write(Valve.steps, ['a']);
// @ts-expect-error a resource is not deleted
void device.delete(Device.manufacturer);
// @ts-expect-error a format that is none
void device.read(Device.manufacturer, { contentFormat: 'xml' });

// Listeners may be asynchronous; each knows its arguments.
server.on('registered', async (registered) => {
  expectTypeOf(registered).toEqualTypeOf<RegisteredDevice>();
  await registered.read(Device.manufacturer);
});
server.on('deregistered', (_device, reason) => {
  expectTypeOf(reason).toEqualTypeOf<'deregister' | 'expired' | 'replaced'>();
});
server.on('send', (_device, report) => {
  expectTypeOf(report.value(Temperature.sensorValue)).toEqualTypeOf<number | undefined>();
  expectTypeOf(report.samples(Device.manufacturer)[0]?.value).toEqualTypeOf<string | undefined>();
});
server.on('notify', (_device, { samples }) => {
  expectTypeOf(samples[0]?.value).toEqualTypeOf<unknown>();
});
server.on('error', (error, about) => {
  expectTypeOf(error).toEqualTypeOf<Error>();
  expectTypeOf(about).toEqualTypeOf<RegisteredDevice | undefined>();
});
// @ts-expect-error an event that is none
server.on('vanished', () => undefined);
