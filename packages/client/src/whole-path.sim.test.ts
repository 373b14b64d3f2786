import { defineObject } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import { LwM2mServer, type RegisteredDevice, ResponseError } from '@motestack/server';
import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { type ClientOptions, implementObject, LwM2mClient, type LwM2mError } from './index.ts';

const SERVER_ADDRESS = '10.0.0.1:5683';
const ENDPOINT = 'urn:dev:mac:0024befffe804ff1';

const Valve = defineObject({
  id: 42_800,
  name: 'Valve',
  multiple: true,
  resources: {
    opening: { id: 1, operations: 'RW', type: 'Float', mandatory: true, range: '0..100' },
    labels: { id: 2, operations: 'RW', type: 'String', multiple: true },
    flush: { id: 3, operations: 'E', type: '' },
    flow: { id: 4, operations: 'R', type: 'Float' },
  },
});

/** Our server and our client on one network in virtual time. */
class WholePath {
  readonly network: SimulatedNetwork;
  readonly told: string[] = [];
  readonly errors: LwM2mError[] = [];
  readonly executed: string[] = [];
  #server: LwM2mServer | undefined;
  #client: LwM2mClient | undefined;

  constructor(seed = 1, loss = 0) {
    this.network = new SimulatedNetwork({ seed, loss });
  }

  get server(): LwM2mServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  get client(): LwM2mClient {
    if (this.#client === undefined) throw new Error('not started');
    return this.#client;
  }

  async listen(): Promise<void> {
    const server = await LwM2mServer.listen({
      transports: [this.network.transport(SERVER_ADDRESS)],
      clock: this.network.clock,
      random: this.network.randomSource,
      objects: [Valve],
    });
    server.on('registered', (device) => void this.told.push(`registered ${device.endpoint}`));
    server.on('updated', (device) => void this.told.push(`updated lt=${device.registration.lifetimeSeconds}`));
    server.on('deregistered', (_device, reason) => void this.told.push(`deregistered: ${reason}`));
    this.#server = server;
  }

  async start(options: Partial<ClientOptions> = {}): Promise<RegisteredDevice> {
    await this.listen();
    this.#client = await LwM2mClient.start({
      endpoint: ENDPOINT,
      server: { uri: 'coap://server', lifetimeSeconds: 300, retry: { timerSeconds: 10, jitterFactor: 1 } },
      objects: [
        Device.instance({
          manufacturer: 'Acme',
          batteryLevel: () => 87,
          availablePowerSources: [1, 5],
          currentTime: new Date(1_767_225_600_000),
          utcOffset: '+00:00',
          reboot: () => void this.executed.push('reboot'),
        }),
        Temperature.instance({ sensorValue: 21.5, sensorUnits: 'Cel' }),
        Temperature.instance({ sensorValue: () => 4.25 }, 3),
        implementObject(Valve, {
          create: ({ objectInstanceId, values }) => ({
            opening: 0,
            ...values,
            flow: () => 2,
            flush: (args) => void this.executed.push(`flush ${objectInstanceId} ${JSON.stringify(args)}`),
          }),
        }),
      ],
      connect: async (_uri, candidate) =>
        candidate === 0 ? this.network.transport('10.0.0.2:0', { remote: SERVER_ADDRESS }) : undefined,
      clock: this.network.clock,
      random: this.network.randomSource,
      ...options,
    });
    this.#client.on('error', (error) => void this.errors.push(error));
    await this.network.settle(this.#client.registered());
    await this.pass(1);
    return this.device();
  }

  async device(): Promise<RegisteredDevice> {
    const device = await this.server.device(ENDPOINT);
    if (device === undefined) throw new Error('not registered');
    return device;
  }

  settle<T>(promise: Promise<T>): Promise<T> {
    return this.network.settle(promise);
  }

  pass(seconds: number): Promise<void> {
    return this.network.run(this.network.clock.now() + seconds * 1_000);
  }

  /** Follows an observation: `12.5 s: 21.5`, counted from the first value. */
  follow(observation: AsyncIterable<unknown>): { readonly lines: string[]; readonly done: Promise<void> } {
    const lines: string[] = [];
    let from: number | undefined;
    const done = (async () => {
      for await (const value of observation) {
        from ??= this.network.clock.now();
        lines.push(`${Math.round((this.network.clock.now() - from) / 100) / 10} s: ${JSON.stringify(value)}`);
      }
    })();
    return { lines, done };
  }
}

const formats = ['tlv', 'senml-json', 'senml-cbor'] as const;

describe('a device registers, and the server', () => {
  test('sees its objects, instances and versions', async () => {
    const path = new WholePath();
    const device = await path.start();
    expect(device.lwm2mVersion).toBe('1.1');
    expect(device.instances(Temperature).map(String)).toEqual(['/3303/0', '/3303/3']);
    expect(device.registration.lifetimeSeconds).toBe(300);
    expect(path.told).toEqual([`registered ${ENDPOINT}`]);
  });

  test.each(formats)('reads values, instances and objects in %s', async (contentFormat) => {
    const path = new WholePath();
    const device = await path.start();
    const options = { contentFormat };
    expect(await path.settle(device.read(Device.manufacturer, options))).toBe('Acme');
    expect(await path.settle(device.read(Device.batteryLevel, options))).toBe(87);
    expect(await path.settle(device.read(Device.currentTime, options))).toEqual(new Date(1_767_225_600_000));
    expect(await path.settle(device.read(Device.availablePowerSources, options))).toEqual({ 0: 1, 1: 5 });
    expect(await path.settle(device.read(Device.availablePowerSources.at(1), options))).toBe(5);
    expect(await path.settle(device.read(Device.errorCode, options))).toEqual({ 0: 0 });
    expect(await path.settle(device.read(Device.supportedBindingAndModes, options))).toBe('U');
    expect(await path.settle(device.read(Temperature.at(0), options))).toEqual({
      sensorValue: 21.5,
      sensorUnits: 'Cel',
    });
    expect(await path.settle(device.read(Temperature, options))).toEqual({
      0: { sensorValue: 21.5, sensorUnits: 'Cel' },
      3: { sensorValue: 4.25 },
    });
    expect(await path.settle(device.read('/3303/3/5700', options))).toBe(4.25);
  });

  test('reads without saying a format, from a client of 1.0 too', async () => {
    for (const lwm2mVersion of ['1.0', '1.1'] as const) {
      const path = new WholePath();
      const device = await path.start({ lwm2mVersion });
      expect(device.lwm2mVersion).toBe(lwm2mVersion);
      expect(await path.settle(device.read(Device.manufacturer))).toBe('Acme');
      expect(await path.settle(device.read(Device.availablePowerSources))).toEqual({ 0: 1, 1: 5 });
    }
  });

  test.each(formats)('writes, creates and deletes in %s', async (contentFormat) => {
    const path = new WholePath();
    const device = await path.start();
    const options = { contentFormat };
    await path.settle(device.write(Device.utcOffset, '+02:00', options));
    expect(await path.settle(device.read(Device.utcOffset))).toBe('+02:00');
    // Only TLV can leave the id to the device: the names of SenML are whole paths.
    const values = { opening: 30, labels: { 0: 'a', 4: 'b' } };
    const valve = await path.settle(device.create(Valve, values, { contentFormat: 'tlv' }));
    expect(String(valve)).toBe('/42800/0');
    await path.settle(device.create(Valve, { opening: 1 }, { ...options, objectInstanceId: 9 }));
    await path.pass(1);
    expect(device.instances(Valve).map(String)).toEqual(['/42800/0', '/42800/9']);
    await path.settle(device.write(valve, { labels: { 4: 'c', 5: 'd' } }, options));
    expect(await path.settle(device.read(valve))).toEqual({ opening: 30, labels: { 0: 'a', 4: 'c', 5: 'd' }, flow: 2 });
    await path.settle(device.replace(valve, { opening: 50 }, options));
    expect(await path.settle(device.read(valve))).toEqual({ opening: 50, flow: 2 });
    await path.settle(device.write(valve.labels, ['x'], options));
    expect(await path.settle(device.read(valve.labels))).toEqual({ 0: 'x' });
    await path.settle(device.delete(Valve.at(9)));
    await path.pass(1);
    expect(device.instances(Valve).map(String)).toEqual(['/42800/0']);
    expect(path.told.slice(1)).toEqual(Array.from({ length: 3 }, () => 'updated lt=300'));
  });

  test('is refused by name', async () => {
    const path = new WholePath();
    const device = await path.start();
    const refusal = async (request: Promise<unknown>): Promise<string> => {
      const error = await path.settle(request.catch((thrown: unknown) => thrown));
      return ResponseError.is(error) ? error.responseCode : String(error);
    };
    expect(await refusal(device.read('/3/0/99'))).toBe('4.04');
    expect(await refusal(device.read('/0/0'))).toBe('4.01');
    expect(await refusal(device.read('/3/0/4'))).toBe('4.05');
    expect(await refusal(device.delete('/3/0'))).toBe('4.05');
    expect(await refusal(device.execute('/3/0/0'))).toBe('4.05');
    expect(await refusal(device.read(Device.at(0), { contentFormat: 'text' }))).toBe('4.06');
    expect(path.errors).toEqual([]);
  });

  test('executes, with arguments', async () => {
    const path = new WholePath();
    const device = await path.start();
    await path.settle(device.execute(Device.reboot));
    const valve = await path.settle(device.create(Valve, { opening: 30 }));
    await path.settle(device.execute(valve.flush, { 0: 'hot', 3: undefined }));
    expect(path.executed).toEqual(['reboot', 'flush 0 {"0":"hot"}']);
  });

  test('discovers what is there, with attributes', async () => {
    const path = new WholePath();
    const device = await path.start();
    await path.settle(device.writeAttributes(Temperature.at(3).sensorValue, { pmin: 5, gt: 30.5 }));
    const nodes = await path.settle(device.discover(Temperature.at(3)));
    expect(nodes).toMatchObject([
      { path: { objectId: 3303, objectInstanceId: 3 }, attributes: {} },
      { path: { resourceId: 5700 }, attributes: { pmin: 5, gt: 30.5 } },
    ]);
    const [power] = await path.settle(device.discover(Device.availablePowerSources));
    expect(power).toMatchObject({ dimension: 2 });
  });
});

describe('the registration', () => {
  test('a lifetime that the server writes is told by an Update and kept', async () => {
    const path = new WholePath();
    const device = await path.start();
    await path.settle(device.write(Server.lifetime, 60));
    await path.pass(1);
    expect(path.told.slice(1)).toEqual(['updated lt=60']);
    await path.pass(600);
    expect(path.told).not.toContain('deregistered: expired');
    expect(path.told.length).toBeGreaterThan(20);
  });

  test('Update Trigger and Disable', async () => {
    const path = new WholePath();
    const device = await path.start();
    await path.settle(device.execute(Server.registrationUpdateTrigger));
    await path.pass(1);
    await path.settle(device.write(Server.disableTimeout, 100));
    await path.settle(device.execute(Server.disable));
    await path.pass(50);
    expect(path.told.slice(1)).toEqual(['updated lt=300', 'deregistered: deregister']);
    await path.pass(60);
    expect(path.told.at(-1)).toBe(`registered ${ENDPOINT}`);
  });

  test('a server that forgot everything is registered with again', async () => {
    const path = new WholePath();
    const device = await path.start();
    const { lines, done } = path.follow(device.observe(Temperature.sensorValue));
    await path.pass(1);
    await path.settle(path.server.close());
    await path.settle(done);
    expect(lines).toEqual(['0 s: 21.5']);
    await path.listen();
    await path.pass(300);
    expect(path.errors).toMatchObject([{ operation: 'Update', responseCode: '4.04' }]);
    expect(path.client.inspect().servers[0]).toMatchObject({ state: 'registered', observations: 0 });
    expect(await path.settle((await path.device()).read(Device.manufacturer))).toBe('Acme');
  });

  test('a server that is away is found again', async () => {
    const path = new WholePath();
    await path.start();
    await path.settle(path.server.close());
    await path.pass(300);
    expect(path.client.inspect().servers[0]?.state).toBe('waiting');
    await path.listen();
    await path.pass(400);
    expect(path.client.inspect().servers[0]?.state).toBe('registered');
  });

  test('stop de-registers; nothing is left running', async () => {
    const path = new WholePath();
    await path.start();
    await path.settle(path.client.stop());
    expect(path.told.at(-1)).toBe('deregistered: deregister');
    await path.settle(path.server.close());
    expect(path.network.pendingTimers).toBe(0);
  });
});

describe('observations', () => {
  test('go by pmin, pmax, gt, lt and st', async () => {
    const path = new WholePath();
    const device = await path.start();
    const attributes = { pmin: 5, pmax: 60, gt: 30, lt: 10, st: 5 };
    const { lines } = path.follow(device.observe(Temperature.sensorValue, { attributes }));
    await path.pass(10);
    for (const value of [22, 26, 27, 31, 9]) {
      path.client.set(Temperature.sensorValue, value);
      await path.pass(10);
    }
    await path.pass(60);
    // 22 is no step; 26.5 would be one, 27 is; 31 is above 30; 9 is below 10; pmax repeats it
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual(['21.5', '27', '31', '9', '9']);
  });

  test('of functions are told by changed; of instances bring records', async () => {
    const path = new WholePath();
    let celsius = 4;
    const device = await path.start({
      objects: [Temperature.instance({ sensorValue: () => celsius, sensorUnits: 'Cel' })],
    });
    const { lines } = path.follow(device.observe(Temperature.at(0)));
    await path.pass(5);
    celsius = 5;
    path.client.changed(Temperature.sensorValue);
    await path.pass(5);
    expect(lines).toEqual(['0 s: {"sensorValue":4,"sensorUnits":"Cel"}', '5 s: {"sensorValue":5,"sensorUnits":"Cel"}']);
  });

  test('end by cancel and by break', async () => {
    const path = new WholePath();
    const device = await path.start();
    for (const cancelBy of ['request', 'reset'] as const) {
      const observation = device.observe(Temperature.sensorValue, { cancelBy });
      const { done } = path.follow(observation);
      await path.pass(1);
      expect(path.client.inspect().servers[0]?.observations).toBe(1);
      await path.settle(observation.cancel());
      await path.settle(done);
      path.client.set(Temperature.sensorValue, cancelBy.length);
      await path.pass(5);
      expect(path.client.inspect().servers[0]?.observations).toBe(0);
    }
  });
});

test.each([11, 12, 13])('a lossy network changes nothing but the time (seed %d)', async (seed) => {
  const path = new WholePath(seed, 0.25);
  const device = await path.start();
  expect(await path.settle(device.read(Device.manufacturer, { timeoutMs: 93_000 }))).toBe('Acme');
  await path.settle(device.write(Device.utcOffset, '-03:00', { timeoutMs: 93_000 }));
  await path.settle(device.execute(Device.reboot, {}, { timeoutMs: 93_000 }));
  expect(path.executed).toEqual(['reboot']);
  await path.pass(3_600);
  expect(path.client.inspect().servers[0]?.state).toBe('registered');
});
