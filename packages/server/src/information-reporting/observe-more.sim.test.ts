import { encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer } from '@motestack/coap';
import { decodePaths } from '@motestack/codecs';
import { formatPath } from '@motestack/model';
import { Device, Temperature } from '@motestack/objects';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { type ScriptedDevice, stage, textAnswer } from '../scripted-device.fixture.ts';

const json = (records: object): CoapAnswer => ({
  code: 0x45,
  contentFormat: 110,
  payload: encodeUtf8(JSON.stringify(records)),
});

let network: Awaited<ReturnType<typeof stage>>['network'];
let server: LwM2mServer;
let scripted: ScriptedDevice;
let device: RegisteredDevice;
const start = async (options: Parameters<typeof stage>[0] = {}): Promise<void> => {
  ({ network, server, device: scripted } = await stage(options));
  await register();
};
const register = async (): Promise<void> => {
  await network.settle(scripted.register('ep=node&lt=300&lwm2m=1.2', '</>;ct="110",</1/0>,</3/0>,</3303/0>'));
  const found = await server.device('node');
  if (found === undefined) throw new Error('the device is not registered');
  device = found;
};
const pass = (ms: number): Promise<void> => network.run(network.clock.now() + ms);
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
const notify = (answer: CoapAnswer): void => scripted.observers.at(-1)?.notify(answer);
const answerWith = (answer: CoapAnswer): void => {
  scripted.answer = (request) => {
    if (request.observe === 0) scripted.observers.push(request.acceptObserver());
    return answer;
  };
};
beforeEach(() => start());

describe('Observe-Composite [LwM2M Core §6.4.4]', () => {
  const both = [
    { n: '/3/0/9', v: 80 },
    { n: '/3303/0/5700', v: 20.5 },
  ];

  test('gives a value for each path with every notification', async () => {
    answerWith(json(both));
    const observation = device.observeComposite([Device.batteryLevel, Temperature.sensorValue], {
      attributes: { pmin: 5 },
    });
    const { seen } = follow(observation);
    await pass(100);
    const [request] = scripted.requests;
    expect(request).toMatchObject({ method: 'FETCH', path: [], observe: 0, query: ['pmin=5'], contentFormat: 110 });
    const { payload = new Uint8Array() } = request ?? {};
    const paths = decodePaths(110, payload, { path: {}, lookup: () => undefined });
    expect(paths.map(({ path }) => formatPath(path))).toEqual(['/3/0/9', '/3303/0/5700']);
    notify(json([{ n: '/3303/0/5700', v: 21 }]));
    await pass(100);
    expect(seen).toEqual([
      [80, 20.5],
      [undefined, 21],
    ]);
  });

  test('is cancelled by the same FETCH with Observe 1, or by a Reset [§6.4.5]', async () => {
    answerWith(json(both));
    const observation = device.observeComposite([Device.batteryLevel, Temperature.sensorValue]);
    follow(observation);
    await pass(100);
    await network.settle(observation.cancel());
    const [first, second] = scripted.requests;
    expect(second).toMatchObject({ method: 'FETCH', observe: 1, payload: first?.payload, token: first?.token });

    const other = device.observeComposite([Device.batteryLevel], { cancelBy: 'reset' });
    follow(other);
    await pass(100);
    await network.settle(other.cancel());
    notify(json(both));
    await pass(100);
    expect(scripted.requests).toHaveLength(3);
    expect(scripted.observers.at(-1)?.signal.aborted).toBe(true);
  });

  test('takes no attributes but pmin, pmax, epmin, epmax and con [Core 1.2 §6.4.1]', async () => {
    const attributes = { gt: 5 } as object;
    const { end } = follow(device.observeComposite([Device.batteryLevel], { attributes }));
    await pass(10);
    expect(end()).toBe('invalid-argument');
    expect(scripted.requests).toEqual([]);
  });
});

describe('attributes in the Observe itself [LwM2M Core 1.2 §6.4.1]', () => {
  test('go in its query, and nothing is written before', async () => {
    answerWith(textAnswer('20'));
    const options = { attributes: { pmin: 1, pmax: 60, st: 0.5 }, attributesBy: 'observe' } as const;
    follow(device.observe(Temperature.sensorValue, options));
    await pass(100);
    expect(scripted.requests).toMatchObject([{ method: 'GET', observe: 0, query: ['pmin=1', 'pmax=60', 'st=0.5'] }]);
  });
});

describe('a slow reader', () => {
  const slow = async (slowReader: 'keep-up-to' | 'keep-newest' | 'fail') => {
    answerWith(textAnswer('1'));
    const observation = device.observe(Temperature.sensorValue, { slowReader, samplesBufferedMax: 3 });
    const samples = observation.samples[Symbol.asyncIterator]();
    const first = await network.settle(samples.next());
    expect(first.value?.value).toBe(1);
    const rest = async (count: number): Promise<unknown[]> => {
      const values: unknown[] = [];
      for (let index = 0; index < count; index++) values.push((await network.settle(samples.next())).value?.value);
      return values;
    };
    return { observation, samples, rest };
  };
  const burst = async (values: readonly number[]): Promise<void> => {
    for (const value of values) {
      notify(textAnswer(String(value)));
      await pass(100);
    }
  };

  test('with keep-up-to loses the oldest beyond samplesBufferedMax', async () => {
    const { observation, rest } = await slow('keep-up-to');
    await burst([2, 3, 4]);
    expect(observation.dropped).toBe(0);
    await burst([5]);
    expect(await rest(3)).toEqual([3, 4, 5]);
    expect(observation.dropped).toBe(1);
  });

  test('with keep-newest finds the newest state, and every record of a history', async () => {
    const { observation, rest } = await slow('keep-newest');
    await burst([2, 3]);
    notify(
      json([
        { bn: '/3303/0/5700', bt: 1_700_000_000, v: 10 },
        { t: 1, v: 11 },
      ]),
    );
    await pass(100);
    await burst([4, 5]);
    expect(await rest(3)).toEqual([10, 11, 5]);
    expect(observation.dropped).toBe(3);
  });

  test('with fail gets what waits, and then limit-reached; the device is told', async () => {
    const { rest, samples } = await slow('fail');
    await burst([2, 3, 4, 5]);
    expect(await rest(3)).toEqual([2, 3, 4]);
    await expect(network.settle(samples.next())).rejects.toMatchObject({
      code: 'limit-reached',
      limit: 'samplesBufferedMax',
    });
    expect(scripted.requests.at(-1)).toMatchObject({ observe: 1 });
  });
});

describe('observations without a loop', () => {
  test('are told as `notify` until they are cancelled', async () => {
    const told: unknown[] = [];
    server.on('notify', ({ endpoint }, { paths, samples }) => {
      for (const { value } of samples) told.push([endpoint, ...paths, value]);
    });
    answerWith(textAnswer('20'));
    expect(await network.settle(device.startObservation(Temperature.sensorValue))).toMatchObject({ value: 20 });
    notify(textAnswer('21'));
    await pass(100);
    await network.settle(device.cancelObservation(Temperature.sensorValue));
    expect(told).toEqual([
      ['node', '/3303/0/5700', 20],
      ['node', '/3303/0/5700', 21],
    ]);
    expect(scripted.requests.at(-1)).toMatchObject({ observe: 1 });
    await device.cancelObservation(Temperature.sensorValue);
    expect(server.inspect().observations).toBe(0);
  });

  test('that end with an error are told as `error`; a refusal rejects', async () => {
    const errors: Error[] = [];
    server.on('error', (error) => void errors.push(error));
    answerWith(textAnswer('20'));
    await network.settle(device.startObservation(Temperature.sensorValue));
    notify({ code: 0x84 });
    await pass(100);
    expect(errors).toMatchObject([{ code: 'response', responseCode: '4.04', operation: 'Observe' }]);
    scripted.answer = () => ({ code: 0x85 });
    await expect(network.settle(device.startObservation(Temperature.sensorValue))).rejects.toMatchObject({
      responseCode: '4.05',
    });
  });

  test('a listener of `notify` that throws is told as `error`', async () => {
    const errors: Error[] = [];
    server.on('notify', () => {
      throw new Error('mine');
    });
    server.on('error', (error) => void errors.push(error));
    answerWith(textAnswer('20'));
    await network.settle(device.startObservation(Temperature.sensorValue));
    expect(errors).toMatchObject([{ code: 'listener-failed', event: 'notify' }]);
  });
});

describe('a device that registers anew [LwM2M Core §6.2.1]', () => {
  test('ends what was observed', async () => {
    answerWith(textAnswer('20'));
    const { end } = follow(device.observe(Temperature.sensorValue));
    await pass(100);
    await register();
    await pass(100);
    expect([end(), server.inspect().observations]).toEqual(['ended', 0]);
  });

  test('is observed again after its 2.01 where the policy says so, and the loops go on', async () => {
    await start({ whenReplaced: 'observe-again' });
    answerWith(textAnswer('20'));
    const { seen, end } = follow(device.observe(Temperature.sensorValue));
    await network.settle(device.startObservation(Device.batteryLevel));
    await pass(100);
    const oldRelations = [...scripted.observers];
    await register();
    await pass(100);
    expect([seen, end()]).toEqual([[20, 20], 'runs']);
    expect(scripted.requests.filter(({ observe }) => observe === 0)).toHaveLength(4);
    for (const { observe } of scripted.requests) expect(observe).toBe(0);
    oldRelations[0]?.notify(textAnswer('1'));
    notify(textAnswer('22'));
    await pass(1_000);
    expect(oldRelations[0]?.signal.aborted).toBe(true);
    expect(server.inspect()).toMatchObject({ observations: 2, registrations: 1 });
    await network.settle(device.cancelObservation(Device.batteryLevel));
    expect(server.inspect().observations).toBe(1);
    await network.settle(scripted.deregister());
    expect([end(), server.inspect().observations]).toEqual(['ended', 0]);
  });
});
