import { encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer } from '@motestack/coap';
import { Device } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import { LwM2mError, ResponseError, TimeoutError } from '../lwm2m-error.ts';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { type ScriptedDevice, stage, textAnswer } from '../scripted-device.fixture.ts';
import type { PortableServerOptions } from '../server-options.ts';

const ENDPOINT = 'urn:dev:mac:0024befffe804ff1';
const QUERY = `ep=${ENDPOINT}&lt=300&lwm2m=1.1`;

describe('errors', () => {
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

  test('a refusal says who, what, where and why', async () => {
    scripted.answer = () => ({ code: 0x84, payload: encodeUtf8('no such thing') });
    const error = await caught(device.read(Device.manufacturer));
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({
      name: 'ResponseError',
      code: 'response',
      operation: 'Read',
      endpoint: ENDPOINT,
      path: '/3/0/0',
      responseCode: '4.04',
      diagnostic: 'no such thing',
    });
    expect(error.message).toBe(`Read /3/0/0 of ${ENDPOINT}: the device answered 4.04`);
    expect(ResponseError.is(error) && LwM2mError.is(error)).toBe(true);
  });

  test('a payload that is no text, or a long one, is no diagnostic', async () => {
    for (const payload of [Uint8Array.of(0xff), new Uint8Array(257).fill(97)]) {
      scripted.answer = () => ({ code: 0xa0, payload });
      expect(await caught(device.read(Device.manufacturer))).toMatchObject({ responseCode: '5.00', diagnostic: '' });
    }
    scripted.answer = () => ({ code: 0xa0, payload: new Uint8Array(256).fill(97) });
    expect(await caught(device.read(Device.manufacturer))).toMatchObject({ diagnostic: 'a'.repeat(256) });
  });

  test('the stack holds the line of the caller', async () => {
    silence();
    const readForTheStackTest = async (): Promise<unknown> =>
      await device.read(Device.manufacturer, { timeoutMs: 100 });
    const error = await caught(readForTheStackTest());
    expect(error.stack).toMatch(/^TimeoutError: Read \/3\/0\/0 of /);
    expect(error.stack).toContain('readForTheStackTest');
    expect(error.stack).toContain('errors.sim.test.ts');
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('a silent device times out after requestTimeoutMs, 30 s unless said', async () => {
    network.drop(({ to }) => to === '10.0.0.2:5683');
    const before = network.clock.now();
    const error = await caught(device.execute(Device.reboot));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'timeout', operation: 'Execute', path: '/3/0/4' });
    expect(network.clock.now() - before).toBe(30_000);
    await start({ requestTimeoutMs: 1_000 });
    network.drop(({ to }) => to === '10.0.0.2:5683');
    const again = network.clock.now();
    await caught(device.execute(Device.reboot));
    expect(network.clock.now() - again).toBe(1_000);
  });

  test('a signal ends the wait; one that was given before sends nothing', async () => {
    silence();
    const aborter = new AbortController();
    const read = errorOf(device.read(Device.manufacturer, { signal: aborter.signal }));
    aborter.abort('enough');
    expect(await read).toMatchObject({ code: 'aborted', operation: 'Read', cause: 'enough' });
    await pass(1_000);
    const asked = scripted.requests.length;
    expect(await caught(device.read(Device.manufacturer, { signal: aborter.signal }))).toMatchObject({
      code: 'aborted',
    });
    await pass(1_000);
    expect(scripted.requests).toHaveLength(asked);
    expect(server.inspect().requestsInFlight).toBe(0);
  });

  test('registering anew rejects what is in flight, and the old object stays refused', async () => {
    silence();
    const inFlight = device.read(Device.manufacturer);
    const rejected = errorOf(inFlight);
    await pass(100);
    const old = device;
    await network.settle(scripted.register(QUERY));
    expect(await rejected).toMatchObject({
      name: 'RegistrationReplacedError',
      code: 'registration-replaced',
      operation: 'Read',
      path: '/3/0/0',
    });
    expect(await caught(old.write('/3/0/14', '+01:00'))).toMatchObject({
      code: 'registration-replaced',
      operation: 'Write',
    });
  });

  test('De-register rejects what is in flight', async () => {
    silence();
    const inFlight = errorOf(device.read(Device.manufacturer));
    await pass(100);
    await network.settle(scripted.deregister());
    expect(await inFlight).toMatchObject({ name: 'DeviceGoneError', code: 'device-gone' });
  });

  test('a move to another address rejects what went to the old one; later requests go to the new one', async () => {
    silence();
    const inFlight = errorOf(device.read(Device.manufacturer));
    await pass(100);
    network.rebind(scripted.transport, '10.0.0.9:1024');
    await network.settle(scripted.update());
    expect(await inFlight).toMatchObject({ name: 'AddressChangedError', code: 'address-changed' });
    scripted.answer = () => textAnswer('Acme');
    expect(await network.settle(device.read(Device.manufacturer))).toBe('Acme');
  });

  test('a device that is not there', async () => {
    await network.settle(scripted.coap.close());
    const error = await caught(device.read(Device.manufacturer));
    expect(['device-unreachable', 'timeout']).toContain(error.code);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'a timeout of %s ms is the caller’s mistake',
    async (timeoutMs) => {
      expect(await caught(device.read(Device.manufacturer, { timeoutMs }))).toMatchObject({ code: 'invalid-argument' });
    },
  );

  test.each([
    ['a timeout of nothing', { requestTimeoutMs: 0 }],
    ['a limit of nothing', { limits: { registrationsMax: 0 } }],
    ['half an observation', { limits: { observationsMax: 0.5 } }],
  ])('refuses %s', async (_name, options) => {
    await expect(stage(options)).rejects.toThrow(RangeError);
  });
});
