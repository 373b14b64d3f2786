import { encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer } from '@motestack/coap';
import { Device, Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { InMemoryRegistrationStore } from '../registration/in-memory-registration-store.ts';
import type { StoredObservation } from '../registration/registration-store.ts';
import { storeWith } from '../registration/store-with.fixture.ts';
import { type ScriptedDevice, stage, textAnswer } from '../scripted-device.fixture.ts';
import type { Observation } from './observation.ts';

describe('Observe', () => {
  let network: Awaited<ReturnType<typeof stage>>['network'];
  let server: LwM2mServer;
  let scripted: ScriptedDevice;
  let device: RegisteredDevice;
  let store: InMemoryRegistrationStore;

  const start = async (options: Parameters<typeof stage>[0] = {}): Promise<void> => {
    store = new InMemoryRegistrationStore();
    ({ network, server, device: scripted } = await stage({ store, ...options }));
    await register();
  };
  const register = async (): Promise<void> => {
    await network.settle(scripted.register('ep=node&lt=300&lwm2m=1.1', '</>;ct=110,</1/0>,</3/0>,</3303/0>'));
    const found = await server.device('node');
    if (found === undefined) throw new Error('the device is not registered');
    device = found;
  };
  beforeEach(() => start());
  const pass = (ms: number): Promise<void> => network.run(network.clock.now() + ms);
  /** Runs a loop in the background; `seen` fills, `end` says how it ended. */
  const follow = <Value>(observation: AsyncIterable<Value>): { seen: Value[]; end: () => string } => {
    const seen: Value[] = [];
    let end = 'runs';
    const loop = async (): Promise<void> => {
      for await (const value of observation) seen.push(value);
    };
    loop().then(
      () => {
        end = 'ended';
      },
      (error: { code?: string }) => {
        end = error.code ?? String(error);
      },
    );
    return { seen, end: () => end };
  };
  const notify = (text: string, index = -1): void => scripted.observers.at(index)?.notify(textAnswer(text));

  test('gives the first answer, then every notification', async () => {
    scripted.answerText('20.5');
    const { seen, end } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    expect(scripted.requests.at(-1)).toMatchObject({
      method: 'GET',
      path: ['3303', '0', '5700'],
      observe: 0,
      accept: 110,
    });
    for (const text of ['21', '22', '23.25']) {
      notify(text);
      await pass(1_000);
    }
    expect(seen).toEqual([20.5, 21, 22, 23.25]);
    expect(end()).toBe('runs');
    expect(server.inspect()).toMatchObject({ observations: 1, devices: [{ endpoint: 'node', observations: 1 }] });
  });

  test('sends nothing before the loop begins', async () => {
    const observation = device.observe(Temperature.sensorValue);
    await pass(1_000);
    expect(scripted.requests).toEqual([]);
    await observation.cancel();
    expect(follow(observation).seen).toEqual([]);
    await pass(100);
    expect(scripted.requests).toEqual([]);
  });

  test('is in the store before its request leaves, and out of it at the end', async () => {
    scripted.answerText('1');
    const observation = device.observe(Temperature.sensorValue);
    follow(observation);
    await pass(5);
    expect(scripted.requests).toEqual([]);
    expect(store.observations(device.registration.id)).toMatchObject([{ path: '/3303/0/5700', contentFormat: 110 }]);
    await pass(100);
    await network.settle(observation.cancel());
    expect(store.observations(device.registration.id)).toEqual([]);
  });

  test('what comes before the first answer is not lost, and what is older is not told after it', async () => {
    let answers = 0;
    // The first answer is lost; notifications overtake its retransmission.
    network.drop(({ from, bytes }) => from === '10.0.0.2:5683' && bytes[1] === 0x45 && answers++ === 0);
    scripted.answerText('1');
    const { seen } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    notify('2');
    await pass(100);
    notify('3');
    await pass(10_000);
    expect(seen.at(-1)).toBe(3);
    expect(seen).toEqual([1, 2, 3].filter((value) => seen.includes(value)));
    expect(seen).toContain(2);
  });

  test('attributes are written first', async () => {
    scripted.answer = (request) => {
      if (request.method === 'PUT') return { code: 0x44 };
      scripted.observers.push(request.acceptObserver());
      return textAnswer('5');
    };
    const { seen } = follow(device.observe(Temperature.sensorValue, { attributes: { pmin: 1, st: 0.5 } }));
    await pass(200);
    expect(scripted.requests.map(({ method, query, observe }) => ({ method, query, observe }))).toEqual([
      { method: 'PUT', query: ['pmin=1', 'st=0.5'], observe: undefined },
      { method: 'GET', query: [], observe: 0 },
    ]);
    expect(seen).toEqual([5]);
  });

  test.each<[string, (observation: Observation<number>) => Promise<void>]>([
    ['cancelled', (observation) => observation.cancel()],
    ['ended by the registration', async () => void (await scripted.deregister())],
  ])(
    'one that is %s while its attributes are written sends no Observe and leaves nothing in the store',
    async (_name, end) => {
      scripted.answer = async ({ method }) => {
        if (method === 'GET') return textAnswer('5');
        await new Promise<void>((resolve) => network.clock.schedule(network.clock.now() + 150, resolve));
        return { code: 0x44 };
      };
      const observation = device.observe(Temperature.sensorValue, { attributes: { pmin: 1 } });
      const loop = follow(observation);
      await pass(50);
      await network.settle(end(observation));
      expect(loop.end()).toBe('ended');
      await pass(1_000);
      expect(scripted.requests.map(({ method }) => method)).toEqual(['PUT']);
      expect(store.observations(device.registration.id)).toEqual([]);
      expect(server.inspect()).toMatchObject({ observations: 0, requestsInFlight: 0 });
    },
  );

  test('one that is cancelled while the store takes it sends no Observe and leaves nothing in the store', async () => {
    const inner = new InMemoryRegistrationStore();
    const addObservation = async (observation: StoredObservation): Promise<boolean> => {
      await new Promise<void>((resolve) => network.clock.schedule(network.clock.now() + 100, resolve));
      return inner.addObservation(observation);
    };
    await start({ store: storeWith(inner, { addObservation }) });
    const observation = device.observe(Temperature.sensorValue);
    const { end } = follow(observation);
    await pass(50);
    await observation.cancel();
    await pass(1_000);
    expect(end()).toBe('ended');
    expect(scripted.requests).toEqual([]);
    expect(inner.observations(device.registration.id)).toEqual([]);
  });

  test('one that is cancelled before its answer ends at the device with the next notification', async () => {
    scripted.answerText('1');
    const observation = device.observe(Temperature.sensorValue);
    follow(observation);
    await pass(15);
    await observation.cancel();
    await pass(1);
    expect(server.inspect().requestsInFlight).toBe(0);
    await pass(100);
    notify('2');
    await pass(1_000);
    expect(scripted.observers[0]?.signal.aborted).toBe(true);
  });

  test('a device that refuses the attributes or the Observe makes the loop throw', async () => {
    scripted.answer = () => ({ code: 0x85, payload: encodeUtf8('no') });
    const attributes = follow(device.observe(Temperature.sensorValue, { attributes: { pmin: 1 } }));
    await pass(200);
    expect(attributes.end()).toBe('response');
    const plain = device.observe(Temperature.sensorValue)[Symbol.asyncIterator]().next();
    await expect(network.settle(plain)).rejects.toMatchObject({
      operation: 'Observe',
      responseCode: '4.05',
      diagnostic: 'no',
      path: '/3303/0/5700',
    });
    expect(server.inspect().observations).toBe(0);
  });

  test('a device that answers once and does not observe: the value, then an error', async () => {
    scripted.answer = () => textAnswer('7');
    const { seen, end } = follow(device.observe(Temperature.sensorValue));
    await pass(200);
    expect(seen).toEqual([7]);
    expect(end()).toBe('not-observed');
  });

  test('break tells the device by a GET with Observe 1 and the same token', async () => {
    scripted.answerText('1');
    const loop = async (): Promise<void> => {
      for await (const value of device.observe(Temperature.sensorValue)) if (value === 1) break;
    };
    await network.settle(loop());
    await pass(200);
    const [observe, cancel] = scripted.requests;
    expect(cancel).toMatchObject({ method: 'GET', path: ['3303', '0', '5700'], observe: 1 });
    expect(cancel?.token).toEqual(observe?.token);
    expect(scripted.observers[0]?.signal.aborted).toBe(true);
  });

  test('cancel waits for the device, and ends the loop at once', async () => {
    scripted.answerText('1');
    const observation = device.observe(Temperature.sensorValue);
    const { seen, end } = follow(observation);
    await pass(100);
    await network.settle(observation.cancel());
    expect(end()).toBe('ended');
    expect(scripted.requests.at(-1)?.observe).toBe(1);
    notify('2');
    await pass(1_000);
    expect(seen).toEqual([1]);
  });

  test('cancel by Reset: nothing is sent until the next notification, which is refused', async () => {
    scripted.answerText('1');
    const observation = device.observe(Temperature.sensorValue, { cancelBy: 'reset' });
    follow(observation);
    await pass(100);
    await observation.cancel();
    await pass(100);
    expect(scripted.requests).toHaveLength(1);
    const relation = scripted.observers[0];
    relation?.notify(textAnswer('2'), { confirmable: true });
    await pass(1_000);
    expect(relation?.signal.aborted).toBe(true);
  });

  test('an error notification makes the loop throw', async () => {
    scripted.answerText('1');
    const { seen, end } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    scripted.observers[0]?.notify({ code: 0x84 });
    await pass(100);
    expect(seen).toEqual([1]);
    expect(end()).toBe('response');
  });

  test('a notification that cannot be used makes the loop throw', async () => {
    scripted.answerText('1');
    const { end } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    notify('warm');
    await pass(100);
    expect(end()).toBe('unexpected-answer');
  });

  test('the loop ends when the device de-registers, and when it expires', async () => {
    scripted.answerText('1');
    const first = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    await network.settle(scripted.deregister());
    expect(first.end()).toBe('ended');
    await register();
    const second = follow(device.observe(Temperature.sensorValue));
    await pass(301_000);
    expect(second.end()).toBe('ended');
    await expect(device.read(Temperature.sensorValue)).rejects.toMatchObject({ code: 'device-gone' });
  });

  test('registering anew ends the loop, drops the observation, and later notifications get a Reset', async () => {
    scripted.answerText('1');
    const { seen, end } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    const old = device.registration.id;
    await register();
    expect(end()).toBe('ended');
    expect(store.observations(old)).toEqual([]);
    const relation = scripted.observers[0];
    relation?.notify(textAnswer('2'), { confirmable: true });
    await pass(1_000);
    expect(relation?.signal.aborted).toBe(true);
    expect(seen).toEqual([1]);
  });

  test('a slow loop loses the oldest, and is told how many', async () => {
    scripted.answerText('0');
    const observation = device.observe(Temperature.sensorValue, { samplesBufferedMax: 3 });
    const iterator = observation[Symbol.asyncIterator]();
    expect(await network.settle(iterator.next())).toEqual({ done: false, value: 0 });
    for (let value = 1; value <= 4; value++) {
      notify(String(value));
      await pass(100);
    }
    expect(observation.dropped).toBe(1);
    expect(server.inspect().devices[0]?.samplesDropped).toBe(1);
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
  });

  test('samples have their times; a history comes oldest first', async () => {
    const history = (): CoapAnswer => ({
      code: 0x45,
      contentFormat: 110,
      payload: encodeUtf8(
        JSON.stringify([{ bn: '/3303/0/5700', bt: 1_700_000_000, t: 2, v: 3 }, { t: 1, v: 2 }, { v: 1 }]),
      ),
    });
    scripted.answer = (request) => {
      request.acceptObserver();
      return history();
    };
    const { seen } = follow(device.observe(Temperature.sensorValue).samples);
    await pass(100);
    expect(seen.map(({ value, time }) => ({ value, at: time?.getTime() }))).toEqual([
      { value: 1, at: 1_700_000_000_000 },
      { value: 2, at: 1_700_000_001_000 },
      { value: 3, at: 1_700_000_002_000 },
    ]);
    expect(seen[0]?.receivedAt.getTime()).toBeGreaterThan(network.clock.epochMs() - 1_000);
  });

  test('is for one loop', async () => {
    scripted.answerText('1');
    const observation: Observation<string> = device.observe(Device.manufacturer);
    follow(observation);
    expect(() => observation[Symbol.asyncIterator]()).toThrow(TypeError);
    expect(() => observation.samples[Symbol.asyncIterator]()).toThrow(TypeError);
  });

  test('goes on at the new address when the device moves', async () => {
    scripted.answerText('1');
    const { seen, end } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    network.rebind(scripted.transport, '10.0.0.9:1024');
    scripted.answerText('2');
    await network.settle(scripted.update());
    await pass(500);
    notify('3');
    await pass(500);
    expect(seen).toEqual([1, 2, 3]);
    expect(end()).toBe('runs');
  });

  test('observationsMax holds at its value and not one past it', async () => {
    await start({ limits: { observationsMax: 2 } });
    scripted.answerText('1');
    const loops = [1, 2, 3].map(() => follow(device.observe(Temperature.sensorValue)));
    await pass(1_000);
    expect(loops.map(({ end }) => end())).toEqual(['runs', 'runs', 'limit-reached']);
  });

  test('a silent device makes the loop throw after the timeout', async () => {
    network.drop(({ to }) => to === '10.0.0.2:5683');
    const { end } = follow(device.observe(Temperature.sensorValue, { timeoutMs: 5_000 }));
    await pass(4_900);
    expect(end()).toBe('runs');
    await pass(200);
    expect(end()).toBe('timeout');
  });

  test('the caller’s signal ends the observation on both sides', async () => {
    scripted.answerText('1');
    const aborter = new AbortController();
    const { seen, end } = follow(device.observe(Temperature.sensorValue, { signal: aborter.signal }));
    await pass(100);
    aborter.abort();
    await pass(100);
    expect(seen).toEqual([1]);
    expect(end()).toBe('aborted');
    expect(scripted.requests.at(-1)?.observe).toBe(1);
    expect(server.inspect().observations).toBe(0);
  });

  test('the caller’s signal ends the wait for the first answer', async () => {
    network.drop(({ to }) => to === '10.0.0.2:5683');
    const aborter = new AbortController();
    const { end } = follow(device.observe(Temperature.sensorValue, { signal: aborter.signal }));
    await pass(100);
    aborter.abort();
    await pass(1);
    expect(end()).toBe('aborted');
  });
});
