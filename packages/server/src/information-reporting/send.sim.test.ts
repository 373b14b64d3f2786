import { encodeUtf8 } from '@motestack/bytes';
import { formatCode } from '@motestack/coap';
import { encodePayload } from '@motestack/codecs';
import { Device, Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import { ScriptedDevice, stage } from '../scripted-device.fixture.ts';
import type { SendReport } from './send-report.ts';

const ABSOLUTE = 1_700_000_000;

describe('Send [LwM2M Core §6.4.6]', () => {
  let network: Awaited<ReturnType<typeof stage>>['network'];
  let server: LwM2mServer;
  let device: ScriptedDevice;
  let told: [string, SendReport][];
  const send = async (records: object, contentFormat: number | null = 110, from = device): Promise<string> => {
    const payload = encodeUtf8(JSON.stringify(records));
    const format = contentFormat === null ? {} : { contentFormat };
    return formatCode((await network.settle(from.send({ method: 'POST', path: ['dp'], payload, ...format }))).code);
  };
  beforeEach(async () => {
    ({ network, server, device } = await stage());
    told = [];
    server.on('send', ({ endpoint }, report) => void told.push([endpoint, report]));
    await network.settle(device.register('ep=node&lt=300&lwm2m=1.1', '</1/0>,</3/0>,</3303/0>'));
  });

  test('is answered with 2.04 and told as values and samples by path', async () => {
    const records = [
      { bn: '/3303/0/5700', bt: ABSOLUTE, v: 20.5 },
      { t: 60, v: 21 },
      { bn: '/3/0/9', bt: 0, v: 80 },
    ];
    expect(await send(records)).toBe('2.04');
    const [[endpoint, report] = []] = told;
    expect(endpoint).toBe('node');
    expect(report?.value(Device.batteryLevel)).toBe(80);
    expect(report?.value(Temperature.sensorValue)).toBe(21);
    expect(report?.samples(Temperature.sensorValue)).toMatchObject([
      { value: 20.5, time: new Date(ABSOLUTE * 1000) },
      { value: 21, time: new Date((ABSOLUTE + 60) * 1000) },
    ]);
    expect(report?.value(Device.manufacturer)).toBeUndefined();
    expect(report?.samples('/3303/0')).toMatchObject([
      { value: { sensorValue: 20.5 } },
      { value: { sensorValue: 21 } },
    ]);
    expect(report?.paths).toEqual(['/3303/0/5700', '/3/0/9']);
  });

  test('in SenML CBOR and LwM2M CBOR too', async () => {
    const path = { objectId: 3303, objectInstanceId: 0, resourceId: 5700 };
    for (const contentFormat of [112, 11_544]) {
      const context = { path: {}, lookup: () => Temperature.definition };
      const payload = encodePayload(contentFormat, [{ path, value: 19.25 }], context);
      const init = { method: 'POST', path: ['dp'], contentFormat, payload } as const;
      expect(formatCode((await network.settle(device.send(init))).code)).toBe('2.04');
    }
    expect(told.map(([, report]) => report.value(Temperature.sensorValue))).toEqual([19.25, 19.25]);
  });

  test.each<[string, object, number | null, string]>([
    ['an object that is not registered', [{ n: '/5/0/3', v: 1 }], 110, '4.04'],
    ['values that cannot be read', [{ n: '/3303/0/5700', vs: 'warm' }], 110, '4.00'],
    ['bytes that are none', { not: 'a pack' }, 110, '4.00'],
    ['another format', [], 11_542, '4.15'],
    ['no format', [], null, '4.15'],
  ])('with %s is refused and not told', async (_name, records, contentFormat, code) => {
    expect(await send(records, contentFormat)).toBe(code);
    expect(told).toEqual([]);
  });

  test('from who is not registered gets 4.04, and another method 4.05', async () => {
    const stranger = new ScriptedDevice(network, '10.0.0.3:5683');
    expect(await send([{ n: '/3303/0/5700', v: 1 }], 110, stranger)).toBe('4.04');
    await network.settle(device.deregister());
    expect(await send([{ n: '/3303/0/5700', v: 1 }])).toBe('4.04');
    expect(formatCode((await network.settle(device.send({ method: 'GET', path: ['dp'] }))).code)).toBe('4.05');
    expect(formatCode((await network.settle(device.send({ method: 'POST', path: ['dp', 'x'] }))).code)).toBe('4.04');
    expect(told).toEqual([]);
  });

  test('from an address that an Update left is not the device’s any more', async () => {
    const moved = new ScriptedDevice(network, '10.0.0.4:5683');
    moved.location = device.location;
    expect(await network.settle(moved.update())).toBe('2.04');
    expect(await send([{ n: '/3303/0/5700', v: 1 }])).toBe('4.04');
    expect(await send([{ n: '/3303/0/5700', v: 2 }], 110, moved)).toBe('2.04');
  });
});
