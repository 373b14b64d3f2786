import { implementObject, LwM2mClient } from '@motestack/client/node';
import type { ClientCredentials } from '@motestack/coap';
import type { ExecuteArguments } from '@motestack/model';
import { Device, Temperature } from '@motestack/objects';
import { TestObject } from './test-object.ts';

/** Our client with Device, Temperature and a Test Object whose instances a server may create. */
export interface OurDevice {
  readonly client: LwM2mClient;
  /** The arguments of each Execute on /3442/x/3 and of each Reboot. */
  readonly executed: ExecuteArguments[];
}

/** Starts it; the registration may still be on its way. */
export async function startOurDevice(
  serverUrl: string,
  endpoint: string,
  lifetimeSeconds: number,
  security?: ClientCredentials,
): Promise<OurDevice> {
  const executed: ExecuteArguments[] = [];
  const record = (args: ExecuteArguments): void => void executed.push(args);
  const client = await LwM2mClient.start({
    endpoint,
    server: { uri: serverUrl, lifetimeSeconds },
    ...(security === undefined ? {} : { security }),
    objects: [
      Device.instance({
        manufacturer: 'Motestack',
        modelNumber: 'interop',
        serialNumber: '0815',
        firmwareVersion: '1.0.0',
        availablePowerSources: { 0: 1, 1: 5 },
        powerSourceVoltage: { 0: 3800, 1: 5000 },
        batteryLevel: () => 95,
        currentTime: new Date(1_700_000_000_000),
        utcOffset: '+01:00',
        timezone: 'Europe/Paris',
        reboot: record,
      }),
      Temperature.instance({
        sensorValue: 21.5,
        minMeasuredValue: -4.25,
        sensorUnits: 'Cel',
        applicationType: 'cellar',
      }),
      implementObject(TestObject, { create: ({ values }) => values }),
      TestObject.instance({
        execWithArguments: record,
        stringValue: 'first',
        integerValue: -1024,
        unsignedIntegerValue: 2 ** 32,
        floatValue: 3.25,
        booleanValue: true,
        opaqueValue: Uint8Array.of(0x01, 0x23, 0xab, 0xff),
        timeValue: new Date(1_367_491_215_000),
        objLinkValue: { objectId: 3, objectInstanceId: 0 },
        multipleStringValue: { 0: 'a', 7: 'b' },
        multipleIntegerValue: { 0: 2, 1: -70_000 },
      }),
    ],
  });
  return { client, executed };
}
