import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Device as Device10 } from './3/1.0.ts';
import { Device, Server, Temperature } from './index.ts';
import { findObject, registeredObjectIds, registeredVersions } from './registry.ts';

// The examples of README.md, line by line: the last test compares.

const adjustClock = (offset: string): void => void offset;
const restart = (): void => undefined;
const measure = (): number => 19;

const paths = [`${Device.manufacturer}`, `${Server.at(1).lifetime}`, `${Temperature.at(2).sensorValue}`];
// ['/3/0/0', '/1/1/1', '/3303/2/5700']

const objects = [
  Device.instance({
    manufacturer: 'Acme', // a value that the client keeps
    batteryLevel: () => 87, // asked at each Read
    utcOffset: { read: () => '+01:00', write: (offset) => adjustClock(offset) },
    reboot: () => restart(), // an Execute
  }),
  Temperature.instance({ sensorValue: 21.5, sensorUnits: 'Cel' }), // /3303/0
  Temperature.instance({ sensorValue: () => measure() }, 1), // /3303/1
];

const version = Device10.definition.version; // '1.0'

const humidity = await findObject(3304); // the newest version: { id: 3304, version: '1.1', name: 'Humidity', resources: … }
const older = await findObject(3304, '1.0');
const unknown = await findObject(9999); // undefined
const versions = registeredVersions(3304); // ['1.0', '1.1']
const howMany = registeredObjectIds().length; // 327

test('the look-up', () => {
  expect(humidity).toMatchObject({ id: 3304, version: '1.1', name: 'Humidity' });
  expect([older?.version, unknown, versions, howMany]).toEqual(['1.0', undefined, ['1.0', '1.1'], 327]);
});

test('the examples are what they say', () => {
  expect(paths).toEqual(['/3/0/0', '/1/1/1', '/3303/2/5700']);
  expect(objects.map(({ objectId, objectInstanceId }) => `/${objectId}/${objectInstanceId}`)).toEqual([
    '/3/0',
    '/3303/0',
    '/3303/1',
  ]);
  expect(version).toBe('1.0');
});

test('these are the examples of README.md', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(4);
  for (const block of blocks) expect(own).toContain(block.replaceAll(/^import .*\n\n?/gm, ''));
});
