import { encodeUtf8 } from '@motestack/bytes';
import { Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { InMemoryRegistrationStore } from '../registration/in-memory-registration-store.ts';
import { storeWith } from '../registration/store-with.fixture.ts';
import { ScriptedDevice, stage, textAnswer } from '../scripted-device.fixture.ts';

const QUERY = 'ep=node&lt=300&lwm2m=1.1';
const LINKS = '</>;ct=110,</1/0>,</3/0>,</3303/0>';

describe('observations without a loop', () => {
  let network: Awaited<ReturnType<typeof stage>>['network'];
  let server: LwM2mServer;
  let scripted: ScriptedDevice;
  let device: RegisteredDevice;
  let store: InMemoryRegistrationStore;
  let told: unknown[];
  let errors: Error[];
  const pass = (ms = 500): Promise<void> => network.run(network.clock.now() + ms);
  const registered = async (): Promise<RegisteredDevice> => {
    const found = await server.device('node');
    if (found === undefined) throw new Error('the device is not registered');
    return found;
  };
  const listen = async (options: Parameters<typeof stage>[0] = {}): Promise<void> => {
    told = [];
    errors = [];
    store = new InMemoryRegistrationStore();
    ({ network, server, device: scripted } = await stage({ store, ...options }));
    server.on('notify', (_device, { samples }) => void told.push(...samples.map(({ value }) => value)));
    server.on('error', (error) => void errors.push(error));
    await network.settle(scripted.register(QUERY, LINKS));
    device = await registered();
    scripted.answerText('20');
  };
  const observe = () => network.settle(device.startObservation(Temperature.sensorValue));
  beforeEach(() => listen());

  test('are in the store, and keep nothing at the CoAP endpoint', async () => {
    await observe();
    expect(store.observations(device.registration.id)).toMatchObject([{ path: '/3303/0/5700', contentFormat: 110 }]);
    const { observations, endpoints } = server.inspect();
    expect([observations, endpoints[0]?.stats.observations]).toEqual([1, 0]);
  });

  test('at a path that is observed already take its place', async () => {
    await observe();
    await observe();
    expect(scripted.requests.map((request) => request.observe)).toEqual([0, 1, 0]);
    expect(server.inspect().observations).toBe(1);
  });

  test('are bounded by observationsMax, together with loops', async () => {
    await listen({ limits: { observationsMax: 1 } });
    await observe();
    await expect(network.settle(device.startObservation('/3/0/9'))).rejects.toMatchObject({
      code: 'limit-reached',
      limit: 'observationsMax',
    });
  });

  test('are read as a whole where a notification has several blocks [RFC 7959 §2.6]', async () => {
    const long = encodeUtf8(JSON.stringify([{ n: '/3/0/0', vs: 'x'.repeat(3_000) }]));
    scripted.answer = (request) => {
      if (request.observe === 0) scripted.observers.push(request.acceptObserver());
      return { code: 0x45, contentFormat: 110, payload: long };
    };
    const { value } = await network.settle(device.startObservation('/3/0/0'));
    expect(value).toBe('x'.repeat(3_000));
    scripted.observers[0]?.notify({ code: 0x45, contentFormat: 110, payload: long });
    await pass(3_000);
    expect(told).toEqual(['x'.repeat(3_000), 'x'.repeat(3_000)]);
    expect(errors).toEqual([]);
  });

  test('take nothing from another address, nor what was overtaken [RFC 7641 §3.4]', async () => {
    await observe();
    const { token = new Uint8Array() } = scripted.requests[0] ?? {};
    const stranger = new ScriptedDevice(network, '10.0.0.9:5683');
    let messageId = 0;
    const notifyFrom = async ({ transport }: ScriptedDevice, sequence: number, value: string): Promise<void> => {
      const head = [0x50 | token.length, 0x45, 0x70, messageId++];
      transport.send(
        '10.0.0.1:5683',
        Uint8Array.of(...head, ...token, 0x61, sequence, 0x60, 0xff, ...encodeUtf8(value)),
      );
      await pass();
    };
    await notifyFrom(stranger, 99, '1');
    await notifyFrom(scripted, 101, '21');
    await notifyFrom(scripted, 100, '2');
    await notifyFrom(scripted, 102, '22');
    expect(told).toEqual([20, 21, 22]);
  });

  test('begin anew where the device moved to', async () => {
    await observe();
    const moved = new ScriptedDevice(network, '10.0.0.4:5683');
    moved.answerText('25');
    moved.location = scripted.location;
    await network.settle(moved.update());
    await pass();
    expect(moved.requests).toMatchObject([{ method: 'GET', path: ['3303', '0', '5700'], observe: 0, accept: 110 }]);
    moved.observers[0]?.notify(textAnswer('26'));
    scripted.observers[0]?.notify(textAnswer('1'));
    await pass();
    expect(told).toEqual([20, 25, 26]);
    expect(server.inspect().observations).toBe(1);
  });

  test('end with the registration: what comes then gets a Reset', async () => {
    await observe();
    await network.settle(scripted.deregister());
    scripted.observers[0]?.notify(textAnswer('1'));
    await pass();
    expect(told).toEqual([20]);
    expect(scripted.observers[0]?.signal.aborted).toBe(true);
    expect(server.inspect().observations).toBe(0);
  });

  test('end with what cannot be read, which is told as `error`', async () => {
    await observe();
    scripted.observers[0]?.notify(textAnswer('warm'));
    await pass();
    expect(errors).toMatchObject([{ code: 'unexpected-answer', path: '/3303/0/5700' }]);
    expect(server.inspect().observations).toBe(0);
  });

  test('another store gets plain data, and a device that is gone is not asked', async () => {
    const inner = new InMemoryRegistrationStore();
    const kept: unknown[] = [];
    const addObservation: InMemoryRegistrationStore['addObservation'] = (observation) => {
      kept.push(JSON.parse(JSON.stringify(observation)));
      return kept.length === 1;
    };
    await listen({ store: storeWith(inner, { addObservation }) });
    await observe();
    expect(kept).toMatchObject([{ id: 's1', registrationId: device.registration.id, path: '/3303/0/5700' }]);
    await expect(network.settle(device.startObservation('/3/0/9'))).rejects.toMatchObject({ code: 'device-gone' });
    expect(server.inspect().observations).toBe(1);
  });

  test('that are refused, or answered and not taken, leave nothing', async () => {
    scripted.answer = () => textAnswer('20');
    await expect(observe()).rejects.toMatchObject({ code: 'not-observed' });
    scripted.answer = () => ({ code: 0x84 });
    await expect(observe()).rejects.toMatchObject({ code: 'response', responseCode: '4.04' });
    expect([server.inspect().observations, store.observations(device.registration.id)]).toEqual([0, []]);
  });
});
