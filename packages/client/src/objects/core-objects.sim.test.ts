import { defineObject } from '@motestack/model';
import { objectSpecOf, parseDdf } from '@motestack/model/ddf';
import { ConnectivityMonitoring, Device, Location, Portfolio } from '@motestack/objects';
import { expect, test } from 'vitest';
import { connectivityStatistics } from '../index.ts';
import { Scene } from '../scripted-server.fixture.ts';
import { pass } from '../watch.fixture.ts';

const execute = (scene: Scene, path: string) => scene.network.settle(scene.server.code('POST', path));
const read = (scene: Scene, path: string) => scene.network.settle(scene.server.read(path));

test('object 3: hooks for what is the hardware’s, and what the client knows by itself', async () => {
  const scene = new Scene({ seed: 1, epochMs: 1_800_000_000_000 });
  const done: string[] = [];
  const client = await scene.registered({
    objects: [
      Device.instance({
        reboot: () => void done.push('reboot'),
        factoryReset: () => void done.push('factory reset'),
        availablePowerSources: [1, 5],
        powerSourceVoltage: () => [3_800, 5_000],
        memoryFree: async () => 15,
      }),
    ],
  });
  expect(await execute(scene, '/3/0/4')).toBe('2.04');
  expect(await execute(scene, '/3/0/5')).toBe('2.04');
  expect(done).toEqual(['reboot', 'factory reset']);
  expect(await read(scene, '/3/0/7/1')).toBe('5000');
  expect(await read(scene, '/3/0/10')).toBe('15');
  expect(await read(scene, '/3/0/16')).toBe('U');
  // Current Time is the clock's, until a server sets it (resource 13).
  expect(Number(await read(scene, '/3/0/13'))).toBe(1_800_000_000);
  expect(await scene.network.settle(scene.server.write('/3/0/13', '1900000000'))).toBe('2.04');
  await pass(scene, 10);
  expect(Number(await read(scene, '/3/0/13'))).toBe(1_900_000_010);
  // Error codes are set by the application and reset by a server (resources 11 and 12).
  client.set(Device.errorCode, [2, 7]);
  expect(await read(scene, '/3/0/11/1')).toBe('7');
  expect(await execute(scene, '/3/0/12')).toBe('2.04');
  expect(await read(scene, '/3/0/11/0')).toBe('0');
  expect(await scene.network.settle(scene.server.code('GET', '/3/0/11/1'))).toBe('4.04');
});

test('object 7 counts between Start and Stop', async () => {
  const scene = new Scene();
  await scene.registered({ objects: [Device.instance({ reboot: () => undefined }), connectivityStatistics()] });
  expect(await read(scene, '/7/0/4')).toBe('0');
  expect(await execute(scene, '/7/0/6')).toBe('2.04');
  for (let round = 0; round < 100; round++) await read(scene, '/3/0/16');
  expect(await execute(scene, '/7/0/7')).toBe('2.04');
  const [sent, received, largest] = [
    await read(scene, '/7/0/2'),
    await read(scene, '/7/0/3'),
    await read(scene, '/7/0/4'),
  ].map(Number);
  expect(sent).toBeGreaterThanOrEqual(1);
  expect(received).toBeGreaterThan(Number(sent));
  expect(largest).toBeGreaterThan(15);
  await read(scene, '/3/0/16');
  expect(Number(await read(scene, '/7/0/3'))).toBe(received);
  expect(Number(await read(scene, '/7/0/5'))).toBeLessThanOrEqual(Number(largest));
});

test('object 7 counts for the Collection Period', async () => {
  const scene = new Scene();
  await scene.registered({ objects: [connectivityStatistics()] });
  expect(await scene.network.settle(scene.server.write('/7/0/8', '10'))).toBe('2.04');
  expect(await execute(scene, '/7/0/6')).toBe('2.04');
  await pass(scene, 11);
  const before = await read(scene, '/7/0/5');
  for (let round = 0; round < 20; round++) await read(scene, '/7/0/3');
  expect(await read(scene, '/7/0/5')).toBe(before);
});

test('objects 4, 6 and 16 by values, functions and handlers', async () => {
  const scene = new Scene();
  const asked: string[] = [];
  await scene.registered({
    objects: [
      ConnectivityMonitoring.instance({
        networkBearer: 6,
        availableNetworkBearer: [6, 21],
        radioSignalStrength: () => -92,
        ipAddresses: async () => ['192.0.2.7', '2001:db8::7'],
      }),
      Location.instance({ latitude: () => 48.1, longitude: () => 11.5, timestamp: new Date(1_800_000_000_000) }),
      Portfolio.instance({
        identity: { 0: 'Host Device ID', 3: 'Model' },
        getAuthData: (args) => void asked.push(JSON.stringify(args)),
      }),
    ],
  });
  expect(await read(scene, '/4/0/2')).toBe('-92');
  expect(await read(scene, '/4/0/4/1')).toBe('2001:db8::7');
  expect(await read(scene, '/6/0/0')).toBe('48.1');
  expect(await read(scene, '/16/0/0/3')).toBe('Model');
  expect(await scene.network.settle(scene.server.write('/16/0/0/0', 'mine'))).toBe('2.04');
  expect(await read(scene, '/16/0/0/0')).toBe('mine');
  const request = { contentFormat: 0, payload: new TextEncoder().encode("0='x'") };
  expect(await scene.network.settle(scene.server.code('POST', '/16/0/1', request))).toBe('2.04');
  expect(asked).toEqual(['{"0":"x"}']);
});

test('an object of a definition file, at run time', async () => {
  const xml = `<?xml version="1.0"?><LWM2M><Object ObjectType="MODefinition"><Name>Pump</Name><Description1/>
    <ObjectID>42801</ObjectID><ObjectURN/><LWM2MVersion>1.0</LWM2MVersion><ObjectVersion>1.0</ObjectVersion>
    <MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory><Resources>
    <Item ID="1"><Name>Flow Rate</Name><Operations>R</Operations><MultipleInstances>Single</MultipleInstances>
    <Mandatory>Mandatory</Mandatory><Type>Float</Type><RangeEnumeration/><Units/><Description/></Item>
    </Resources><Description2/></Object></LWM2M>`;
  const [pump] = parseDdf(xml).map((object) => defineObject(objectSpecOf(object)));
  const scene = new Scene();
  const instance = pump?.instance({ flowRate: () => 3.5 }, 2);
  await scene.registered({ objects: instance === undefined ? [] : [instance] });
  expect(await read(scene, '/42801/2/1')).toBe('3.5');
});
