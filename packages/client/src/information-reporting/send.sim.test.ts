import { parseCode } from '@motestack/coap';
import { Server, Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { Scene } from '../scripted-server.fixture.ts';
import { SeveralServers } from '../several-servers.fixture.ts';

const PATH = Temperature.sensorValue;

/** What came to `/dp`. */
const sent = (scene: Scene): readonly string[] => scene.server.lines.filter((line) => line.startsWith('POST /dp'));

describe('Send (Core 1.1.1 §6.4.6)', () => {
  test('[int-306] posts the values of now to /dp, never below the alternate path', async () => {
    const scene = new Scene();
    const client = await scene.registered({ rootPath: '/lwm2m' });
    await scene.network.settle(client.send([PATH, '/3/0/0'], { contentFormat: 'senml-json' }));
    expect(sent(scene)).toEqual(['POST /dp [{"n":"/3303/0/5700","v":21.5},{"n":"/3/0/0","vs":"Acme"}]']);
  });

  test('a server that is muted gets nothing, until it writes false (resource 23)', async () => {
    const scene = new Scene();
    const client = await scene.registered({ server: { uri: 'coap://server', muteSend: true } });
    await expect(client.send([PATH])).rejects.toMatchObject({ code: 'send-muted', operation: 'Send' });
    expect(await scene.network.settle(scene.server.write('/1/0/23', '0'))).toBe('2.04');
    await scene.network.settle(client.send([PATH]));
    client.set(Server.muteSend, true);
    await expect(client.send([PATH])).rejects.toMatchObject({ code: 'send-muted' });
    expect(sent(scene)).toHaveLength(1);
  });

  test('a refusal, a server that is silent, and what is not here are errors by name', async () => {
    const scene = new Scene();
    const client = await scene.registered({ requestTimeoutMs: 5_000 });
    scene.server.script = (_request, line) => (line.startsWith('POST /dp') ? { code: parseCode('4.04') } : undefined);
    await expect(scene.network.settle(client.send([PATH]))).rejects.toMatchObject({ code: 'send-refused' });
    scene.network.drop(() => true);
    await expect(scene.network.settle(client.send([PATH]))).rejects.toMatchObject({ code: 'send-failed' });
    await expect(client.send(['/9/9/9'])).rejects.toMatchObject({ code: 'not-here' });
    await expect(client.send(['/0/0/0'])).rejects.toMatchObject({ code: 'not-here' });
    await expect(client.send([PATH], { server: 9 })).rejects.toMatchObject({ code: 'no-such-server' });
    await scene.network.settle(client.stop({ deregister: false }));
    await expect(client.send([PATH])).rejects.toMatchObject({ code: 'client-stopped' });
  });

  test('before the registration is acknowledged nothing is sent', async () => {
    const client = await new Scene().start();
    await expect(client.send([PATH])).rejects.toMatchObject({ code: 'not-registered' });
  });

  test('each server gets what it may read; one that takes it is enough', async () => {
    const scene = new SeveralServers();
    const entries = [{ path: '/3303/0' as const, owner: 1, rights: { 2: 'R' } }];
    const client = await scene.registered({ servers: ['coap://1', 'coap://2'], accessControl: { entries } });
    await scene.network.settle(client.send([PATH, '/3/0/0'], { contentFormat: 'senml-json' }));
    expect(scene.at(1).lines.at(-1)).toContain('Acme');
    expect(scene.at(2).lines.at(-1)).toBe('POST /dp [{"bn":"/3303/0/5700","v":21.5}]');
    await expect(client.send(['/3/0/0'], { server: 2 })).rejects.toMatchObject({ code: 'send-refused' });
  });
});

describe('a batch', () => {
  test('gathers values with their times and sends them together', async () => {
    const scene = new Scene({ seed: 1, epochMs: 1_800_000_000_000 });
    const client = await scene.registered();
    const batch = client.batch({ contentFormat: 'senml-json' });
    for (const celsius of [20, 21]) {
      client.set(PATH, celsius);
      await batch.add(PATH);
      await scene.network.run(scene.network.clock.now() + 10_000);
    }
    expect(batch.size).toBe(2);
    await scene.network.settle(batch.flush());
    expect(batch.size).toBe(0);
    const [, body = '[]'] = /^POST \/dp (.*)$/.exec(sent(scene).at(-1) ?? '') ?? [];
    const records = JSON.parse(body) as { bt?: number; t?: number; v: number }[];
    const [{ bt = 0 } = {}] = records;
    expect(records.map(({ t = 0, v }) => [Math.round(bt + t - 1_800_000_000), v])).toEqual([
      [0, 20],
      [10, 21],
    ]);
  });

  test('is kept when nobody takes it, and sent when a server is there again', async () => {
    const scene = new Scene();
    const client = await scene.registered({ requestTimeoutMs: 5_000 });
    const batch = client.batch();
    await batch.add(PATH);
    scene.server.script = (_request, line) => (line.startsWith('POST /dp') ? { code: parseCode('5.03') } : undefined);
    await expect(scene.network.settle(batch.flush())).rejects.toMatchObject({ code: 'send-refused' });
    expect(batch.size).toBe(1);
    scene.server.script = () => undefined;
    client.update();
    await scene.network.run(scene.network.clock.now() + 1_000);
    expect(batch.size).toBe(0);
    expect(sent(scene)).toHaveLength(2);
  });

  test('holds sendHistoryMax values; older ones make room, and are counted', async () => {
    const scene = new Scene();
    const client = await scene.registered({ limits: { sendHistoryMax: 2 } });
    const batch = client.batch({ contentFormat: 'senml-json' });
    for (const celsius of [1, 2]) {
      client.set(PATH, celsius);
      await batch.add(PATH);
    }
    expect([batch.size, batch.dropped]).toEqual([2, 0]);
    client.set(PATH, 3);
    await batch.add(PATH);
    expect([batch.size, batch.dropped]).toEqual([2, 1]);
    await scene.network.settle(batch.flush());
    expect(sent(scene).at(-1)).not.toContain('"v":1,');
  });
});
