import { encodeUtf8 } from '@motestack/bytes';
import { Device, Server, Temperature } from '@motestack/objects';
import type { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import {
  DeviceAsleepError,
  DeviceGoneError,
  InvalidArgumentError,
  LimitReachedError,
  TimeoutError,
} from '../lwm2m-error.ts';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { InMemoryRegistrationStore } from '../registration/in-memory-registration-store.ts';
import { type ScriptedDevice, serverIn, stage, textAnswer } from '../scripted-device.fixture.ts';
import type { PortableServerOptions } from '../server-options.ts';
import { InMemoryCommandStore } from './command-store.ts';

const LINKS = '</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</3303/0>';

async function asleep(options: Partial<PortableServerOptions> = {}): Promise<{
  network: SimulatedNetwork;
  server: LwM2mServer;
  scripted: ScriptedDevice;
  device: RegisteredDevice;
  told: string[];
}> {
  const { network, server, device: scripted } = await stage(options);
  const told: string[] = [];
  for (const event of ['registered', 'updated', 'awake', 'asleep', 'deregistered'] as const)
    server.on(event, () => void told.push(event));
  server.on('commandFinished', ({ endpoint, registered }, { operation, state, responseCode, value }) => {
    told.push([endpoint, registered !== undefined, operation, state, responseCode, value].join(' '));
  });
  scripted.answer = () => textAnswer('21.5');
  await network.settle(scripted.register('ep=node&lt=86400&lwm2m=1.1&b=U&Q', LINKS));
  const device = await server.device('node');
  if (device === undefined) throw new Error('the device is not registered');
  return { network, server, scripted, device, told };
}

const asked = (scripted: ScriptedDevice): string[] =>
  scripted.requests.map(({ method, path }) => `${method} /${path.join('/')}`);

describe('a device in queue mode', () => {
  test('is awake after Register, and sleeps after 93 s without a word; an answer is one', async () => {
    const { network, device, told } = await asleep();
    expect(device.isAwake).toBe(true);
    await network.run(60_000);
    expect(await network.settle(device.read(Temperature.sensorValue))).toBe(21.5);
    await network.run(152_000);
    expect(device.isAwake).toBe(true);
    await network.run(154_000);
    expect(device.isAwake).toBe(false);
    expect(told).toEqual(['registered', 'awake', 'asleep']);
  });

  test('is asked nothing while it sleeps; Update wakes it, and requests go in their order, one at a time', async () => {
    const { network, server, scripted, device, told } = await asleep();
    await network.run(100_000);
    const first = device.read(Temperature.sensorValue);
    const second = device.execute(Device.reboot, {}, { priority: 1 });
    await network.run(200_000);
    expect([asked(scripted), server.inspect().requestsInFlight]).toEqual([[], 2]);
    let answered = 0;
    scripted.answer = async () => {
      expect(scripted.requests.length).toBe(answered + 1);
      await Promise.resolve();
      answered += 1;
      return textAnswer('1');
    };
    await network.settle(scripted.update());
    await network.settle(Promise.all([first, second]));
    expect(asked(scripted)).toEqual(['POST /3/0/4', 'GET /3303/0/5700']);
    expect(told.slice(-3)).toEqual(['asleep', 'updated', 'awake']);
  });

  test.each(['Send', 'notification'])('a %s wakes it', async (what) => {
    const { network, scripted, device } = await asleep();
    scripted.answerText('20');
    const values: number[] = [];
    const loop = (async () => {
      for await (const celsius of device.observe(Temperature.sensorValue)) values.push(celsius);
    })();
    await network.run(100_000);
    const waiting = device.read(Temperature.sensorValue);
    await network.run(150_000);
    const before = scripted.requests.length;
    if (what === 'notification') scripted.observers[0]?.notify(textAnswer('22'));
    else {
      const payload = encodeUtf8('[{"n":"/3303/0/5700","v":22}]');
      await network.settle(scripted.send({ method: 'POST', path: ['dp'], contentFormat: 110, payload }));
    }
    expect(await network.settle(waiting)).toBe(20);
    expect(scripted.requests.length).toBe(before + 1);
    await network.settle(scripted.deregister());
    await loop;
  });

  test('whoever does not want to wait is told so', async () => {
    const { network, device } = await asleep();
    await network.run(100_000);
    const write = device.write(Server.lifetime, 60, { whenAsleep: 'reject' });
    await expect(network.settle(write)).rejects.toBeInstanceOf(DeviceAsleepError);
  });

  test('one that does not answer sleeps', async () => {
    const { network, scripted, device, told } = await asleep();
    scripted.answer = () => new Promise(() => undefined);
    await expect(network.settle(device.read('/3/0/0', { timeoutMs: 1_000 }))).rejects.toBeInstanceOf(TimeoutError);
    expect([device.isAwake, told.at(-1)]).toEqual([false, 'asleep']);
  });

  test('what waits ends with the registration, with its signal, and at the limit', async () => {
    const { network, scripted, device } = await asleep({ queue: { waitingMax: 2 } });
    await network.run(100_000);
    const controller = new AbortController();
    const first = device.read('/3/0/0');
    const second = device.read('/3/0/1', { signal: controller.signal });
    await expect(device.read('/3/0/2')).rejects.toMatchObject({ limit: 'waitingMax' });
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'aborted' });
    const gone = expect(first).rejects.toBeInstanceOf(DeviceGoneError);
    await network.settle(scripted.deregister());
    await gone;
  });

  test('stays awake for as long as it is said to', async () => {
    const { network, device } = await asleep({ queue: { awakeMs: ({ lifetimeSeconds }) => lifetimeSeconds / 10 } });
    await network.run(8_600);
    expect(device.isAwake).toBe(true);
    await network.run(8_700);
    expect(device.isAwake).toBe(false);
  });

  test('without queue mode everybody is awake', async () => {
    const { network, server, device: scripted } = await stage();
    await network.settle(scripted.register('ep=node&lt=86400&lwm2m=1.1', LINKS));
    const device = await server.device('node');
    await network.run(500_000);
    expect(device?.isAwake).toBe(true);
  });
});

describe('device.queue', () => {
  test('commands go when the device wakes, and say what became of them', async () => {
    const { network, scripted, device, told } = await asleep();
    await network.run(100_000);
    const command = await device.queue.read(Temperature.sensorValue);
    expect(command).toMatchObject({ endpoint: 'node', operation: 'Read', path: '/3303/0/5700', state: 'queued' });
    await device.queue.write(Server.lifetime, 60, { priority: 2 });
    await device.queue.create(Temperature, { sensorValue: 1 });
    await device.queue.execute(Device.reboot);
    await device.queue.delete('/3303/0');
    await device.queue.writeAttributes(Temperature.sensorValue, { pmin: 5 });
    expect(device.queue.commands().map(({ operation }) => operation)).toEqual([
      'Read',
      'Write',
      'Create',
      'Execute',
      'Delete',
      'Write-Attributes',
    ]);
    scripted.answer = ({ method, path }) => {
      if (method === 'GET') return textAnswer('21.5');
      if (method === 'DELETE') return { code: 0x42 };
      if (method === 'POST' && path.length === 1) return { code: 0x41, locationPath: ['3303', '7'] };
      return { code: path[2] === '4' ? 0x85 : 0x44 };
    };
    await network.settle(scripted.update());
    await network.run(110_000);
    expect(told.slice(5)).toEqual([
      'node true Write succeeded 2.04 ',
      'node true Read succeeded 2.05 21.5',
      'node true Create succeeded 2.01 7',
      'node true Execute failed 4.05 ',
      'node true Delete succeeded 2.02 ',
      'node true Write-Attributes succeeded 2.04 ',
    ]);
    expect(device.queue.commands()).toEqual([]);
  });

  test('is one queue with awaited calls', async () => {
    const { network, scripted, device } = await asleep();
    await network.run(100_000);
    const read = device.read('/3/0/1');
    await device.queue.read('/3/0/2');
    await device.queue.read('/3/0/0', { priority: 1 });
    await network.settle(scripted.update());
    await network.settle(read);
    await network.run(110_000);
    expect(asked(scripted)).toEqual(['GET /3/0/0', 'GET /3/0/1', 'GET /3/0/2']);
  });

  test('what is read cannot be read: the command is over, and the error told', async () => {
    const { network, server, scripted, device, told } = await asleep();
    const errors: Error[] = [];
    server.on('error', (error) => void errors.push(error));
    scripted.answer = () => ({ code: 0x45, contentFormat: 112, payload: Uint8Array.of(0xff) });
    await device.queue.read(Temperature.sensorValue);
    await network.run(1_000);
    expect([told.at(-1), errors.length]).toEqual(['node true Read succeeded 2.05 ', 1]);
  });

  test('refuses what means nothing, and what is too much', async () => {
    const { network, device } = await asleep({ queue: { commandsPerDeviceMax: 1 } });
    await network.run(100_000);
    await expect(device.queue.read('/3/0/0', { ttlSeconds: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(device.queue.write('/3303', 1)).rejects.toBeInstanceOf(InvalidArgumentError);
    await device.queue.read('/3/0/0');
    await expect(device.queue.read('/3/0/0')).rejects.toBeInstanceOf(LimitReachedError);
    await expect(stage({ queue: { waitingMax: 0 } })).rejects.toThrow(RangeError);
  });

  test('cancel and expire', async () => {
    const { network, device, told } = await asleep();
    await network.run(100_000);
    const { id } = await device.queue.read('/3/0/0');
    await device.queue.read('/3/0/1', { ttlSeconds: 60 });
    expect(await device.queue.cancel(id)).toBe(true);
    expect(await device.queue.cancel('0123456789abcdef')).toBe(false);
    await network.run(161_000);
    expect(told.slice(-2)).toEqual(['node true Read cancelled  ', 'node true Read expired  ']);
  });

  test('survives a restart of the server, and a device that registers anew', async () => {
    const queue = { store: new InMemoryCommandStore() };
    const store = new InMemoryRegistrationStore();
    const { network, server, scripted, device } = await asleep({ queue, store });
    await network.run(100_000);
    const { id } = await device.queue.execute(Device.reboot);
    await network.settle(server.close());
    const finished: string[] = [];
    const second = await serverIn(network, { queue, store });
    second.on('commandFinished', (_device, command) => void finished.push(`${command.id} ${command.state}`));
    const known = await second.device('node');
    expect(known?.queue.commands().map((command) => command.id)).toEqual([id]);
    scripted.answer = () => ({ code: 0x44 });
    await network.settle(scripted.register('ep=node&lt=300&lwm2m=1.1&Q', LINKS));
    await network.run(network.clock.now() + 1_000);
    expect(finished).toEqual([`${id} succeeded`]);
    expect([...queue.store.commands()]).toEqual([]);
  });

  test('a device that is always awake gets its commands at once, also after a restart', async () => {
    const queue = { store: new InMemoryCommandStore() };
    const store = new InMemoryRegistrationStore();
    const { network, server, device: scripted } = await stage({ queue, store });
    scripted.answer = () => new Promise(() => undefined);
    await network.settle(scripted.register('ep=node&lt=86400&lwm2m=1.1', LINKS));
    const device = await server.device('node');
    await device?.queue.read('/3/0/0');
    await network.run(1_000);
    expect(asked(scripted)).toEqual(['GET /3/0/0']);
    await network.settle(server.close());
    scripted.answer = () => textAnswer('1');
    const finished: string[] = [];
    const second = await serverIn(network, { queue, store });
    second.on('commandFinished', (_device, { state }) => void finished.push(state));
    await network.run(2_000);
    expect(finished).toEqual(['succeeded']);
  });
});
