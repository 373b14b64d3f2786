import { encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer, DatagramReceiver, DatagramTransport } from '@motestack/coap';
import { Device } from '@motestack/objects';
import { SimulatedNetwork } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { LwM2mError, ResponseError, TimeoutError } from '../lwm2m-error.ts';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { ScriptedDevice, SERVER_ADDRESS, serverIn, stage, textAnswer } from '../scripted-device.fixture.ts';
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
    expect(error.message).toBe(
      `Read /3/0/0 of ${ENDPOINT}: the device answered 4.04: the device has no such thing (LwM2M Core §6.3.1, Transport §6.7)`,
    );
    expect(error).toMatchObject({ reason: 'not-found', clause: 'LwM2M Core §6.3.1, Transport §6.7' });
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

  test('a signal that was given since its time was over is a timeout, as for fetch', async () => {
    silence();
    const aborter = new AbortController();
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    const execute = errorOf(device.execute(Device.reboot, {}, { signal: aborter.signal }));
    const next = errorOf(
      device.observe(Device.manufacturer, { signal: aborter.signal })[Symbol.asyncIterator]().next(),
    );
    await pass(100);
    aborter.abort(reason);
    const { signal } = aborter;
    const late = errorOf(device.read(Device.manufacturer, { signal }));
    const lateNext = errorOf(device.observe(Device.manufacturer, { signal })[Symbol.asyncIterator]().next());
    for (const error of await Promise.all([execute, next, late, lateNext])) {
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ code: 'timeout', endpoint: ENDPOINT, cause: reason });
    }
  });

  test('an answer whose block is not of the size that it says cannot be used', async () => {
    // Block2: block 0 of several, 16 bytes each, and 4 bytes of payload (RFC 7959 §2.2).
    scripted.answer = () => ({ ...textAnswer('Acme'), options: [{ number: 23, value: Uint8Array.of(0x08) }] });
    const error = await caught(device.read(Device.manufacturer));
    expect(error).toMatchObject({ name: 'UnexpectedAnswerError', code: 'unexpected-answer', path: '/3/0/0' });
    expect(error.message).toContain('block');
    expect(error.cause).toMatchObject({ name: 'ProtocolError' });
  });

  test('an answer longer than bodyBytesMax cannot be used', async () => {
    await start({ coap: { bodyBytesMax: 2_000 } });
    scripted.answer = () => textAnswer('x'.repeat(2_001));
    const error = await caught(device.read(Device.manufacturer));
    expect(error).toMatchObject({ code: 'unexpected-answer', operation: 'Read', path: '/3/0/0' });
    expect(error.message).toContain('bodyBytesMax');
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

  test('a network that says that nobody is there', async () => {
    network = new SimulatedNetwork({ seed: 3 });
    const wire = network.transport(SERVER_ADDRESS);
    let receiver: DatagramReceiver | undefined;
    const transport: DatagramTransport = {
      localUrl: wire.localUrl,
      remote: wire.remote,
      open: (told) => {
        receiver = told;
        wire.open(told);
      },
      send: (peer, bytes) => wire.send(peer, bytes),
      close: () => wire.close(),
    };
    server = await serverIn(network, { transports: [transport] });
    scripted = new ScriptedDevice(network, '10.0.0.2:5683');
    await register();
    silence();
    const inFlight = errorOf(device.read(Device.manufacturer));
    await pass(100);
    const cause = new Error('ECONNREFUSED');
    receiver?.unreachable('10.0.0.2:5683', cause);
    const error = await inFlight;
    expect(error).toMatchObject({ name: 'DeviceUnreachableError', code: 'device-unreachable', operation: 'Read' });
    expect((error.cause as Error).cause).toBe(cause);
  });

  test('a device that answers with a Reset', async () => {
    await network.settle(scripted.coap.close());
    const raw = network.transport('10.0.0.2:5683');
    raw.open({
      datagram: (peer, [, , high = 0, low = 0]) => raw.send(peer, Uint8Array.of(0x70, 0, high, low)),
      unreachable: () => undefined,
      closed: () => undefined,
    });
    const error = await caught(device.write('/3/0/14', '+01:00'));
    expect(error).toMatchObject({
      name: 'DeviceResetError',
      code: 'device-reset',
      operation: 'Write',
      path: '/3/0/14',
    });
  });

  test('more at once than the endpoint takes', async () => {
    await start({ coap: { clientExchangesPerPeerMax: 2 } });
    silence();
    const errors = [1, 2, 3].map(() => errorOf(device.read(Device.manufacturer, { timeoutMs: 1_000 })));
    const codes = (await network.settle(Promise.all(errors))).map(({ code }) => code);
    expect(codes).toEqual(['timeout', 'timeout', 'limit-reached']);
    expect(await errors[2]).toMatchObject({ limit: 'clientExchangesPerPeerMax' });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'a timeout of %s ms is the caller’s mistake',
    async (timeoutMs) => {
      expect(await caught(device.read(Device.manufacturer, { timeoutMs }))).toMatchObject({ code: 'invalid-argument' });
    },
  );

  test.each([
    ['a timeout of nothing', { requestTimeoutMs: 0 }],
    ['a timeout without end', { requestTimeoutMs: Number.POSITIVE_INFINITY }],
    ['a limit of nothing', { limits: { registrationsMax: 0 } }],
    ['half an observation', { limits: { observationsMax: 0.5 } }],
  ])('refuses %s', async (_name, options) => {
    await expect(stage(options)).rejects.toThrow(RangeError);
  });
});
