import type { CoapAnswer } from '@motestack/coap';
import { Device, Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import { LwM2mError } from './lwm2m-error.ts';
import type { LwM2mServer } from './lwm2m-server.ts';
import type { RegisteredDevice } from './registered-device.ts';
import { type ScriptedDevice, SERVER_ADDRESS, serverIn, stage, textAnswer } from './scripted-device.fixture.ts';
import type { PortableServerOptions } from './server-options.ts';

const ENDPOINT = 'urn:dev:mac:0024befffe804ff1';
const QUERY = `ep=${ENDPOINT}&lt=300&lwm2m=1.1`;

describe('LwM2mServer', () => {
  let network: Awaited<ReturnType<typeof stage>>['network'];
  let server: LwM2mServer;
  let scripted: ScriptedDevice;
  let device: RegisteredDevice;

  const start = async (options: Partial<PortableServerOptions> = {}): Promise<void> => {
    ({ network, server, device: scripted } = await stage(options));
    await register();
  };
  const register = async (): Promise<void> => {
    await network.settle(scripted.register(QUERY));
    const found = await server.device(ENDPOINT);
    if (found === undefined) throw new Error('the device is not registered');
    device = found;
  };
  /** Never answers. */
  const silence = (): void => {
    scripted.answer = () => new Promise<CoapAnswer>(() => undefined);
  };
  /** The error that a promise will reject with. */
  const errorOf = (promise: Promise<unknown>): Promise<LwM2mError> =>
    promise.then(
      () => Promise.reject(new Error('nothing was thrown')),
      (error: unknown) => (LwM2mError.is(error) ? error : Promise.reject(error)),
    );
  const caught = (promise: Promise<unknown>): Promise<LwM2mError> => network.settle(errorOf(promise));
  const pass = (ms: number): Promise<void> => network.run(network.clock.now() + ms);
  beforeEach(() => start());

  describe('listeners', () => {
    test('a rejection becomes `error`, with device and event, and ends nothing', async () => {
      const errors: [unknown, string | undefined][] = [];
      server.on('error', (error, about) => void errors.push([error, about?.endpoint]));
      server.on('updated', () => Promise.reject(new Error('asynchronous')));
      server.on('updated', () => {
        throw new Error('synchronous');
      });
      let heard = 0;
      server.on('updated', () => void heard++);
      await network.settle(scripted.update());
      await pass(10);
      expect(heard).toBe(1);
      expect(errors).toHaveLength(2);
      for (const [error, about] of errors) {
        expect(error).toMatchObject({
          name: 'ListenerError',
          code: 'listener-failed',
          event: 'updated',
          endpoint: ENDPOINT,
          cause: expect.any(Error),
        });
        expect(about).toBe(ENDPOINT);
      }
    });

    test('a listener of `device.signal` that throws or rejects becomes `error`, and stops neither a Register nor close', async () => {
      const told: string[] = [];
      const causes: unknown[] = [];
      server.on('registered', () => void told.push('registered'));
      server.on('deregistered', (_device, reason) => void told.push(reason));
      server.on('error', (error) => void causes.push({ ...error, cause: error.cause }));
      const listen = (): void => {
        device.signal.addEventListener('abort', () => {
          throw new Error('synchronous');
        });
        device.signal.addEventListener('abort', (): unknown => Promise.reject(new Error('asynchronous')));
      };
      listen();
      expect(await network.settle(scripted.register(QUERY))).toBe('2.01');
      expect(told).toEqual(['replaced', 'registered']);
      expect(server.inspect().registrations).toBe(1);
      device = (await server.device(ENDPOINT)) ?? device;
      listen();
      await network.settle(server.close());
      await network.settle(scripted.coap.close());
      expect(network.openTransports).toBe(0);
      const failed = (message: string): object => ({
        name: 'ListenerError',
        event: 'abort',
        endpoint: ENDPOINT,
        cause: expect.objectContaining({ message }),
      });
      const both = [failed('synchronous'), failed('asynchronous')];
      expect(causes).toMatchObject([...both, ...both]);
    });

    test('an error without a listener goes to the logger; without a logger, nowhere', async () => {
      server.on('updated', () => Promise.reject(new Error('unheard')));
      await network.settle(scripted.update());
      await pass(10);
      const lines: object[] = [];
      await start({ logger: { error: (fields) => void lines.push(fields) } });
      server.on('updated', () => Promise.reject(new Error('unheard')));
      await network.settle(scripted.update());
      await pass(10);
      expect(lines).toMatchObject([
        { errors: [{ name: 'ListenerError', code: 'listener-failed' }, { name: 'Error' }] },
      ]);
    });

    test('a failing `error` listener goes to the logger', async () => {
      const messages: string[] = [];
      await start({ logger: { error: (_fields, message) => void messages.push(message) } });
      server.on('error', () => {
        throw new Error('worse');
      });
      server.on('updated', () => Promise.reject(new Error('bad')));
      await network.settle(scripted.update());
      await pass(10);
      expect(messages).toEqual(['an error listener failed']);
    });

    test('a signal takes a listener away', async () => {
      const aborter = new AbortController();
      let heard = 0;
      server.on('updated', () => void heard++, { signal: aborter.signal });
      await network.settle(scripted.update());
      aborter.abort();
      await network.settle(scripted.update());
      server.on('updated', () => void heard++, { signal: aborter.signal });
      await network.settle(scripted.update());
      expect(heard).toBe(1);
    });
  });

  describe('close', () => {
    test('rejects what is in flight by name, ends loops, and leaves no timer and no socket', async () => {
      silence();
      const inFlight = errorOf(device.read(Device.manufacturer));
      await pass(100);
      scripted.answerText('1');
      let ended = false;
      const loop = async (): Promise<void> => {
        for await (const _ of device.observe(Temperature.sensorValue));
        ended = true;
      };
      const looping = loop();
      await pass(100);
      await network.settle(server.close());
      expect(await inFlight).toMatchObject({ name: 'ServerClosedError', code: 'server-closed', operation: 'Read' });
      await network.settle(looping);
      expect(ended).toBe(true);
      expect(await caught(device.read(Device.manufacturer))).toMatchObject({ code: 'server-closed' });
      expect(device.signal).toMatchObject({ aborted: true, reason: 'server-closed' });
      await network.settle(scripted.coap.close());
      expect(network.pendingTimers).toBe(0);
      expect(network.openTransports).toBe(0);
    });

    test('gives what is in flight its time', async () => {
      scripted.answer = async () => {
        await new Promise<void>((resolve) => {
          network.clock.schedule(network.clock.now() + 1_000, resolve);
        });
        return textAnswer('Acme');
      };
      const read = device.read(Device.manufacturer);
      await pass(100);
      const closed = server.close({ timeoutMs: 5_000 });
      expect(await network.settle(read)).toBe('Acme');
      const before = network.clock.now();
      await network.settle(closed);
      expect(network.clock.now() - before).toBeLessThan(1_000);
    });

    test('and no more than its time', async () => {
      silence();
      const read = errorOf(device.read(Device.manufacturer));
      await pass(100);
      const before = network.clock.now();
      await network.settle(server.close({ timeoutMs: 5_000 }));
      expect(network.clock.now() - before).toBe(5_000);
      expect(await read).toMatchObject({ code: 'server-closed' });
    });

    test('twice is once, and a closing server takes no registration', async () => {
      silence();
      void errorOf(device.read(Device.manufacturer));
      await pass(100);
      const closed = server.close({ timeoutMs: 5_000 });
      expect(server.close()).toBe(closed);
      expect(await network.settle(scripted.register(QUERY))).toBe('5.03');
      await network.settle(closed);
      expect(server.inspect().closed).toBe(true);
    });

    test('at the end of `await using`', async () => {
      expect(server[Symbol.asyncDispose]).toBeTypeOf('function');
      await network.settle(server[Symbol.asyncDispose]());
      expect(server.inspect().closed).toBe(true);
    });
  });

  test('listeners that are attached after `listen` in the same tick miss nothing', async () => {
    const later = (await stage()).network;
    const early = serverIn(later, { transports: [later.transport('10.9.0.1:5683')] });
    let heard = 0;
    (await early).on('registered', () => void heard++);
    expect(heard).toBe(0);
    expect((await early).urls).toEqual(['coap://10.9.0.1:5683']);
  });

  test('inspect is plain JSON with registrations, requests, observations and counters', async () => {
    silence();
    void errorOf(device.read(Device.manufacturer));
    await pass(100);
    const inspected = server.inspect();
    expect(JSON.parse(JSON.stringify(inspected))).toEqual(inspected);
    expect(inspected).toMatchObject({
      urls: [`coap://${SERVER_ADDRESS}`],
      closed: false,
      registrations: 1,
      registrationsMax: 100_000,
      requestsInFlight: 1,
      devices: [
        { endpoint: ENDPOINT, lwm2mVersion: '1.1', peer: '10.0.0.2:5683', lifetimeSeconds: 300, requestsInFlight: 1 },
      ],
      endpoints: [{ url: `coap://${SERVER_ADDRESS}` }],
    });
    expect(inspected.devices[0]?.secondsLeft).toBeCloseTo(299.9, 0);
    expect(server.inspect({ devicesMax: 0 })).toMatchObject({ devices: [], registrations: 1 });
  });

  test('logs in pino’s shape, and never names or payloads', async () => {
    const lines: string[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    await start({ logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') } });
    scripted.answer = () => textAnswer('a secret payload');
    await network.settle(device.read(Device.manufacturer));
    server.on('updated', () => {
      throw new Error(`about ${ENDPOINT}`);
    });
    await network.settle(scripted.update());
    await pass(10);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^info device registered \{.*"event":"registered"/),
        'debug request {"operation":"Read","path":"/3/0/0","result":"2.05"}',
        expect.stringMatching(/^error an error without a listener /),
      ]),
    );
    for (const line of lines) {
      expect(line).not.toContain(ENDPOINT);
      expect(line).not.toContain('secret');
      expect(line).not.toContain(device.registration.id);
    }
  });

  test('diagnostics are told of registrations and requests', async () => {
    const told: string[] = [];
    await start({ diagnostics: (event, message) => void told.push(`${event} ${JSON.stringify(message)}`) });
    scripted.answer = () => textAnswer('Acme');
    await network.settle(device.read(Device.manufacturer));
    expect(told[0]).toContain(
      'registered {"endpoint":"urn:dev:mac:0024befffe804ff1","peer":"10.0.0.2:5683","lwm2mVersion":"1.1"',
    );
    expect(told[1]).toBe(
      'request {"operation":"Read","endpoint":"urn:dev:mac:0024befffe804ff1","path":"/3/0/0","result":"2.05"}',
    );
  });

  test('a diagnostics listener that throws stops nothing', async () => {
    const messages: string[] = [];
    const diagnostics = (): void => {
      throw new Error('no room');
    };
    await start({ diagnostics, logger: { error: (_fields, message) => void messages.push(message) } });
    expect(device.endpoint).toBe(ENDPOINT);
    expect(messages).toEqual(['a diagnostics listener failed']);
  });

  test('junk does not stop it', async () => {
    const junk = network.transport('10.0.0.66:5683', { remote: SERVER_ADDRESS });
    junk.open({ datagram: () => undefined, unreachable: () => undefined, closed: () => undefined });
    for (let round = 0; round < 200; round++) {
      const bytes = new Uint8Array(Math.floor(network.random() * 60));
      network.randomSource.fill(bytes);
      if (round % 2 === 0 && bytes.length > 0) bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
      junk.send(SERVER_ADDRESS, bytes);
    }
    await pass(300_000 - 60_000);
    await network.settle(scripted.update());
    scripted.answer = () => textAnswer('Acme');
    expect(await network.settle(device.read(Device.manufacturer))).toBe('Acme');
  });
});
