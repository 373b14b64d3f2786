import { defineObject } from '@motestack/model';
import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { Scene, text } from './scripted-server.fixture.ts';
import { attach, pass, watch } from './watch.fixture.ts';

const PATH = '/3303/0/5700';

/** A Temperature whose units take 100 ms to be read. */
function slowUnits(scene: Scene): ReturnType<typeof Temperature.instance> {
  const { clock } = scene.network;
  return Temperature.instance({
    sensorValue: 20,
    sensorUnits: () => new Promise((resolve) => clock.schedule(clock.now() + 100, () => resolve('Cel'))),
  });
}

describe('a value that hangs', () => {
  /** A Temperature that can be made to hang. */
  async function hanging(): Promise<{ readonly scene: Scene; hangs: boolean; reads: number }> {
    const scene = new Scene();
    const state = { scene, hangs: false, reads: 0 };
    const sensorValue = (): number | Promise<number> => {
      state.reads += 1;
      return state.hangs ? new Promise<number>(() => undefined) : 20;
    };
    await scene.registered({ coap: { handlerTimeoutMs: 5_000 }, objects: [Temperature.instance({ sensorValue })] });
    return state;
  }

  test('ends the observation with 5.03 after handlerTimeoutMs, is told, and can be observed again', async () => {
    const state = await hanging();
    const { scene } = state;
    await attach(scene, PATH, 'pmax=10');
    const watched = await watch(scene, PATH);
    await pass(scene, 11);
    expect(watched.lines).toEqual(['10 s: 20']);
    state.hangs = true;
    await pass(scene, 13);
    expect(watched.ended).toBe(false);
    await pass(scene, 2);
    expect(watched.lines).toEqual(['10 s: 20', '25 s: 5.03']);
    expect(watched.ended).toBe(true);
    expect(scene.client?.inspect().servers[0]?.observations).toBe(0);
    expect(scene.errors).toMatchObject([
      { code: 'handler-failed', operation: 'Notify', path: PATH, cause: { name: 'HandlerTimeoutError' } },
    ]);
    expect(scene.errors[0]?.message).toContain('5.03');
    state.hangs = false;
    const again = await watch(scene, PATH);
    await pass(scene, 11);
    expect(again.lines).toEqual(['10 s: 20']);
  });

  test('leaves no timer when the client stops meanwhile', async () => {
    const state = await hanging();
    const { scene } = state;
    await watch(scene, PATH);
    state.hangs = true;
    scene.client?.changed(Temperature.sensorValue);
    await pass(scene, 1);
    expect(state.reads).toBe(2);
    await scene.network.settle(scene.client?.stop() ?? Promise.reject());
    await scene.network.settle(scene.server.endpoint.close());
    expect(scene.network.pendingTimers).toBe(0);
    expect(scene.errors).toEqual([]);
  });

  test('is answered 5.03 to a Read, and told', async () => {
    const state = await hanging();
    const { scene } = state;
    state.hangs = true;
    expect(await scene.network.settle(scene.server.code('GET', PATH))).toBe('5.03');
    expect(scene.errors).toMatchObject([
      { code: 'handler-failed', operation: 'Read', path: PATH, cause: { name: 'HandlerTimeoutError' } },
    ]);
  });
});

test('a Read that fails after its time is told again, without an answer', async () => {
  const scene = new Scene();
  const { clock } = scene.network;
  const sensorValue = (): Promise<number> =>
    new Promise((_resolve, reject) => clock.schedule(clock.now() + 8_000, () => reject(new Error('no sensor'))));
  await scene.registered({
    coap: { handlerTimeoutMs: 5_000 },
    objects: [Temperature.instance({ sensorValue })],
  });
  expect(await scene.network.settle(scene.server.code('GET', PATH))).toBe('5.03');
  await pass(scene, 10);
  expect(scene.errors.map(({ message }) => message)).toEqual([
    'Read of /3303/0/5700 failed in the application; the server was answered 5.03',
    'Read of /3303/0/5700 failed in the application',
  ]);
});

describe('while an Observe is being answered', () => {
  test('what changes is notified after the answer', async () => {
    const scene = new Scene();
    const client = await scene.registered({ objects: [slowUnits(scene)] });
    const { clock } = scene.network;
    // The request takes 10 ms, the answer is made for 100 ms.
    clock.schedule(clock.now() + 60, () => client.set(Temperature.sensorValue, 99));
    const { lines, observation } = await watch(scene, '/3303/0', 110);
    expect(text(observation.response.payload)).toContain('"v":20');
    await pass(scene, 10);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"v":99');
  });

  test('what changes elsewhere, or back, is not notified', async () => {
    const scene = new Scene();
    const Other = defineObject({
      id: 42_802,
      name: 'Other',
      resources: { value: { id: 0, operations: 'R', type: 'Float' } },
    });
    const client = await scene.registered({ objects: [slowUnits(scene), Other.instance({ value: 1 })] });
    const { clock } = scene.network;
    clock.schedule(clock.now() + 40, () => client.set(Other.value, 2));
    clock.schedule(clock.now() + 50, () => client.set(Temperature.sensorValue, 99));
    clock.schedule(clock.now() + 60, () => client.set(Temperature.sensorValue, 20));
    const { lines } = await watch(scene, '/3303/0', 110);
    await pass(scene, 10);
    expect(lines).toEqual([]);
  });

  test('an Observe that is answered too late is no observation, and no failure of its own', async () => {
    const scene = new Scene();
    const { clock } = scene.network;
    const sensorValue = (): Promise<number> =>
      new Promise((resolve) => clock.schedule(clock.now() + 8_000, () => resolve(20)));
    const client = await scene.registered({
      coap: { handlerTimeoutMs: 5_000 },
      objects: [Temperature.instance({ sensorValue })],
    });
    const { observation } = await watch(scene, PATH);
    expect(observation.established).toBe(false);
    await pass(scene, 10);
    expect(client.inspect().servers[0]?.observations).toBe(0);
    expect(scene.errors).toMatchObject([{ operation: 'Observe', cause: { name: 'HandlerTimeoutError' } }]);
  });
});

describe('a value that changes another one while it is read', () => {
  /** A Temperature that keeps its greatest value, as many do. */
  async function keepingMaximum(measure: () => number): Promise<{ readonly scene: Scene; reads: number }> {
    const scene = new Scene();
    const state = { scene, reads: 0 };
    let greatest = Number.NEGATIVE_INFINITY;
    const sensorValue = (): number => {
      state.reads += 1;
      const value = measure();
      greatest = Math.max(greatest, value);
      scene.client?.set(Temperature.maxMeasuredValue, greatest);
      return value;
    };
    await scene.registered({ objects: [Temperature.instance({ maxMeasuredValue: 0, sensorValue })] });
    return state;
  }

  test('is read once more, and then it is quiet', async () => {
    const state = await keepingMaximum(() => 20);
    await watch(state.scene, '/3303/0', 110);
    await pass(state.scene, 60);
    expect(state.reads).toBe(2);
  });

  test('leaves everything else its turn even if each read gives something new', async () => {
    let value = 1;
    const state = await keepingMaximum(() => value++);
    const { scene } = state;
    await watch(scene, '/3303/0', 110);
    await pass(scene, 1);
    expect(state.reads).toBeGreaterThan(2);
    expect(state.reads).toBeLessThanOrEqual(110);
    await scene.network.settle(scene.client?.stop() ?? Promise.reject());
  });
});
