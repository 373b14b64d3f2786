import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { Scene } from '../scripted-server.fixture.ts';
import { pass, watch } from '../watch.fixture.ts';

const server = { uri: 'coap://server', lifetimeSeconds: 300 };

describe('queue mode (Transport 1.1.1 §6.5)', () => {
  test.each([
    ['1.0', 'b=UQ'],
    ['1.1', 'b=U&Q'],
    ['1.2', 'b=U&Q'],
  ] as const)('[int-108] LwM2M %s says %s', async (lwm2mVersion, parameter) => {
    const scene = new Scene();
    await scene.registered({ lwm2mVersion, queueMode: true });
    expect(scene.server.lines[0]).toMatch(new RegExp(`[?&]${parameter}[& ]`));
  });

  test('[int-109] the client sleeps 93 s after its last message, and wakes to update', async () => {
    const scene = new Scene();
    await scene.registered({ queueMode: true, server });
    await pass(scene, 92);
    expect(scene.told.at(-1)).toBe('registered /rd/the place/1');
    await pass(scene, 2);
    expect(scene.told.at(-1)).toBe('asleep');
    await pass(scene, 200 - 94 + 10);
    expect(scene.told.slice(-2)).toEqual(['registered', 'updated']);
    await pass(scene, 94);
    expect(scene.told.at(-1)).toBe('asleep');
  });

  test('a window of one’s own; each request of the server begins it anew', async () => {
    const scene = new Scene();
    await scene.registered({ queueMode: { awakeMs: 10_000 }, server });
    await pass(scene, 9);
    expect(await scene.network.settle(scene.server.read('/3303/0/5700'))).toBe('21.5');
    await pass(scene, 9);
    expect(scene.told.at(-1)).not.toBe('asleep');
    await pass(scene, 2);
    expect(scene.told.at(-1)).toBe('asleep');
  });

  test('it wakes to notify and to send', async () => {
    const scene = new Scene();
    const client = await scene.registered({ queueMode: { awakeMs: 10_000 }, server });
    const { lines } = await watch(scene, '/3303/0/5700');
    await pass(scene, 11);
    expect(client.inspect().servers[0]?.state).toBe('asleep');
    client.set(Temperature.sensorValue, 22);
    await pass(scene, 1);
    expect([lines.length, client.inspect().servers[0]?.state]).toEqual([1, 'registered']);
    await pass(scene, 10);
    expect(client.inspect().servers[0]?.state).toBe('asleep');
    await scene.network.settle(client.send([Temperature.sensorValue]));
    expect(client.inspect().servers[0]?.state).toBe('registered');
  });

  test('what changes while it sleeps, and an Update that is asked for, wake it', async () => {
    const scene = new Scene();
    const client = await scene.registered({ queueMode: { awakeMs: 10_000 }, server });
    await pass(scene, 11);
    client.add(Temperature.instance({ sensorValue: 1 }, 1));
    await pass(scene, 1);
    expect(scene.server.lines.at(-1)).toContain('</3303/1>');
    await pass(scene, 11);
    client.update();
    await pass(scene, 1);
    expect(scene.server.lines.at(-1)).toMatch(/^POST \/rd\/the place\/1$/);
  });

  test('it de-registers when it is stopped asleep', async () => {
    const scene = new Scene();
    const client = await scene.registered({ queueMode: { awakeMs: 10_000 }, server });
    await pass(scene, 11);
    await scene.network.settle(client.stop());
    expect(scene.server.lines.at(-1)).toMatch(/^DELETE/);
  });

  test('in 1.0 a server turns it on by the binding', async () => {
    const scene = new Scene();
    await scene.registered({ lwm2mVersion: '1.0', server });
    expect(await scene.network.settle(scene.server.write('/1/0/7', 'UQ'))).toBe('2.04');
    await pass(scene, 1);
    expect(scene.server.lines.at(-1)).toBe('POST /rd/the place/1?b=UQ');
    await pass(scene, 94);
    expect(scene.told.at(-1)).toBe('asleep');
  });
});
