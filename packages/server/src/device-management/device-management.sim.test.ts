import { decodeUtf8, encodeUtf8, toHex } from '@motestack/bytes';
import type { CoapAnswer, CoapRequest } from '@motestack/coap';
import { defineObject } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { type ScriptedDevice, stage, textAnswer } from '../scripted-device.fixture.ts';

const changed: CoapAnswer = { code: 0x44 };
const json = (records: object): CoapAnswer => ({
  code: 0x45,
  contentFormat: 110,
  payload: encodeUtf8(JSON.stringify(records)),
});

describe('device management', () => {
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
  /** Asks, and gives what the device was asked and what came of it. */
  const asked = async <Result>(act: Promise<Result>): Promise<{ result: Result; request: CoapRequest }> => {
    const result = await network.settle(act);
    const request = scripted.requests.at(-1);
    if (request === undefined) throw new Error('nothing was asked');
    return { result, request };
  };

  beforeEach(async () => {
    ({ network, server, device: scripted } = await stage());
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</3303/0>,</3303/4>');
  });

  describe('Read', () => {
    test('a resource, in the best format that the device names', async () => {
      scripted.answer = () => textAnswer('Acme');
      const { result, request } = await asked(device.read(Device.manufacturer));
      expect(result).toBe('Acme');
      expect(request).toMatchObject({
        method: 'GET',
        path: ['3', '0', '0'],
        accept: 112,
        query: [],
        confirmable: true,
      });
    });

    test('takes whatever format the device answers in', async () => {
      scripted.answer = () => ({
        code: 0x45,
        contentFormat: 11542,
        payload: Uint8Array.of(0xe4, 0x16, 0x44, 0x41, 0xac, 0, 0),
      });
      expect((await asked(device.read(Temperature.sensorValue))).result).toBe(21.5);
      scripted.answer = () => json([{ n: '/3303/0/5700', v: 20.25 }]);
      expect((await asked(device.read(Temperature.sensorValue))).result).toBe(20.25);
      scripted.answer = () => ({ code: 0x45, payload: encodeUtf8('19.5') });
      expect((await asked(device.read(Temperature.sensorValue))).result).toBe(19.5);
    });

    test('in the format that the caller says', async () => {
      scripted.answer = () => textAnswer('Acme');
      expect((await asked(device.read(Device.manufacturer, { contentFormat: 'tlv' }))).request.accept).toBe(11542);
    });

    test('a multiple resource, an instance, an object', async () => {
      scripted.answer = () =>
        json([
          { bn: '/3/0/6/', n: '0', v: 1 },
          { n: '1', v: 5 },
        ]);
      expect((await asked(device.read(Device.availablePowerSources))).result).toEqual({ 0: 1, 1: 5 });
      scripted.answer = () =>
        json([
          { bn: '/3303/4/', n: '5700', v: 8 },
          { n: '5701', vs: 'Cel' },
        ]);
      const instance = await asked(device.read(Temperature.at(4)));
      expect(instance.result).toEqual({ sensorValue: 8, sensorUnits: 'Cel' });
      expect(instance.request.path).toEqual(['3303', '4']);
      scripted.answer = () =>
        json([
          { bn: '/3303/', n: '0/5700', v: 7 },
          { n: '4/5700', v: 8 },
        ]);
      expect((await asked(device.read(Temperature))).result).toEqual({ 0: { sensorValue: 7 }, 4: { sensorValue: 8 } });
    });

    test('a path as text, known or not', async () => {
      scripted.answer = () => json([{ n: '/9/0/1', v: 3 }]);
      expect((await asked(device.read('/9/0/1'))).result).toBe(3);
      scripted.answer = () => json([{ bn: '/3303/0/', n: '5700', v: 8 }]);
      expect((await asked(device.read('/3303/0'))).result).toEqual({ sensorValue: 8 });
    });

    test('an object that only the caller has a definition of', async () => {
      const Valve = defineObject({
        id: 42_800,
        name: 'Valve',
        resources: { opening: { id: 1, operations: 'RW', type: 'Float' } },
      });
      scripted.answer = () => ({ code: 0x45, contentFormat: 11542, payload: Uint8Array.of(0xc4, 1, 0x41, 0xac, 0, 0) });
      expect((await asked(device.read(Valve.opening))).result).toBe(21.5);
    });

    test('an integer beyond 2^53 is refused by name, and given to who asks for a bigint', async () => {
      // /3/0/10 (Memory Free) by an 8 byte TLV.
      scripted.answer = () => ({
        code: 0x45,
        contentFormat: 11542,
        payload: Uint8Array.of(0xc8, 10, 8, 0x10, 0, 0, 0, 0, 0, 0, 1),
      });
      await expect(asked(device.read(Device.memoryFree))).rejects.toMatchObject({
        code: 'unexpected-answer',
        message: expect.stringContaining('bigint'),
      });
      expect((await asked(device.read(Device.memoryFree, { bigint: true }))).result).toBe(2n ** 60n + 1n);
      expect((await asked(device.read('/3/0/10'))).result).toBe(2n ** 60n + 1n);
    });

    test.each([
      ['bytes that cannot be read', { code: 0x45, contentFormat: 112, payload: Uint8Array.of(0x81) }],
      ['a format that nobody knows', { code: 0x45, contentFormat: 9_999, payload: Uint8Array.of(1) }],
      ['another type', textAnswer('warm')],
      ['another path', json([{ n: '/3303/1/5700', v: 1 }])],
      ['nothing', { code: 0x45 }],
      ['a success that means something else', { code: 0x44 }],
    ])('refuses %s', async (_name, answer) => {
      scripted.answer = () => answer;
      await expect(asked(device.read(Temperature.sensorValue))).rejects.toMatchObject({
        name: 'UnexpectedAnswerError',
        code: 'unexpected-answer',
        operation: 'Read',
        endpoint: 'node',
        path: '/3303/0/5700',
      });
    });

    test.each(['3/0', '/', '/3/0/0/0/0', '/65535'] as const)('refuses the path %s, and sends nothing', async (path) => {
      await expect(device.read(path as '/')).rejects.toMatchObject({ code: 'invalid-argument', operation: 'Read' });
      expect(scripted.requests).toEqual([]);
    });
  });

  describe('Write', () => {
    beforeEach(() => {
      scripted.answer = () => changed;
    });

    test('a resource is a PUT', async () => {
      const { request } = await asked(device.write(Server.lifetime, 600, { contentFormat: 'text' }));
      expect(request).toMatchObject({ method: 'PUT', path: ['1', '0', '1'], contentFormat: 0, query: [] });
      expect(decodeUtf8(request.payload)).toBe('600');
    });

    test('an instance is a POST, and a PUT to replace it', async () => {
      const update = await asked(device.write(Server.at(0), { lifetime: 600 }, { contentFormat: 'senml-json' }));
      expect(update.request).toMatchObject({ method: 'POST', path: ['1', '0'], contentFormat: 110 });
      expect(JSON.parse(decodeUtf8(update.request.payload))).toEqual([{ bn: '/1/0/1', v: 600 }]);
      const replaced = await asked(device.replace(Server.at(0), { lifetime: 600 }));
      expect(replaced.request).toMatchObject({ method: 'PUT', path: ['1', '0'], contentFormat: 112 });
    });

    test('several values of a multiple resource', async () => {
      const Rack = defineObject({
        id: 42_801,
        name: 'Rack',
        resources: { steps: { id: 3, operations: 'RW', type: 'Integer', multiple: true } },
      });
      const { request } = await asked(device.write(Rack.steps, [4, 5], { contentFormat: 'tlv' }));
      expect(toHex(request.payload)).toBe('8603410004410105');
      const record = await asked(device.write(Rack.steps, { 2: 9 }, { contentFormat: 'tlv' }));
      expect(toHex(record.request.payload)).toBe('8303410209');
      const one = await asked(device.write(Rack.steps.at(2), 9, { contentFormat: 'text' }));
      expect(one.request).toMatchObject({ method: 'PUT', path: ['42801', '0', '3', '2'] });
    });

    test.each([
      ['a value of another type', '/1/0/1', 'long'],
      ['a name that is none', '/1/0', { lifetim: 1 }],
      ['an object', '/1', {}],
    ] as const)('refuses %s, and sends nothing', async (_name, path, value) => {
      await expect(device.write(path, value)).rejects.toMatchObject({
        code: 'invalid-argument',
        operation: 'Write',
        path,
        cause: expect.any(Error),
      });
      expect(scripted.requests).toEqual([]);
    });

    test('a format that cannot carry it is the caller’s mistake', async () => {
      await expect(device.write(Server.at(0), { lifetime: 1 }, { contentFormat: 'text' })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
    });
  });

  test('Execute, with and without arguments', async () => {
    scripted.answer = () => changed;
    const plain = await asked(device.execute(Device.reboot));
    expect(plain.request).toMatchObject({ method: 'POST', path: ['3', '0', '4'], contentFormat: undefined });
    expect(plain.request.payload).toHaveLength(0);
    const { request } = await asked(device.execute(Device.reboot, { 3: undefined, 0: 'a' }));
    expect(request.contentFormat).toBe(0);
    expect(decodeUtf8(request.payload)).toBe("0='a',3");
    await expect(device.execute(Device.reboot, { 0: "it's" })).rejects.toMatchObject({
      code: 'invalid-argument',
      operation: 'Execute',
    });
    await expect(device.execute('/3/0')).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  describe('Create', () => {
    test('with an id that the device chooses', async () => {
      scripted.answer = () => ({ code: 0x41, locationPath: ['3303', '7'] });
      const { result, request } = await asked(device.create(Temperature, { sensorValue: 3 }, { contentFormat: 'tlv' }));
      expect(`${result}`).toBe('/3303/7');
      expect(request).toMatchObject({ method: 'POST', path: ['3303'], contentFormat: 11542 });
      // The resource alone, without an object instance around it (LwM2M Core §6.3.6).
      expect(toHex(request.payload).slice(0, 4)).toMatch(/^e[48]16/);
    });

    test('in TLV where SenML could not say it', async () => {
      scripted.answer = () => ({ code: 0x41, locationPath: ['3303', '7'] });
      expect((await asked(device.create(Temperature, { sensorValue: 3 }))).request.contentFormat).toBe(11542);
      const empty = await asked(device.create(Temperature, {}, { objectInstanceId: 7 }));
      expect(empty.request.contentFormat).toBe(11542);
      expect(toHex(empty.request.payload)).toBe('0007');
      const named = await asked(device.create(Temperature, { sensorValue: 3 }, { objectInstanceId: 7 }));
      expect(named.request.contentFormat).toBe(112);
      await expect(
        device.create(Temperature, { sensorValue: 3 }, { contentFormat: 'senml-cbor' }),
      ).rejects.toMatchObject({
        code: 'invalid-argument',
        operation: 'Create',
      });
    });

    test('with an id that the server chooses', async () => {
      scripted.answer = () => ({ code: 0x41 });
      const { result, request } = await asked(
        device.create(Temperature, { sensorValue: 3 }, { objectInstanceId: 5, contentFormat: 'senml-json' }),
      );
      expect(`${result.sensorValue}`).toBe('/3303/5/5700');
      expect(JSON.parse(decodeUtf8(request.payload))).toEqual([{ bn: '/3303/5/5700', v: 3 }]);
    });

    test.each([
      ['no location', { code: 0x41 }],
      ['the location of another object', { code: 0x41, locationPath: ['3', '0'] }],
      ['a location that is no path', { code: 0x41, locationPath: ['rd', 'x'] }],
      ['a location too deep', { code: 0x41, locationPath: ['3303', '0', '1'] }],
      ['another success', { code: 0x44 }],
    ])('refuses %s', async (_name, answer) => {
      scripted.answer = () => answer;
      await expect(
        asked(device.create(Temperature, { sensorValue: 3 }, { contentFormat: 'tlv' })),
      ).rejects.toMatchObject({ code: 'unexpected-answer', operation: 'Create' });
    });
  });

  test('Delete takes an instance', async () => {
    scripted.answer = () => ({ code: 0x42 });
    expect((await asked(device.delete(Temperature.at(4)))).request).toMatchObject({
      method: 'DELETE',
      path: ['3303', '4'],
    });
    await expect(device.delete('/3303')).rejects.toMatchObject({ code: 'invalid-argument', operation: 'Delete' });
  });

  test('Discover asks for link format', async () => {
    scripted.answer = () => ({
      code: 0x45,
      contentFormat: 40,
      payload: encodeUtf8('</3303/0>;pmin=5,</3303/0/5700>;gt=20.5'),
    });
    const { result, request } = await asked(device.discover(Temperature.at(0)));
    expect(request).toMatchObject({ method: 'GET', path: ['3303', '0'], accept: 40 });
    expect(result).toEqual([
      { path: { objectId: 3303, objectInstanceId: 0 }, attributes: { pmin: 5 } },
      { path: { objectId: 3303, objectInstanceId: 0, resourceId: 5700 }, attributes: { gt: 20.5 } },
    ]);
    scripted.answer = () => ({ code: 0x45, contentFormat: 40, payload: encodeUtf8('</3303/0') });
    await expect(asked(device.discover(Temperature))).rejects.toMatchObject({
      code: 'unexpected-answer',
      operation: 'Discover',
    });
  });

  test('Write-Attributes is a PUT with a query and nothing else', async () => {
    scripted.answer = () => changed;
    const { request } = await asked(
      device.writeAttributes(Temperature.sensorValue, { pmin: 1, pmax: undefined, st: 0.5 }),
    );
    expect(request).toMatchObject({
      method: 'PUT',
      path: ['3303', '0', '5700'],
      query: ['pmin=1', 'pmax', 'st=0.5'],
      contentFormat: undefined,
    });
    expect(request.payload).toHaveLength(0);
    await expect(device.writeAttributes(Temperature.sensorValue, { gt: 1, lt: 2 })).rejects.toMatchObject({
      code: 'invalid-argument',
      operation: 'Write-Attributes',
    });
  });

  test('a 1.0 device is spoken to in TLV', async () => {
    await registerWith('ep=node&lt=300&lwm2m=1.0&b=U', '</1/0>,</3/0>');
    scripted.answer = () => changed;
    const { request } = await asked(device.write(Device.utcOffset, '+02:00'));
    expect(request.contentFormat).toBe(11542);
    expect(toHex(request.payload)).toBe('c60e2b30323a3030');
    scripted.answer = () => textAnswer('Acme');
    expect((await asked(device.read(Device.manufacturer))).request.accept).toBe(11542);
  });

  test('an alternate root path stands before every path', async () => {
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</lwm2m>;rt="oma.lwm2m";ct=110,</lwm2m/1/0>,</lwm2m/3303/0>');
    scripted.answer = () => json([{ n: '/lwm2m/3303/0/5700', v: 4 }]);
    const { result, request } = await asked(device.read(Temperature.sensorValue));
    expect(request.path).toEqual(['lwm2m', '3303', '0', '5700']);
    expect(result).toBe(4);
    scripted.answer = () => ({ code: 0x41, locationPath: ['lwm2m', '3303', '7'] });
    expect(`${(await asked(device.create(Temperature, { sensorValue: 3 }, { contentFormat: 'tlv' }))).result}`).toBe(
      '/3303/7',
    );
    scripted.answer = () => ({ code: 0x45, contentFormat: 40, payload: encodeUtf8('</lwm2m/3303/0>;pmin=5') });
    expect((await asked(device.discover(Temperature))).result).toEqual([
      { path: { objectId: 3303, objectInstanceId: 0 }, attributes: { pmin: 5 } },
    ]);
  });

  test('an alternate root path goes out decoded', async () => {
    await registerWith('ep=node&lt=300&lwm2m=1.1', '</a%2Fb/%C3%A4>;rt="oma.lwm2m",</a%2Fb/%C3%A4/3303/0>');
    scripted.answer = () => textAnswer('4');
    const { request } = await asked(device.read(Temperature.sensorValue));
    expect(request.path).toEqual(['a/b', 'ä', '3303', '0', '5700']);
    scripted.answer = () => ({ code: 0x41, locationPath: ['a/b', 'ä', '3303', '7'] });
    expect(`${(await asked(device.create(Temperature, { sensorValue: 3 }))).result}`).toBe('/3303/7');
  });

  test('the instances of an object are those that were registered', () => {
    expect(device.instances(Temperature).map(String)).toEqual(['/3303/0', '/3303/4']);
    expect(device.instances(Server).map((instance) => `${instance.lifetime}`)).toEqual(['/1/0/1']);
    expect(device.instances(defineObject({ id: 42_800, name: 'Valve', resources: {} }))).toEqual([]);
  });
});
