import { Device, Server, Temperature } from '@motestack/objects';
import { LwM2mServer, type RegisteredDevice } from '@motestack/server';
import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { creatableGauges, Gauge } from './device-management/answerer.fixture.ts';
import { LwM2mClient, type PortableClientOptions } from './index.ts';

const SERVER_ADDRESS = '10.0.0.1:5683';
const ENDPOINT = 'urn:dev:mac:0024befffe804ff1';

/** Our server and our client of LwM2M 1.2 on one network in virtual time. */
class Whole {
  readonly network = new SimulatedNetwork({ seed: 1, epochMs: 1_800_000_000_000 });
  readonly told: string[] = [];
  #port = 1_000;

  async start(options: Partial<PortableClientOptions> = {}) {
    const { clock, randomSource: random } = this.network;
    const transports = [this.network.transport(SERVER_ADDRESS)];
    const server = await LwM2mServer.listen({ transports, clock, random, objects: [Gauge] });
    server.on('send', (_device, { nodes }) => void this.told.push(`send ${nodes.map(({ value }) => value).join(' ')}`));
    const registered = new Promise<RegisteredDevice>((resolve) => server.on('registered', resolve));
    const client = await LwM2mClient.start({
      endpoint: ENDPOINT,
      server: { uri: 'coap://server', lifetimeSeconds: 300 },
      lwm2mVersion: '1.2',
      objects: [
        Device.instance({ manufacturer: 'Acme', batteryLevel: () => 87, reboot: () => undefined }),
        Temperature.instance({ sensorValue: 21.5 }),
        Gauge.instance({ name: 'a', labels: ['x', 'y'], reading: 1 }),
      ],
      connect: async (_uri, candidate) =>
        candidate === 0 ? this.network.transport(`10.0.0.2:${this.#port++}`, { remote: SERVER_ADDRESS }) : undefined,
      clock,
      random,
      ...options,
    });
    await this.network.settle(client.registered());
    return { server, client, device: await registered };
  }
}

describe('LwM2M 1.2, our client with our server', () => {
  test('registers as 1.2 with the object versions that it implies', async () => {
    const whole = new Whole();
    const { device } = await whole.start({ queueMode: true });
    expect(device.lwm2mVersion).toBe('1.2');
    expect(await whole.network.settle(device.read(Device.manufacturer))).toBe('Acme');
  });

  test('[int-280] [int-281] Read-Composite, [int-230] Write-Composite', async () => {
    const whole = new Whole();
    const { device } = await whole.start();
    const { settle } = { settle: <T>(promise: Promise<T>) => whole.network.settle(promise) };
    expect(await settle(device.readComposite([Device.batteryLevel, Temperature.sensorValue, '/9/9/9']))).toEqual([
      87,
      21.5,
      undefined,
    ]);
    await settle(
      device.writeComposite([
        [Server.lifetime, 600],
        [Gauge.name, 'b'],
      ]),
    );
    expect(await settle(device.read(Gauge.name))).toBe('b');
  });

  test('[int-306] Send', async () => {
    const whole = new Whole();
    const { client } = await whole.start();
    await whole.network.settle(client.send([Temperature.sensorValue, Device.batteryLevel]));
    await whole.network.settle(client.send([Temperature.sensorValue], { contentFormat: 'lwm2m-cbor' }));
    expect(whole.told).toEqual(['send 21.5 87', 'send 21.5']);
  });

  test('an alternate root stands before every path', async () => {
    const whole = new Whole();
    const { device } = await whole.start({ rootPath: '/lwm2m' });

    expect(await whole.network.settle(device.read(Temperature.sensorValue))).toBe(21.5);
    const nodes = await whole.network.settle(device.discover('/42800'));
    expect(nodes.length).toBeGreaterThan(3);
  });

  test('[int-110] a Profile ID that the server does not know is followed by the list (4.09)', async () => {
    const whole = new Whole();
    const { device } = await whole.start({ profileId: '6:27354b9a' });
    expect(device.instances(Temperature).map(String)).toEqual(['/3303/0']);
  });

  test('offline for a while: what was measured is told with its times', async () => {
    const whole = new Whole();
    const { client, device } = await whole.start();
    const seen: [number, number][] = [];
    const following = (async () => {
      for await (const { value, time } of device.observe(Temperature.sensorValue).samples) {
        seen.push([value, Math.round(((time?.getTime() ?? 0) - 1_800_000_000_000) / 10_000) * 10]);
        if (seen.length === 3) break;
      }
    })();
    await whole.network.run(whole.network.clock.now() + 1_000);
    client.offline();
    for (const celsius of [22, 23]) {
      await whole.network.run(whole.network.clock.now() + 10_000);
      client.set(Temperature.sensorValue, celsius);
    }
    client.online();
    await whole.network.settle(following);
    expect(seen.slice(1)).toEqual([
      [22, 10],
      [23, 20],
    ]);
  });

  test('instances come and go', async () => {
    const whole = new Whole();
    const { device } = await whole.start({ objects: [creatableGauges()] });
    const created = await whole.network.settle(device.create(Gauge, { name: 'new' }));
    expect(String(created)).toBe('/42800/0');
    await whole.network.run(whole.network.clock.now() + 1_000);
    expect(device.instances(Gauge).map(String)).toEqual(['/42800/0']);
    await whole.network.settle(device.delete(created));
  });
});

describe('queue mode, our client with our server', () => {
  test('[int-109] what is asked while the device sleeps is answered when it wakes', async () => {
    const whole = new Whole();
    const { client, device } = await whole.start({ queueMode: true });
    await whole.network.run(whole.network.clock.now() + 95_000);
    expect(client.inspect().servers[0]?.state).toBe('asleep');
    expect(device.isAwake).toBe(false);
    const reading = device.read(Temperature.sensorValue);
    await whole.network.run(whole.network.clock.now() + 5_000);
    expect(client.inspect().servers[0]?.state).toBe('asleep');
    // The device wakes for its Update, and the request that waited comes at once.
    expect(await whole.network.settle(reading)).toBe(21.5);
    expect(client.inspect().servers[0]?.state).toBe('registered');
  });

  test('a Send wakes the device, for the server too', async () => {
    const whole = new Whole();
    const { client, device } = await whole.start({ queueMode: true });
    await whole.network.run(whole.network.clock.now() + 95_000);
    const reading = device.read(Device.manufacturer);
    await whole.network.settle(client.send([Temperature.sensorValue]));
    expect(await whole.network.settle(reading)).toBe('Acme');
  });
});
