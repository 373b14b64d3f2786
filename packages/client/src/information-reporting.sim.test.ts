import { decodeMessage, MessageType } from '@motestack/coap';
import { defineObject } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { creatableGauges } from './device-management/answerer.fixture.ts';
import { Scene, text } from './scripted-server.fixture.ts';
import { attach, pass, watch } from './watch.fixture.ts';

const PATH = '/3303/0/5700';

describe('a value that the client keeps', () => {
  test('is notified at once, and only if it changes', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    const { lines, observation } = await watch(scene, PATH);
    expect(observation.established).toBe(true);
    expect(text(observation.response.payload)).toBe('21.5');
    await pass(scene, 1);
    client.set(Temperature.sensorValue, 22);
    await pass(scene, 1);
    client.set(Temperature.sensorValue, 22);
    await pass(scene, 1);
    client.set(Temperature.sensorValue, 23);
    await pass(scene, 1);
    expect(lines).toEqual(['1.01 s: 22', '3.01 s: 23']);
  });

  test('waits for pmin, with the latest value, and is repeated by pmax', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await attach(scene, PATH, 'pmin=10', 'pmax=60');
    const { lines } = await watch(scene, PATH);
    await pass(scene, 3);
    client.set(Temperature.sensorValue, 22);
    await pass(scene, 2);
    client.set(Temperature.sensorValue, 23);
    await pass(scene, 145);
    // the clock of the test begins when the answer arrives, 10 ms after the device's
    expect(lines).toEqual(['10 s: 23', '70 s: 23', '130 s: 23']);
  });

  test('goes by gt, lt and st', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await attach(scene, PATH, 'gt=25', 'lt=15', 'st=4');
    const { lines } = await watch(scene, PATH);
    for (const value of [22, 25, 26, 27, 24, 21, 16, 14, 15]) {
      client.set(Temperature.sensorValue, value);
      await pass(scene, 1);
    }
    expect(lines.map((line) => line.split(': ')[1])).toEqual(['26', '24', '16', '14', '15']);
  });

  test('a threshold crossed within pmin is notified even if the value went back', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await attach(scene, PATH, 'pmin=5', 'gt=45');
    const { lines } = await watch(scene, PATH);
    await pass(scene, 1);
    client.set(Temperature.sensorValue, 50);
    await pass(scene, 2);
    client.set(Temperature.sensorValue, 44);
    await pass(scene, 10);
    expect(lines).toEqual(['5 s: 44']);
  });

  test('goes by the periods of the account, and by those that the server writes there', async () => {
    const scene = new Scene();
    const client = await scene.registered({
      server: { uri: 'coap://server', minimumPeriodSeconds: 2, maximumPeriodSeconds: 20 },
    });
    const { lines } = await watch(scene, PATH);
    client.set(Temperature.sensorValue, 22);
    await pass(scene, 25);
    // 22 waited for pmin, and pmax repeats it; then the server writes a shorter one.
    expect(lines).toEqual(['2 s: 22', '22 s: 22']);
    expect(await scene.network.settle(scene.server.write('/1/0/3', '5'))).toBe('2.04');
    client.set(Server.defaultMinimumPeriod, 0);
    await pass(scene, 3);
    expect(lines.slice(2)).toEqual(['27 s: 22']);
  });

  test('attributes that change count from then on', async () => {
    const scene = new Scene();
    await scene.registered();
    const { lines } = await watch(scene, PATH);
    await pass(scene, 10);
    await attach(scene, '/3303', 'pmax=3');
    await pass(scene, 4);
    await attach(scene, '/3303', 'pmax');
    await pass(scene, 60);
    expect(lines.map((line) => Math.floor(Number.parseFloat(line)))).toEqual([10, 13]);
  });
});

describe('a value that is a function', () => {
  test('is looked at when the application says so, and when pmax ends', async () => {
    const scene = new Scene();
    let celsius = 20;
    const client = await scene.registered({ objects: [Temperature.instance({ sensorValue: async () => celsius })] });
    await attach(scene, PATH, 'pmax=30');
    const { lines } = await watch(scene, PATH);
    celsius = 21;
    await pass(scene, 10);
    expect(lines).toEqual([]);
    client.changed(Temperature.sensorValue);
    await pass(scene, 1);
    celsius = 22;
    await pass(scene, 30);
    expect(lines).toEqual(['10.01 s: 21', '40.01 s: 22']);
  });

  test('that takes its time is asked again after it was said to have changed meanwhile, once', async () => {
    const scene = new Scene();
    let celsius = 20;
    let reads = 0;
    const { clock } = scene.network;
    const sensorValue = (): Promise<number> =>
      new Promise((resolve) => {
        reads += 1;
        const measured = celsius;
        clock.schedule(clock.now() + 1_000, () => resolve(measured));
      });
    const client = await scene.registered({ objects: [Temperature.instance({ sensorValue })] });
    const { lines } = await watch(scene, PATH);
    for (const value of [21, 22, 23]) {
      celsius = value;
      client.changed(Temperature.sensorValue);
    }
    await pass(scene, 5);
    expect(lines.map((line) => line.split(': ')[1])).toEqual(['21', '23']);
    expect(reads).toBe(3);
  });

  test('is looked at every epmax', async () => {
    const scene = new Scene();
    let celsius = 20;
    await scene.registered({ objects: [Temperature.instance({ sensorValue: () => celsius })] });
    await attach(scene, PATH, 'epmax=5');
    const { lines } = await watch(scene, PATH);
    await pass(scene, 12);
    celsius = 21;
    await pass(scene, 12);
    expect(lines).toEqual(['15 s: 21']);
  });

  test('that fails ends the observation with 5.00, and is told', async () => {
    const scene = new Scene();
    let works = true;
    const client = await scene.registered({
      objects: [
        Temperature.instance({
          sensorValue: () => {
            if (works) return 20;
            throw new Error('broken');
          },
        }),
      ],
    });
    const watched = await watch(scene, PATH);
    works = false;
    client.changed(Temperature.at(0));
    await pass(scene, 10);
    expect(watched.ended).toBe(true);
    expect(scene.errors).toMatchObject([{ code: 'handler-failed', operation: 'Notify', path: PATH }]);
    expect(client.inspect().servers[0]?.observations).toBe(0);
  });
});

describe('what may be observed', () => {
  test('an object instance, an object and a resource instance', async () => {
    const scene = new Scene();
    const Leds = defineObject({
      id: 42_801,
      name: 'Leds',
      multiple: true,
      resources: { on: { id: 0, operations: 'RW', type: 'Integer', multiple: true } },
    });
    const client = await scene.registered({ objects: [Leds.instance({ on: [0, 0] }), Leds.instance({ on: [0] }, 3)] });
    const one = await watch(scene, '/42801/0/0/1');
    const instance = await watch(scene, '/42801/3', 110);
    const object = await watch(scene, '/42801', 110);
    client.set(Leds.on.at(1), 1);
    await pass(scene, 1);
    client.set('/42801/3/0', [2]);
    await pass(scene, 1);
    expect(one.lines).toHaveLength(1);
    expect(one.lines[0]).toMatch(/: 1$/);
    expect(instance.lines).toHaveLength(1);
    expect(instance.lines[0]).toContain('"v":2');
    expect(object.lines).toHaveLength(2);
    expect(client.inspect().servers[0]?.observations).toBe(3);
  });

  test('instances that come and go', async () => {
    const scene = new Scene();
    await scene.registered({ objects: [creatableGauges()] });
    const create = { contentFormat: 110, payload: new TextEncoder().encode('[{"n":"/42800/0/1","vs":"a"}]') };
    expect(await scene.network.settle(scene.server.code('POST', '/42800', create))).toBe('2.01');
    const object = await watch(scene, '/42800', 110);
    const instance = await watch(scene, '/42800/0', 110);
    expect(await scene.network.settle(scene.server.code('DELETE', '/42800/0'))).toBe('2.02');
    await pass(scene, 5);
    // The object has nothing left to say; the instance is gone.
    expect(object.lines).toHaveLength(1);
    expect(object.lines[0]).toMatch(/s: $/);
    expect(instance.ended).toBe(true);
  });

  test('as many as the limit says; one more is answered without being established', async () => {
    const scene = new Scene();
    await scene.registered({ limits: { observationsMax: 1 } });
    expect((await watch(scene, PATH)).observation.established).toBe(true);
    const { observation } = await watch(scene, '/3/0/0');
    expect(observation.established).toBe(false);
    expect(text(observation.response.payload)).toBe('Acme');
  });
});

describe('an observation ends', () => {
  test('by Observe 1', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    const { lines, observation } = await watch(scene, PATH);
    await scene.network.settle(observation.cancel());
    client.set(Temperature.sensorValue, 1);
    await pass(scene, 5);
    expect(lines).toEqual([]);
    expect(client.inspect().servers[0]?.observations).toBe(0);
  });

  test('by a Reset', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    const { observation } = await watch(scene, PATH);
    observation.forget();
    client.set(Temperature.sensorValue, 1);
    await pass(scene, 5);
    expect(client.inspect().servers[0]?.observations).toBe(0);
  });

  test('with the client, and leaves no timer', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await attach(scene, PATH, 'pmax=600');
    await watch(scene, PATH);
    await scene.network.settle(client.stop());
    await scene.network.settle(scene.server.endpoint.close());
    expect(scene.network.pendingTimers).toBe(0);
  });

  test('by a new registration', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await watch(scene, PATH);
    scene.server.script = (_request, line) => (line === 'POST /rd/the place/1' ? { code: 0x84 } : undefined);
    await scene.network.run(250_000);
    expect(scene.told).toContain('registered /rd/the place/2');
    expect(client.inspect().servers[0]?.observations).toBe(0);
  });
});

describe('notifications', () => {
  /** The types of the device's notifications. */
  function notificationTypes(scene: Scene): number[] {
    const types: number[] = [];
    scene.network.tap(({ from, bytes, fate }) => {
      if (fate !== 'delivered' || from === '10.0.0.1:5683') return;
      const { code, type } = decodeMessage(bytes);
      if (code === 0x45) types.push(type);
    });
    return types;
  }

  test.each([
    ['not Confirmable by default', false, [], MessageType.NonConfirmable],
    ['Confirmable by the account', true, [], MessageType.Confirmable],
    ['Confirmable by con', false, ['con=1'], MessageType.Confirmable],
    ['not Confirmable by con', true, ['con=0'], MessageType.NonConfirmable],
  ] as const)('are %s', async (_title, confirmableNotifications, query, type) => {
    const scene = new Scene();
    const client = await scene.registered({ server: { uri: 'coap://server', confirmableNotifications } });
    if (query.length > 0) await attach(scene, PATH, ...query);
    await watch(scene, PATH);
    const types = notificationTypes(scene);
    client.set(Temperature.sensorValue, 1);
    await pass(scene, 1);
    expect(types).toEqual([type]);
  });

  test('are Confirmable once a day', async () => {
    const scene = new Scene();
    await scene.registered({ server: { uri: 'coap://server', lifetimeSeconds: 0 } });
    await attach(scene, PATH, 'pmax=36000');
    await watch(scene, PATH);
    const types = notificationTypes(scene);
    await pass(scene, 3 * 36_000 + 10);
    expect(types).toEqual([MessageType.NonConfirmable, MessageType.NonConfirmable, MessageType.Confirmable]);
  });
});

test('a device without what is observed any more says so', async () => {
  const scene = new Scene();
  const client = await scene.registered({
    objects: [Device.instance({ reboot: () => undefined }), Temperature.instance({ sensorValue: 1 }, 2)],
  });
  const watched = await watch(scene, '/3303/2/5700');
  client.remove(Temperature.at(2));
  await pass(scene, 5);
  expect(watched.ended).toBe(true);
});
