import { Device, Server, Temperature } from '@motestack/objects';
import { expectTypeOf } from 'vitest';
import { implementObject, LwM2mClient, type PortableClientOptions, type ServerInfo } from './index.ts';

declare const options: PortableClientOptions;
const client = await LwM2mClient.start(options);

// set: the type of the value follows from the path
client.set(Temperature.sensorValue, 22.5);
client.set(Temperature.at(3).sensorUnits, 'Cel');
client.set(Server.lifetime, 60);
client.set(Device.availablePowerSources, [1, 5]);
client.set(Device.availablePowerSources, { 0: 1, 5: 2 });
client.set(Device.availablePowerSources.at(1), 5);
client.set('/3303/0/5700', 22.5);
// @ts-expect-error a Float is not a text
client.set(Temperature.sensorValue, 'warm');
// @ts-expect-error nothing is kept behind what is executed
client.set(Device.reboot, undefined);
// @ts-expect-error a resource that the object has not
client.set(Temperature.sensorValu, 1);
// @ts-expect-error an object instance is no resource
client.set(Temperature.at(0), { sensorValue: 1 });
// @ts-expect-error an object is no resource
client.set(Temperature, { 0: { sensorValue: 1 } });
// @ts-expect-error a path begins with a slash
client.set('3303/0/5700', 1);
// @ts-expect-error one instance of a multiple Integer is no list
client.set(Device.availablePowerSources.at(1), [5]);

client.changed(Temperature.sensorValue);
client.changed(Temperature.at(1));
client.changed(Temperature);
client.changed('/3303');

// instance: what is mandatory, and of what type
Temperature.instance({ sensorValue: 1 });
Temperature.instance({ sensorValue: async () => 1 });
// @ts-expect-error sensorValue is mandatory
Temperature.instance({ sensorUnits: 'Cel' });
// @ts-expect-error sensorUnit is none of its resources
Temperature.instance({ sensorValue: 1, sensorUnit: 'Cel' });
// @ts-expect-error a Float is not a text
Temperature.instance({ sensorValue: () => 'warm' });
// @ts-expect-error what may not be written needs no writer
Temperature.instance({ sensorValue: { read: () => 1, write: (value: number) => void value } });
// @ts-expect-error an Execute is a function
Device.instance({ reboot: true });

// implementObject: the values are typed by what a server may write
implementObject(Temperature, {
  create: ({ objectInstanceId, values }) => {
    expectTypeOf(objectInstanceId).toEqualTypeOf<number>();
    expectTypeOf(values.applicationType).toEqualTypeOf<string | undefined>();
    return { ...values, sensorValue: 20 };
  },
});
// @ts-expect-error what is created has to have what is mandatory
implementObject(Temperature, { create: ({ values }) => ({ ...values }) });

// events
client.on('registered', (server) => void expectTypeOf(server).toEqualTypeOf<ServerInfo>());
client.on('state', async (state, { uri }) => void [state, uri]);
// @ts-expect-error no such event
client.on('bootstrapped', () => undefined);
// @ts-expect-error made by `start` alone
new LwM2mClient(options, options);

await using another = client;
expectTypeOf(another).toEqualTypeOf<LwM2mClient>();
