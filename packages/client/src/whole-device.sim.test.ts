import { formatCode } from '@motestack/coap';
import { Device, Server, Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { LwM2mError } from './index.ts';
import { Scene, text } from './scripted-server.fixture.ts';

describe('requests around the registration', () => {
  test('one that overtakes the acknowledgement is held until it is there', async () => {
    const scene = new Scene();
    let dropped = 0;
    // The first acknowledgement is lost: the Register is sent again about 2 s later.
    scene.network.drop(({ from }) => from === '10.0.0.1:5683' && dropped++ === 0);
    await scene.start();
    await scene.network.run(500);
    const answer = await scene.network.settle(scene.server.ask('GET', '/3/0/0', { accept: 0 }));
    expect(formatCode(answer.code)).toBe('2.05');
    expect(answer.receivedAt).toBeGreaterThan(2_000);
    expect(scene.told).toContain('registered /rd/the place/1');
  });

  test('one that comes while the registration fails is never acted on', async () => {
    const scene = new Scene();
    let reads = 0;
    const manufacturer = (): string => `read ${++reads}`;
    scene.server.script = (request) => {
      scene.server.device = request.peer;
      return { code: 0x83 };
    };
    // The refusal is lost until the device sends the Register again.
    scene.network.drop(({ from, at }) => from === '10.0.0.1:5683' && at < 40);
    await scene.start({ objects: [Device.instance({ manufacturer, reboot: () => undefined })] });
    await scene.network.run(50);
    const asked = scene.server.ask('GET', '/3/0/0');
    await expect(scene.network.settle(asked)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(scene.failures[0]).toContain('Register 4.03, attempt 1');
    expect(reads).toBe(0);
  });

  test('junk and strangers do not disturb it', async () => {
    const scene = new Scene();
    await scene.registered();
    const stranger = scene.network.transport('10.6.6.6:5683');
    stranger.open({ datagram: () => undefined, unreachable: () => undefined, closed: () => undefined });
    for (const bytes of [[], [0], [0x40, 1], [0xff, 0xff, 0xff, 0xff], [0x4f, 1, 2, 3]]) {
      stranger.send(scene.server.device, Uint8Array.from(bytes));
    }
    await scene.network.run(2_000);
    expect(await scene.network.settle(scene.server.read('/3/0/0'))).toBe('Acme');
    expect(scene.errors).toEqual([]);
  });
});

describe('answers leave before their effects follow', () => {
  test('a reboot that stops the client is answered, then it de-registers', async () => {
    const scene = new Scene();
    const client = await scene.registered({ objects: [Device.instance({ reboot: () => client.stop() })] });
    expect(await scene.network.settle(scene.server.code('POST', '/3/0/4'))).toBe('2.04');
    await scene.network.settle(client.stop());
    expect(scene.server.lines.at(-1)).toBe('DELETE /rd/the place/1');
  });

  test('a reboot that prepares, then stops the client and waits for that, is answered first', async () => {
    const scene = new Scene();
    let prepared: () => void = () => undefined;
    const reboot = async (): Promise<void> => {
      await new Promise<void>((resolve) => {
        prepared = resolve;
      });
      await client.stop();
    };
    const client = await scene.registered({ objects: [Device.instance({ reboot })] });
    const code = scene.server.code('POST', '/3/0/4');
    await scene.network.run(1_000);
    prepared();
    expect(await scene.network.settle(code)).toBe('2.04');
    expect(scene.network.clock.now()).toBeLessThan(2_000);
    await scene.network.settle(client.stop());
    expect(scene.server.lines.at(-1)).toBe('DELETE /rd/the place/1');
  });

  test('a reboot that waits for something else is answered when that is done', async () => {
    const scene = new Scene();
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await scene.registered({ objects: [Device.instance({ reboot: () => done })] });
    const code = scene.server.code('POST', '/3/0/4');
    await scene.network.run(5_000);
    finish();
    expect(await scene.network.settle(code)).toBe('2.04');
  });

  test('what a handler rejects with after the client was stopped is told', async () => {
    const scene = new Scene();
    const cause = new Error('flash is worn');
    let fail: (error: Error) => void = () => undefined;
    const reboot = (): Promise<void> =>
      new Promise((_resolve, reject) => {
        fail = reject;
        void client.stop();
      });
    const client = await scene.registered({ objects: [Device.instance({ reboot })] });
    expect(await scene.network.settle(scene.server.code('POST', '/3/0/4'))).toBe('2.04');
    fail(cause);
    await scene.network.settle(client.stop());
    expect(scene.errors).toMatchObject([{ code: 'handler-failed', operation: 'Execute', path: '/3/0/4', cause }]);
  });
});

test('stop waits for answers that are being made, and no longer than it was told', async () => {
  const scene = new Scene();
  let give: (value: string) => void = () => undefined;
  const slow = new Promise<string>((resolve) => {
    give = resolve;
  });
  const client = await scene.registered({
    objects: [
      Device.instance({
        manufacturer: () => slow,
        modelNumber: () => new Promise<string>(() => undefined),
        reboot: () => undefined,
      }),
    ],
  });
  const answered = scene.server.ask('GET', '/3/0/0', { accept: 0 });
  const hung = scene.server.ask('GET', '/3/0/1').catch((error: unknown) => (error as Error).name);
  await scene.network.run(1_000);
  const begun = scene.network.clock.now();
  const stopped = client.stop({ timeoutMs: 3_000 });
  give('Acme');
  expect(text((await scene.network.settle(answered)).payload)).toBe('Acme');
  await scene.network.settle(stopped);
  expect(scene.network.clock.now() - begun).toBeGreaterThanOrEqual(3_000);
  expect(scene.network.clock.now() - begun).toBeLessThan(4_000);
  expect(scene.server.lines.at(-1)).toBe('DELETE /rd/the place/1');
  expect(await scene.network.settle(hung)).toBe('TimeoutError');
});

describe('the application', () => {
  test('sets values that the client keeps, and no others', async () => {
    const scene = new Scene();
    const client = await scene.registered({
      objects: [
        Device.instance({
          manufacturer: 'Acme',
          batteryLevel: () => 50,
          availablePowerSources: [1],
          reboot: () => undefined,
        }),
      ],
    });
    client.set(Device.manufacturer, 'Emca');
    client.set(Device.availablePowerSources.at(4), 5);
    expect(await scene.network.settle(scene.server.read('/3/0/0'))).toBe('Emca');
    expect(await scene.network.settle(scene.server.read('/3/0/6/4'))).toBe('5');
    const refusals = [
      ['not-kept', () => client.set(Device.batteryLevel, 4)],
      ['not-here', () => client.set(Device.timezone, 'UTC')],
      ['not-here', () => client.changed('/what')],
      ['not-here', () => client.remove('/3/7')],
      ['not-here', () => client.remove('/1/0')],
      ['bad-value', () => client.set('/3/0/0', 7)],
      ['bad-value', () => client.set(Server.lifetime, -1)],
      ['bad-value', () => client.set('/3/0/0/1', 'x')],
    ] as const;
    for (const [code, call] of refusals)
      expect(call).toThrow(expect.objectContaining({ name: 'LwM2mError', code, endpoint: 'thermometer' }));
  });

  test('may not give objects 0 and 1, an instance twice, or a value of another type', async () => {
    const scene = new Scene();
    const device = Device.instance({ reboot: () => undefined });
    const start = (objects: readonly Parameters<typeof scene.start>[0][]) => scene.start({ objects: objects as never });
    await expect(start([Server.instance({ shortServerId: 1 }) as never])).rejects.toThrow(TypeError);
    await expect(start([device, device] as never)).rejects.toThrow('/3/0 is given twice');
    await expect(
      start([Device.instance({ manufacturer: 7 as never, reboot: () => undefined })] as never),
    ).rejects.toMatchObject({
      name: 'ValueError',
    });
    await expect(scene.start({ server: { uri: 'coap://x', shortServerId: 65_535 } })).rejects.toThrow(RangeError);
    await expect(scene.start({ server: { uri: 'coap://x', lifetimeSeconds: -1 } })).rejects.toThrow(RangeError);
    await expect(scene.start({ limits: { observationsMax: 0.5 } })).rejects.toThrow(RangeError);
    for (const [lwm2mVersion, contentFormat] of [
      ['1.1', 11_543],
      ['1.1', 11_544],
      ['1.0', 112],
    ] as const) {
      const announcing = scene.start({ lwm2mVersion, announcedContentFormats: [contentFormat] });
      await expect(announcing).rejects.toThrow(`announcedContentFormats has ${contentFormat}`);
    }
  });

  test('waits for the registration, with a signal, until the client stops; errors name the caller', async () => {
    const scene = new Scene();
    scene.network.drop(() => true);
    const client = await scene.start();
    const controller = new AbortController();
    const aborted = client.registered({ signal: controller.signal });
    const stopped = client.registered();
    controller.abort('enough');
    await expect(aborted).rejects.toMatchObject({ code: 'aborted', cause: 'enough', operation: 'registered' });
    await scene.network.run(10);
    const stopping = client.stop();
    await expect(stopped).rejects.toMatchObject({ code: 'client-stopped' });
    await scene.network.settle(stopping);
    const late = await client.registered().catch((error: unknown) => error as LwM2mError);
    expect(LwM2mError.is(late)).toBe(true);
    expect((late as LwM2mError).stack).toContain('whole-device.sim.test.ts');
  });

  test('a listener that rejects is told as an error, and ends nothing', async () => {
    const scene = new Scene();
    const client = await scene.start();
    const cause = new Error('listener');
    client.on('registered', () => Promise.reject(cause));
    client.on('state', () => {
      throw cause;
    });
    client.on('error', () => Promise.reject(cause));
    await scene.network.run(1_000);
    expect(scene.errors).toMatchObject([
      { code: 'listener-failed', operation: 'listener', cause },
      { code: 'listener-failed', operation: 'listener', cause },
      { code: 'listener-failed', operation: 'listener', cause },
    ]);
    expect(client.inspect().servers[0]?.state).toBe('registered');
  });

  test('listeners end by signal and by off', async () => {
    const scene = new Scene();
    const client = await scene.start();
    const controller = new AbortController();
    const heard: string[] = [];
    const listener = (): void => void heard.push('off');
    client.on('registered', () => void heard.push('signal'), { signal: controller.signal });
    client.on('registered', listener).off('registered', listener);
    controller.abort();
    client.on('registered', () => void heard.push('late'), { signal: controller.signal });
    await scene.network.run(1_000);
    expect(heard).toEqual([]);
  });

  test('a logger gets states and failures, and no values', async () => {
    const scene = new Scene();
    const logged: string[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const broken = (): never => {
      throw new Error('secret');
    };
    await scene.registered({
      logger: { info: log('info'), warn: log('warn'), error: log('error') },
      objects: [Temperature.instance({ sensorValue: broken })],
    });
    expect(await scene.network.settle(scene.server.code('GET', '/3303/0/5700'))).toBe('5.00');
    expect(logged).toContain(
      'error a handler of the application failed {"server":"coap://server","operation":"Read","path":"/3303/0/5700"}',
    );
    expect(logged.join()).not.toContain('secret');
  });
});
