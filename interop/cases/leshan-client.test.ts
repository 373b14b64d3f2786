import { formatPath } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import { LwM2mServer, type RegisteredDevice } from '@motestack/server/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formats } from '../src/formats.ts';
import { startLeshanClient } from '../src/leshan.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { nextEvent } from '../src/server-events.ts';
import { TestObject } from '../src/test-object.ts';

const { ready, version } = readinessOf('leshan');
const ENDPOINT = 'urn:interop:leshan-client';

const deviceValues = {
  manufacturer: 'Motestack interop',
  modelNumber: 'Leshan peer',
  serialNumber: '0815',
  firmwareVersion: '1.0.0',
  availablePowerSources: { 0: 1, 1: 5 },
  powerSourceVoltage: { 0: 3800, 1: 5000 },
  batteryLevel: 95,
  errorCode: { 0: 0 },
  currentTime: new Date(1_700_000_000_000),
  utcOffset: '+01:00',
  timezone: 'Europe/Paris',
  supportedBindingAndModes: 'U',
};

const testValues = {
  stringValue: 'h\u00e4, \u{1f600}',
  integerValue: -70_000,
  unsignedIntegerValue: 4_294_967_296,
  floatValue: -2.5e10,
  booleanValue: false,
  opaqueValue: Uint8Array.of(0, 255, 127, 128),
  timeValue: new Date(1_700_000_001_000),
  objLinkValue: { objectId: 3303, objectInstanceId: 0 },
};

describe.skipIf(!ready)(`Leshan ${version} / its client at our server`, () => {
  let server: LwM2mServer;
  let peer: PeerProcess;
  let device: RegisteredDevice;
  beforeAll(async () => {
    server = await LwM2mServer.listen({ urls: ['coap://127.0.0.1:0'], objects: [TestObject], requestTimeoutMs: 8_000 });
    const registered = nextEvent(server, 'registered');
    peer = startLeshanClient(server.urls[0] ?? '', ENDPOINT, 300);
    device = (await registered).device;
    await peer.event('registered');
  });
  afterAll(async () => {
    await peer?.quit();
    await server?.close();
  });
  const kept = async (path: string): Promise<unknown> => {
    const { content } = await peer.call('value', { path });
    return content?.value;
  };

  test('Register: name, version, lifetime, formats and object list', () => {
    expect(device).toMatchObject({ endpoint: ENDPOINT, lwm2mVersion: '1.1' });
    const { lifetimeSeconds, binding, inventory } = device.registration;
    expect({ lifetimeSeconds, binding }).toEqual({ lifetimeSeconds: 300, binding: 'U' });
    expect(inventory.contentFormats).toEqual([60, 110, 112, 11542, 11543]);
    expect(inventory.objects).toMatchObject([
      { objectId: 1, instances: [0] },
      { objectId: 3, version: '1.2', instances: [0] },
      { objectId: 3303, version: '1.1', instances: [0] },
      { objectId: 3442, instances: [0] },
    ]);
  });

  describe.each(formats.map((format) => [format.contentFormat, format] as const))('%s', (contentFormat, { number }) => {
    test('Read /3/0, typed', async () => {
      expect(await device.read(Device.at(0), { contentFormat })).toEqual(deviceValues);
    });
    test('Read single and multiple resources, a resource instance, an object', async () => {
      expect(await device.read(Device.manufacturer, { contentFormat })).toBe('Motestack interop');
      expect(await device.read(Device.batteryLevel, { contentFormat })).toBe(95);
      expect(await device.read(Device.currentTime, { contentFormat })).toEqual(deviceValues.currentTime);
      expect(await device.read(Device.powerSourceVoltage, { contentFormat })).toEqual({ 0: 3800, 1: 5000 });
      expect(await device.read(Device.powerSourceVoltage.at(1), { contentFormat })).toBe(5000);
      expect(await device.read(Temperature, { contentFormat })).toMatchObject({ 0: { minMeasuredValue: -4.25 } });
    });
    test('Write, a partial update with a resource of each type', async () => {
      await device.write(TestObject.at(0), testValues, { contentFormat });
      const written = peer.takeEvents('written');
      expect(written.map(({ path = '' }) => path).toSorted((a, b) => a.localeCompare(b))).toEqual(
        [110, 120, 125, 130, 140, 150, 160, 170].map((id) => `/3442/0/${id}`),
      );
      expect(written.every(({ replace }) => replace === false)).toBe(true);
      expect(await kept('/3442/0/150')).toBe('00ff7f80');
      expect(await kept('/3442/0/170')).toBe('3303:0');
      expect(await kept('/3442/0/1110')).toEqual({ 0: 'a', 7: 'b' });
      expect(await device.read(TestObject.at(0), { contentFormat })).toMatchObject(testValues);
    });
    test('Write, one resource of each type', async () => {
      await device.write(TestObject.stringValue, contentFormat, { contentFormat });
      await device.write(TestObject.integerValue, number, { contentFormat });
      await device.write(TestObject.unsignedIntegerValue, 2 ** 40, { contentFormat });
      await device.write(TestObject.floatValue, 0.1, { contentFormat });
      await device.write(TestObject.booleanValue, true, { contentFormat });
      await device.write(TestObject.opaqueValue, new Uint8Array(), { contentFormat });
      await device.write(TestObject.timeValue, new Date(-1_000), { contentFormat });
      await device.write(TestObject.objLinkValue, { objectId: 65_535, objectInstanceId: 65_535 }, { contentFormat });
      peer.takeEvents('written');
      const ids = [110, 120, 125, 130, 140, 150, 160, 170];
      const values = await Promise.all(ids.map((id) => kept(`/3442/0/${id}`)));
      expect(values).toEqual([contentFormat, number, 2 ** 40, 0.1, true, '', -1, '65535:65535']);
    });
    test('Write, a multiple resource: replaced as a whole', async () => {
      await device.write(TestObject.multipleIntegerValue, { 2: 1, 300: -1 }, { contentFormat });
      expect(await kept('/3442/0/1120')).toEqual({ 2: 1, 300: -1 });
      await device.write(TestObject.multipleIntegerValue, [7, 8], { contentFormat });
      expect(await kept('/3442/0/1120')).toEqual({ 0: 7, 1: 8 });
    });
    test('Create with an id, Replace, Delete', async () => {
      const updated = nextEvent(server, 'updated');
      const created = await device.create(
        TestObject,
        { stringValue: 'new', integerValue: 1 },
        { objectInstanceId: 5, contentFormat },
      );
      expect(`${created}`).toBe('/3442/5');
      await updated;
      expect(device.registration.inventory.objects.at(-1)).toMatchObject({ objectId: 3442, instances: [0, 5] });
      await device.replace(created, { stringValue: 'other' }, { contentFormat });
      expect(await device.read(created, { contentFormat })).toEqual({ stringValue: 'other' });
      const updatedAgain = nextEvent(server, 'updated');
      await device.delete(created);
      await updatedAgain;
      expect(device.registration.inventory.objects.at(-1)).toMatchObject({ objectId: 3442, instances: [0] });
      peer.takeEvents('written');
    });
    test('Observe a resource, cancelled by request', async () => {
      await peer.call('set', { path: '/3303/0/5700', value: 10 });
      const values: number[] = [];
      for await (const celsius of device.observe(Temperature.sensorValue, { contentFormat })) {
        values.push(celsius);
        if (values.length === 4) break;
        await peer.call('set', { path: '/3303/0/5700', value: 10 + values.length * 0.5 });
      }
      expect(values).toEqual([10, 10.5, 11, 11.5]);
      expect(server.inspect().observations).toBe(0);
    });
    test('Observe an instance', async () => {
      await peer.call('set', { path: '/3303/0/5750', value: 'cellar' });
      const applications: (string | undefined)[] = [];
      for await (const { applicationType } of device.observe(Temperature.at(0), { contentFormat })) {
        applications.push(applicationType);
        if (applications.length === 2) break;
        await peer.call('set', { path: '/3303/0/5750', value: 'attic' });
      }
      expect(applications).toEqual(['cellar', 'attic']);
    });
  });

  test('text and opaque: Read and Write of one resource', async () => {
    await device.write(Device.utcOffset, '+02:00', { contentFormat: 'text' });
    expect(await device.read(Device.utcOffset, { contentFormat: 'text' })).toBe('+02:00');
    await device.write(TestObject.floatValue, -0.25, { contentFormat: 'text' });
    expect(await device.read(TestObject.floatValue, { contentFormat: 'text' })).toBe(-0.25);
    await device.write(TestObject.booleanValue, false, { contentFormat: 'text' });
    expect(await device.read(TestObject.booleanValue, { contentFormat: 'text' })).toBe(false);
    await device.write(TestObject.opaqueValue, Uint8Array.of(1, 0, 255), { contentFormat: 'opaque' });
    expect(await device.read(TestObject.opaqueValue, { contentFormat: 'opaque' })).toEqual(Uint8Array.of(1, 0, 255));
    await device.write(Device.utcOffset, '+01:00');
    peer.takeEvents('written');
  });
  test('Execute, without and with arguments', async () => {
    await device.execute(Device.reboot);
    expect(await peer.event('executed')).toMatchObject({ path: '/3/0/4', arguments: {} });
    await device.execute(TestObject.execWithArguments, { 0: 'http://x/?a=1', 3: undefined, 7: '' });
    const { arguments: given } = await peer.event('executed');
    expect(given).toEqual({ 0: 'http://x/?a=1', 3: null, 7: '' });
  });
  test('Discover an object, an instance, a resource', async () => {
    const paths = async (path: '/3303' | '/3303/0' | '/3303/0/5700'): Promise<string[]> =>
      (await device.discover(path)).map((node) => formatPath(node.path));
    const resources = [5601, 5602, 5605, 5700, 5701, 5750].map((id) => `/3303/0/${id}`);
    expect(await paths('/3303')).toEqual(['/3303', '/3303/0', ...resources]);
    expect(await paths('/3303/0')).toEqual(['/3303/0', ...resources]);
    expect(await paths('/3303/0/5700')).toEqual(['/3303/0/5700']);
    const [voltage] = await device.discover('/3/0/7');
    expect(voltage).toMatchObject({ dimension: 2 });
  });
  test('Write-Attributes: attached, seen by Discover, unset', async () => {
    await device.writeAttributes(Temperature.sensorValue, { pmin: 1, pmax: 60, gt: 30.5, lt: -5, st: 0.5 });
    const [attached] = await device.discover('/3303/0/5700');
    expect(attached?.attributes).toEqual({ pmin: 1, pmax: 60, gt: 30.5, lt: -5, st: 0.5 });
    const all = { pmin: undefined, pmax: undefined, gt: undefined, lt: undefined, st: undefined };
    await device.writeAttributes(Temperature.sensorValue, all);
    const [unset] = await device.discover('/3303/0/5700');
    expect(unset?.attributes).toEqual({});
  });
  test('Observe with attributes: steps below st are not notified', async () => {
    await peer.call('set', { path: '/3303/0/5700', value: 20 });
    const values: number[] = [];
    for await (const celsius of device.observe(Temperature.sensorValue, { attributes: { pmin: 0, st: 1 } })) {
      values.push(celsius);
      if (values.length === 2) break;
      await peer.call('set', { path: '/3303/0/5700', value: 20.5 });
      await peer.call('set', { path: '/3303/0/5700', value: 21.5 });
    }
    expect(values).toEqual([20, 21.5]);
    await device.writeAttributes(Temperature.sensorValue, { pmin: undefined, st: undefined });
  });
  test('Observe, cancelled by Reset', async () => {
    for await (const _ of device.observe(Temperature.sensorValue, { cancelBy: 'reset' })) break;
    await peer.call('set', { path: '/3303/0/5700', value: 1 });
    await peer.call('set', { path: '/3303/0/5700', value: 2 });
    // Had the Reset not ended it, an observation anew would be the second one there and told of everything twice.
    const values: number[] = [];
    for await (const celsius of device.observe(Temperature.sensorValue)) {
      values.push(celsius);
      if (values.length === 2) break;
      await peer.call('set', { path: '/3303/0/5700', value: 3 });
    }
    expect(values).toEqual([2, 3]);
  });
  test('what cannot be: 4.04 for what is not there, 4.05 for what is not allowed', async () => {
    const refused = (request: Promise<unknown>, responseCode: string): Promise<void> =>
      expect(request).rejects.toMatchObject({ code: 'response', responseCode });
    await refused(device.read('/3/0/99'), '4.04');
    await refused(device.read('/3303/9'), '4.04');
    await refused(device.read('/4711'), '4.04');
    await refused(device.read('/3/0/4'), '4.05');
    await refused(device.write('/3/0/0', 'x', { contentFormat: 'text' }), '4.05');
    await refused(device.execute('/3/0/0'), '4.05');
    await refused(device.delete('/3/0'), '4.05');
  });
  test('Update, asked for and after a Write of the lifetime', async () => {
    const updated = nextEvent(server, 'updated');
    await peer.call('update');
    expect((await updated).device.registration.lifetimeSeconds).toBe(300);
    const changed = nextEvent(server, 'updated', ({ registration }) => registration.lifetimeSeconds === 400);
    await device.write(Server.lifetime, 400);
    await changed;
    expect(device.registration.inventory.contentFormats).toEqual([60, 110, 112, 11542, 11543]);
  });
  test('De-register, and Register anew', async () => {
    const left = nextEvent(server, 'deregistered');
    await peer.call('stop');
    expect((await left).reason).toBe('deregister');
    await peer.event('deregistered');
    expect(device.signal.aborted).toBe(true);
    await expect(device.read(Device.manufacturer)).rejects.toMatchObject({ code: 'device-gone' });
    const registered = nextEvent(server, 'registered');
    await peer.call('start');
    const { device: again } = await registered;
    expect(await again.read(Device.manufacturer)).toBe('Motestack interop');
  });
});
