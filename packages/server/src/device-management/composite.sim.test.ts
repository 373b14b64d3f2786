import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer, CoapRequest } from '@motestack/coap';
import { decodePaths, decodePayload } from '@motestack/codecs';
import { defineObject, formatPath } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { type ScriptedDevice, stage } from '../scripted-device.fixture.ts';
import { COMPOSITE_PATHS_MAX } from './composite-operations.ts';

const Valve = defineObject({
  id: 42_800,
  name: 'Valve',
  multiple: true,
  resources: {
    opening: { id: 1, operations: 'RW', type: 'Float' },
    steps: { id: 3, operations: 'RW', type: 'Integer', multiple: true },
  },
});
const changed: CoapAnswer = { code: 0x44 };
const json = (records: object): CoapAnswer => ({
  code: 0x45,
  contentFormat: 110,
  payload: encodeUtf8(JSON.stringify(records)),
});

let network: Awaited<ReturnType<typeof stage>>['network'];
let server: LwM2mServer;
let scripted: ScriptedDevice;
let device: RegisteredDevice;
const registerWith = async (query: string, links: string): Promise<void> => {
  await network.settle(scripted.register(query, links));
  const found = await server.device('node');
  if (found === undefined) throw new Error('the device is not registered');
  device = found;
};
const asked = async <Result>(act: Promise<Result>): Promise<{ result: Result; request: CoapRequest }> => {
  const result = await network.settle(act);
  const request = scripted.requests.at(-1);
  if (request === undefined) throw new Error('nothing was asked');
  return { result, request };
};
const pathsOf = ({ contentFormat = 0, payload }: CoapRequest): string[] =>
  decodePaths(contentFormat, payload, { path: {}, lookup: () => undefined }).map(({ path }) => formatPath(path));
beforeEach(async () => {
  ({ network, server, device: scripted } = await stage());
  await registerWith('ep=node&lt=300&lwm2m=1.2', '</>;ct="110 112 320 322",</1/0>,</3/0>,</3303/0>');
});

describe('Read-Composite [LwM2M Core §6.3.8]', () => {
  test('is a FETCH of the root with the paths, and gives a value for each', async () => {
    scripted.answer = () =>
      json([
        { n: '/3/0/9', v: 80 },
        { bn: '/3303/0/', n: '5700', v: 21.5 },
        { n: '5701', vs: 'Cel' },
      ]);
    const act = device.readComposite([Device.batteryLevel, Temperature.at(0), Device.manufacturer]);
    const { result, request } = await asked(act);
    expect(result).toEqual([80, { sensorValue: 21.5, sensorUnits: 'Cel' }, undefined]);
    expect(request).toMatchObject({ method: 'FETCH', path: [], query: [], contentFormat: 322, accept: 112 });
    expect(pathsOf(request)).toEqual(['/3/0/9', '/3303/0', '/3/0/0']);
  });

  test.each<[string, string, number, number | undefined]>([
    ['1.2', '', 322, undefined],
    ['1.2', '</>;ct="110 320",', 320, 110],
    ['1.1', '</>;ct=112,', 112, 112],
    ['1.1', '</>;ct=110,', 110, 110],
    ['1.1', '', 112, undefined],
  ])('of a %s device with %j asks in format %i', async (version, root, contentFormat, accept) => {
    await registerWith(`ep=node&lt=300&lwm2m=${version}`, `${root}</3/0>`);
    scripted.answer = () => json([{ n: '/3/0/9', v: 80 }]);
    const { request } = await asked(device.readComposite([Device.batteryLevel]));
    expect(request).toMatchObject({ contentFormat, accept });
  });

  test('an answer without a payload is legal: nothing of it may be read', async () => {
    scripted.answer = () => ({ code: 0x45, contentFormat: 112 });
    expect((await asked(device.readComposite([Device.batteryLevel]))).result).toEqual([undefined]);
  });

  test('the root is everything', async () => {
    scripted.answer = () => json([{ n: '/3/0/9', v: 80 }]);
    const { result, request } = await asked(device.readComposite(['/']));
    expect(result).toEqual([{ 3: { 0: { batteryLevel: 80 } } }]);
    expect(pathsOf(request)).toEqual(['/']);
  });

  test('under an alternate path it goes there', async () => {
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</lwm2m>;rt="oma.lwm2m";ct=110,</lwm2m/3/0>');
    scripted.answer = () => json([{ n: '/lwm2m/3/0/9', v: 80 }]);
    const { result, request } = await asked(device.readComposite([Device.batteryLevel]));
    expect([result, request.path]).toEqual([[80], ['lwm2m']]);
  });

  test('a refusal names the clause and what was answered', async () => {
    scripted.answer = () => ({ code: 0x85, payload: encodeUtf8('no FETCH here') });
    await expect(network.settle(device.readComposite(['/3/0/9', '/3/0/0']))).rejects.toMatchObject({
      code: 'response',
      operation: 'Read-Composite',
      path: '/3/0/9 /3/0/0',
      responseCode: '4.05',
      reason: 'not-allowed',
      clause: 'LwM2M Core §6.3.8, Transport §6.7',
      diagnostic: 'no FETCH here',
    });
  });

  test('values of the wrong type are the answer’s fault', async () => {
    scripted.answer = () => json([{ n: '/3/0/9', vs: 'full' }]);
    await expect(network.settle(device.readComposite([Device.batteryLevel]))).rejects.toMatchObject({
      code: 'unexpected-answer',
    });
  });

  test('no path, or more than COMPOSITE_PATHS_MAX, is the caller’s mistake', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `/3303/${index}` as const);
    await expect(device.readComposite([])).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(device.readComposite(many(COMPOSITE_PATHS_MAX + 1))).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    scripted.answer = () => json([]);
    expect((await asked(device.readComposite(many(COMPOSITE_PATHS_MAX)))).result).toHaveLength(COMPOSITE_PATHS_MAX);
  });
});

describe('Write-Composite [LwM2M Core §6.3.9]', () => {
  const nodesOf = ({ contentFormat = 0, payload }: CoapRequest) =>
    decodePayload(contentFormat, payload, {
      path: {},
      lookup: (id) => (id === 1 ? Server.definition : Valve.definition),
    });

  test('is an iPATCH of the root with all values; null removes a resource instance', async () => {
    scripted.answer = () => changed;
    const { request } = await asked(
      device.writeComposite([
        [Server.at(1).lifetime, 600],
        [Valve.at(2), { opening: 0.5 }],
        [Valve.at(2).steps.at(4), null],
        [Valve.at(2).steps.at(5), 7],
      ]),
    );
    expect(request).toMatchObject({ method: 'iPATCH', path: [], contentFormat: 322 });
    expect(nodesOf(request).map(({ path, value }) => [formatPath(path), value])).toEqual([
      ['/1/1/1', 600],
      ['/42800/2/1', 0.5],
      ['/42800/2/3/4', undefined],
      ['/42800/2/3/5', 7],
    ]);
  });

  test('of a 1.1 device goes as SenML, in the format that the caller says if he does', async () => {
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</>;ct=110,</1/0>');
    scripted.answer = () => changed;
    const { request } = await asked(device.writeComposite([[Server.at(1).lifetime, 600]]));
    expect(request.contentFormat).toBe(110);
    expect(JSON.parse(decodeUtf8(request.payload))).toEqual([{ bn: '/1/1/1', v: 600 }]);
    const other = await asked(device.writeComposite([[Server.at(1).lifetime, 600]], { contentFormat: 'lwm2m-cbor' }));
    expect(other.request.contentFormat).toBe(11_544);
  });

  test('what removes goes in a format that can say so, whatever the device lists', async () => {
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</>;ct=110,</42800/2>');
    scripted.answer = () => changed;
    const { request } = await asked(device.writeComposite([[Valve.at(2).steps.at(4), null]]));
    expect(request.contentFormat).toBe(322);
  });

  test('null for anything else, and a value of the wrong type, are the caller’s mistakes', async () => {
    await expect(device.writeComposite([['/1/1/1', null]])).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(device.writeComposite([['/1/1/1', 'x']])).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(scripted.requests).toEqual([]);
  });

  test('a refusal says that nothing was written', async () => {
    scripted.answer = () => ({ code: 0x80 });
    await expect(network.settle(device.writeComposite([['/1/1/1', 600]]))).rejects.toThrow(
      'Write-Composite /1/1/1 of node: the device answered 4.00: a value is of another type or out of its range; nothing was written (LwM2M Core §6.3.9, Transport §6.7)',
    );
  });
});

describe('Partial Update [LwM2M Core §6.3.3]', () => {
  test('of a multiple resource is a POST with its instances; of a single one it means nothing', async () => {
    scripted.answer = () => changed;
    const { request } = await asked(device.update(Valve.at(2).steps, { 4: 9 }));
    expect(request).toMatchObject({ method: 'POST', path: ['42800', '2', '3'], contentFormat: 112 });
    expect((await asked(device.update(Server.at(1), { lifetime: 60 }))).request.method).toBe('POST');
    await expect(device.update(Valve.at(2).opening, 1)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('Delete and Discover of 1.2', () => {
  test('a resource instance is deleted; older devices are not asked [Core 1.2 §6.3.7]', async () => {
    scripted.answer = () => ({ code: 0x42 });
    const { request } = await asked(device.delete(Valve.at(2).steps.at(4)));
    expect(request).toMatchObject({ method: 'DELETE', path: ['42800', '2', '3', '4'] });
    await expect(device.delete('/42800/2/3')).rejects.toMatchObject({ code: 'invalid-argument' });
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</42800/2>');
    await expect(device.delete('/42800/2/3/4')).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  test.each([0, 1, 2, 3])('depth %i goes in the query [Core 1.2 §6.3.2]', async (depth) => {
    scripted.answer = () => ({ code: 0x45, contentFormat: 40, payload: encodeUtf8('</3/0>') });
    expect((await asked(device.discover('/3', { depth }))).request).toMatchObject({
      query: [`depth=${depth}`],
      accept: 40,
    });
  });

  test.each([-1, 4, 1.5])('depth %d is none', async (depth) => {
    await expect(device.discover('/3', { depth })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('long opaque values [LwM2M Core §7.4.2, RFC 7959]', () => {
  const Firmware = '/5/0/0';
  const image = Uint8Array.from({ length: 5_000 }, (_, index) => index % 251);

  test('are read as they come', async () => {
    scripted.answer = () => ({ code: 0x45, contentFormat: 42, payload: image });
    const read = async (): Promise<number[]> => {
      const lengths: number[] = [];
      for await (const chunk of device.readStream(Firmware)) lengths.push(chunk.length);
      return lengths;
    };
    const lengths = await network.settle(read());
    expect(lengths.length).toBeGreaterThan(1);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(image.length);
    expect(scripted.requests[0]).toMatchObject({ method: 'GET', path: ['5', '0', '0'], accept: 42 });
    expect(server.inspect().requestsInFlight).toBe(0);
  });

  test('a refusal, another format and the end of the registration throw in the loop', async () => {
    const drain = async (): Promise<void> => {
      for await (const _chunk of device.readStream(Firmware)) await network.settle(scripted.deregister());
    };
    scripted.answer = () => ({ code: 0x85 });
    await expect(network.settle(drain())).rejects.toMatchObject({ code: 'response', responseCode: '4.05' });
    scripted.answer = () => ({ code: 0x45, contentFormat: 112, payload: Uint8Array.of(0x80) });
    await expect(network.settle(drain())).rejects.toMatchObject({ code: 'unexpected-answer' });
  });

  test('are written from chunks or from a source, with their size', async () => {
    scripted.answer = () => changed;
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < image.length; at += 700) yield image.subarray(at, at + 700);
    };
    const { request } = await asked(device.writeStream(Firmware, chunks(), { sizeBytes: image.length }));
    expect(request).toMatchObject({ method: 'PUT', contentFormat: 42 });
    expect(request.payload).toEqual(image);
    const source = { size: image.length, read: (from: number, length: number) => image.subarray(from, from + length) };
    expect((await asked(device.writeStream(Firmware, source))).request.payload).toEqual(image);
  });

  test('anything but one opaque value is the caller’s mistake', async () => {
    expect(() => device.readStream('/3/0/0')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(() => device.readStream('/5/0')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
