import { encodeUtf8 } from '@motestack/bytes';
import { formatPath } from '@motestack/model';
import { AccessControl, Device, Server, Temperature } from '@motestack/objects';
import { LwM2mServer, type RegisteredDevice, ResponseError } from '@motestack/server';
import {
  type BootstrapAnswer,
  type BootstrapDevice,
  instanceWrite,
  LwM2mBootstrapServer,
  resourceWrite,
} from '@motestack/server/bootstrap';
import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { implementObject, LwM2mClient, type LwM2mError, type PortableClientOptions } from '../index.ts';

const BOOTSTRAP = '10.0.0.9:5683';
const ENDPOINT = 'boot';
/** Where names lead. */
const ADDRESSES: Readonly<Record<string, string>> = { bs: BOOTSTRAP, one: '10.0.0.1:5683', two: '10.0.0.2:5683' };

/** A bootstrap server, two servers, and a client. */
class Scene {
  readonly network = new SimulatedNetwork({ seed: 5 });
  readonly told: string[] = [];
  readonly errors: LwM2mError[] = [];
  readonly devices = new Map<string, RegisteredDevice>();
  answer: BootstrapAnswer = { servers: [{ uri: 'coap://one', shortServerId: 101, lifetimeSeconds: 300 }] };
  bootstrapServer: LwM2mBootstrapServer | undefined;
  client: LwM2mClient | undefined;
  time = new Date(0);

  async listen(): Promise<void> {
    const { clock, randomSource: random } = this.network;
    for (const name of ['one', 'two']) {
      const server = await LwM2mServer.listen({
        transports: [this.network.transport(ADDRESSES[name] ?? '')],
        clock,
        random,
      });
      server.on('registered', (device) => {
        this.told.push(`${name} registered lt=${device.registration.lifetimeSeconds}`);
        this.devices.set(name, device);
      });
    }
    this.bootstrapServer = await LwM2mBootstrapServer.listen({
      transports: [this.network.transport(BOOTSTRAP)],
      clock,
      random,
      configuration: () => this.answer,
    });
    for (const event of ['started', 'finished', 'packed'] as const)
      this.bootstrapServer.on(event, () => void this.told.push(event));
    this.bootstrapServer.on('failed', (_endpoint, error) => void this.told.push(`failed ${error.message}`));
  }

  async start(options: Partial<PortableClientOptions> = {}): Promise<LwM2mClient> {
    await this.listen();
    let port = 40_000;
    const client = await LwM2mClient.start({
      endpoint: ENDPOINT,
      bootstrap: { uri: 'coap://bs', retry: { jitterFactor: 1 } },
      objects: [
        Device.instance({
          manufacturer: 'Acme',
          reboot: () => undefined,
          currentTime: {
            read: () => this.time,
            write: (value) => {
              this.time = value;
            },
          },
          timezone: 'UTC',
        }),
        implementObject(Temperature, {
          create: ({ values }) => ({ ...values, sensorValue: () => 21 }),
          delete: () => undefined,
        }),
      ],
      clock: this.network.clock,
      random: this.network.randomSource,
      connect: async (uri, candidate) => {
        if (candidate > 0) return undefined;
        port += 1;
        return this.network.transport(`10.0.0.50:${port}`, {
          remote: ADDRESSES[new URL(uri).hostname] ?? '10.9.9.9:1',
        });
      },
      ...options,
    });
    client.on('error', (error) => void this.errors.push(error));
    this.client = client;
    return client;
  }

  async pass(seconds: number): Promise<void> {
    await this.network.run(this.network.clock.now() + seconds * 1_000);
  }
}

describe('a client that knows a bootstrap server alone', () => {
  test.each(['1.0', '1.1', '1.2'] as const)('of LwM2M %s is bootstrapped, and registers', async (lwm2mVersion) => {
    const scene = new Scene();
    const client = await scene.start({ lwm2mVersion });
    await scene.network.settle(client.registered());
    expect(scene.told).toEqual(['started', 'finished', 'one registered lt=300']);
    expect(client.inspect().servers).toMatchObject([{ uri: 'coap://one', shortServerId: 101, state: 'registered' }]);
    expect(scene.errors).toEqual([]);
  });

  test('with two servers, rights, and what a program could not write', async () => {
    const scene = new Scene();
    scene.answer = {
      servers: [
        { uri: 'coap://one', shortServerId: 101, server: { 2: 5 } },
        { uri: 'coap://two', shortServerId: 102 },
      ],
      write: [
        instanceWrite(AccessControl, 0, {
          objectId: 3,
          objectInstanceId: 0,
          acl: { 101: 15, 102: 1 },
          accessControlOwner: 101,
        }),
        resourceWrite(Device.currentTime, new Date(5_000_000)),
        instanceWrite(Temperature, 3, { applicationType: 'cellar' }),
      ],
    };
    const client = await scene.start();
    await scene.network.settle(client.registered());
    const [one, two] = [scene.devices.get('one'), scene.devices.get('two')];
    expect(await scene.network.settle(Promise.resolve(one?.read(Server.defaultMinimumPeriod)))).toBe(5);
    await scene.network.settle(one?.write(Device.timezone, 'CET') ?? Promise.resolve());
    await expect(scene.network.settle(two?.write(Device.timezone, 'X') ?? Promise.resolve())).rejects.toMatchObject({
      responseCode: '4.01',
    });
    expect(scene.time).toEqual(new Date(5_000_000));
    expect(await scene.network.settle(one?.read('/3303/3/5750') ?? Promise.resolve())).toBe('cellar');
  });

  test('waits for the hold-off, and tries again by the retry policy', async () => {
    const scene = new Scene();
    const good = scene.answer;
    scene.answer = undefined;
    await scene.start({ bootstrap: { uri: 'coap://bs', holdOffSeconds: 20, retry: { jitterFactor: 1 } } });
    await scene.pass(19);
    expect(scene.errors).toEqual([]);
    await scene.pass(2);
    expect(scene.errors).toMatchObject([{ code: 'bootstrap-failed', serverUri: 'coap://bs' }]);
    scene.answer = good;
    await scene.pass(58);
    expect(scene.told).toEqual([]);
    await scene.pass(3);
    expect(scene.told).toContain('one registered lt=300');
  });

  test('gives up a bootstrap server that is silent for EXCHANGE_LIFETIME', async () => {
    const scene = new Scene();
    scene.answer = () => new Promise(() => undefined);
    await scene.start();
    await scene.pass(246);
    scene.answer = { servers: [{ uri: 'coap://one', shortServerId: 1 }] };
    expect(scene.told).toEqual(['started']);
    await scene.pass(70);
    expect(scene.told.at(-1)).toBe('one registered lt=86400');
  });

  test('ends by stop, whatever it waits for', async () => {
    const scene = new Scene();
    scene.answer = () => new Promise(() => undefined);
    const client = await scene.start();
    await scene.pass(1);
    await scene.network.settle(client.stop());
    await scene.bootstrapServer?.close();
    await scene.pass(300);
    expect(scene.told).toEqual(['started', expect.stringContaining('failed')]);
  });
});

describe('Bootstrap-Finish', () => {
  const none = new Uint8Array(0);
  const security = (id: number, ssid: number, uri = 'coap://one') => ({
    path: `/0/${id}`,
    value: { 0: uri, 1: false, 2: 3, 3: none, 4: none, 5: none, 10: ssid },
  });
  const server = (id: number, ssid: number) => ({ path: `/1/${id}`, value: { 0: ssid, 1: 60, 6: true, 7: 'U' } });
  const inconsistent: readonly [string, (device: BootstrapDevice) => Promise<void>][] = [
    ['nothing', async () => undefined],
    ['object 0 alone', async (device) => await device.write(security(1, 1))],
    ['object 1 alone', async (device) => await device.write(server(0, 1))],
    [
      'other short server ids',
      async (device) => {
        await device.write(security(1, 1));
        await device.write(server(0, 2));
      },
    ],
    [
      'one short server id twice',
      async (device) => {
        await device.write(security(1, 1));
        await device.write(security(2, 1));
        await device.write(server(0, 1));
      },
    ],
    [
      'two bootstrap accounts',
      async (device) => {
        await device.write({ path: '/0/5', value: { 0: 'coap://bs', 1: true, 2: 3, 3: none, 4: none, 5: none } });
        await device.write(security(1, 1));
        await device.write(server(0, 1));
      },
    ],
    [
      'a key that is missing',
      async (device) => {
        await device.write({
          path: '/0/1',
          value: { 0: 'coaps://one', 1: false, 2: 0, 3: encodeUtf8('i'), 4: none, 5: none, 10: 1 },
        });
        await device.write(server(0, 1));
      },
    ],
  ];

  test.each(inconsistent)('with %s is 4.06, and nothing changes', async (_what, procedure) => {
    const scene = new Scene();
    scene.answer = procedure;
    const client = await scene.start();
    await scene.pass(5);
    expect(scene.told).toEqual([
      'started',
      expect.stringContaining('Bootstrap-Finish /bs of boot: the device answered 4.06'),
    ]);
    expect(client.inspect().servers).toEqual([]);
  });

  test('after 4.06 the server may mend it, and finish again', async () => {
    const scene = new Scene();
    scene.answer = async (device) => {
      await device.write(security(1, 1));
      await expect(device.finish()).rejects.toBeInstanceOf(ResponseError);
      await device.write(server(0, 1));
    };
    const client = await scene.start();
    await scene.network.settle(client.registered());
    expect(scene.told).toEqual(['started', 'finished', 'one registered lt=60']);
  });

  test('is refused where the application refuses: what it was given is as it was', async () => {
    const scene = new Scene();
    const seen: string[] = [];
    scene.answer = {
      servers: [{ uri: 'coap://one', shortServerId: 1 }],
      write: [resourceWrite(Device.timezone, 'CET'), resourceWrite(Device.currentTime, new Date(1_000))],
    };
    const client = await scene.start({
      transaction: {
        begin: (paths) => void seen.push(...paths),
        validate: () => {
          throw new Error('not today');
        },
        rollBack: () => void seen.push('rolled back'),
      },
    });
    await scene.pass(5);
    expect(seen).toEqual(['/0', '/1', '/3/0', '/3/0', 'rolled back']);
    expect(scene.told.at(-1)).toContain('4.06');
    expect([client.inspect().servers, scene.errors[0]?.code]).toEqual([[], 'bootstrap-failed']);
  });
});

describe('the operations', () => {
  test('Discover, Read, Write and Delete, and what they refuse', async () => {
    const scene = new Scene();
    const seen: unknown[] = [];
    const refused = async (act: Promise<unknown>): Promise<void> => {
      await act.then(
        () => seen.push('done'),
        (error: unknown) => seen.push(ResponseError.is(error) ? error.responseCode : error),
      );
    };
    scene.answer = async (device) => {
      const { lwm2mVersion, nodes } = await device.discover();
      seen.push(lwm2mVersion, nodes.map(({ path }) => formatPath(path)).join(' '));
      await refused(device.delete('/0/0'));
      await refused(device.delete('/3/0'));
      await refused(device.read('/0'));
      await refused(device.read('/1/0'));
      await refused(device.write({ path: '/99/0', value: { 1: 'x' } }));
      await refused(device.write(instanceWrite(Server, 0, { shortServerId: 7, lifetime: 60, binding: 'U' })));
      await device.write({ path: '/1/0/1', value: 90 });
      seen.push((await device.read('/1')).map(({ path, value }) => `${formatPath(path)}=${String(value)}`).join(' '));
      await device.write({ path: '/0/4', value: { 0: 'coap://two', 1: false, 2: 3, 10: 7 } });
      seen.push((await device.discover('/0')).nodes);
    };
    const client = await scene.start();
    await scene.network.settle(client.registered());
    expect(seen).toEqual([
      '1.1',
      // The version of object 3 is not the one that 1.1 implies.
      '/0/0 /3 /3/0 /3303',
      '4.00',
      '4.00',
      '4.05',
      '4.04',
      '4.04',
      'done',
      '/1/0/0=7 /1/0/1=90 /1/0/7=U',
      [
        { path: { objectId: 0, objectInstanceId: 0 } },
        { path: { objectId: 0, objectInstanceId: 4 }, shortServerId: 7, uri: 'coap://two' },
      ],
    ]);
    expect(scene.told.at(-1)).toBe('two registered lt=90');
  });
});

describe('a client that has servers', () => {
  test('is bootstrapped anew when a server says so: accounts that are other ones are registered anew, the others kept', async () => {
    const scene = new Scene();
    const client = await scene.start();
    await scene.network.settle(client.registered());
    scene.answer = async (device) => {
      await device.write({ path: '/0/7', value: { 0: 'coap://two', 1: false, 2: 3, 10: 102 } });
      await device.write(instanceWrite(Server, 7, { shortServerId: 102, lifetime: 120, binding: 'U' }));
    };
    const one = scene.devices.get('one');
    await scene.network.settle(one?.execute(Server.bootstrapRequestTrigger) ?? Promise.resolve());
    await scene.pass(5);
    await scene.network.settle(client.registered());
    expect(client.inspect().servers.map(({ uri, shortServerId }) => [uri, shortServerId])).toEqual([
      ['coap://one', 101],
      ['coap://two', 102],
    ]);
    expect(new Set(scene.told.slice(-2))).toEqual(new Set(['one registered lt=300', 'two registered lt=120']));
    expect(await scene.network.settle(scene.devices.get('two')?.read('/1/7/0') ?? Promise.resolve())).toBe(102);
  });

  test('a server that was deleted is left without a word', async () => {
    const scene = new Scene();
    const client = await scene.start();
    await scene.network.settle(client.registered());
    scene.answer = { servers: [{ uri: 'coap://two', shortServerId: 5 }] };
    await scene.network.settle(client.bootstrap());
    await scene.pass(1);
    expect(client.inspect().servers.map(({ uri }) => uri)).toEqual(['coap://two']);
    expect(scene.told.at(-1)).toBe('two registered lt=86400');
  });

  test('falls back to it when its server refuses', async () => {
    const scene = new Scene();
    const client = await scene.start({ server: 'coap://nowhere', requestTimeoutMs: 5_000 });
    await scene.pass(10_000);
    expect(scene.told).toContain('started');
    expect(client.inspect().servers.map(({ uri }) => uri)).toEqual(['coap://one']);
  });
});

describe('Bootstrap-Pack (1.2)', () => {
  test('is asked for first where the account says so', async () => {
    const scene = new Scene();
    const client = await scene.start({ lwm2mVersion: '1.2', bootstrap: { uri: 'coap://bs', asksForPack: true } });
    await scene.network.settle(client.registered());
    expect(scene.told).toEqual(['packed', 'one registered lt=300']);
  });

  test('and without one Bootstrap-Request follows', async () => {
    const scene = new Scene();
    scene.answer = async (device) => {
      await device.write({ path: '/0/1', value: { 0: 'coap://one', 1: false, 2: 3, 10: 1 } });
      await device.write(instanceWrite(Server, 0, { shortServerId: 1, lifetime: 60, binding: 'U' }));
    };
    const client = await scene.start({ lwm2mVersion: '1.2', bootstrap: { uri: 'coap://bs', asksForPack: true } });
    await scene.network.settle(client.registered());
    expect(scene.told).toEqual(['started', 'finished', 'one registered lt=60']);
  });
});

test('the account of the bootstrap server is replaced, and forgotten when its time is over (/0/x/12)', async () => {
  const scene = new Scene();
  scene.answer = {
    servers: [{ uri: 'coap://one', shortServerId: 1 }],
    bootstrapServer: { uri: 'coap://nobs', timeoutSeconds: 60 },
  };
  const client = await scene.start();
  await scene.network.settle(client.registered());
  const bootstrapped = client.bootstrap();
  await scene.pass(30);
  await scene.pass(20_000);
  await scene.network.settle(bootstrapped);
  expect(scene.told.filter((what) => what === 'started')).toHaveLength(1);
  expect(scene.errors[0]?.serverUri).toBe('coap://nobs');
});
