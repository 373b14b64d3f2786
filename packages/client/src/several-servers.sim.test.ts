import { parseCode } from '@motestack/coap';
import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { creatableGauges } from './device-management/answerer.fixture.ts';
import { SeveralServers } from './several-servers.fixture.ts';

const two = ['coap://1', 'coap://2'];
const text = (value: string) => ({ contentFormat: 0, payload: new TextEncoder().encode(value) });

describe('several servers at once', () => {
  test('each has its account, its registration and its lifetime', async () => {
    const scene = new SeveralServers();
    const client = await scene.registered({
      servers: [
        { uri: 'coap://1', lifetimeSeconds: 60 },
        { uri: 'coap://2', shortServerId: 102 },
      ],
    });
    expect(scene.at(1).lines[0]).toContain('lt=60');
    expect(scene.at(2).lines[0]).toContain('lt=86400');
    expect(scene.at(2).lines[0]).toContain('</1/0>,</1/1>,</2/0>');
    expect(client.inspect().servers).toMatchObject([
      { uri: 'coap://1', shortServerId: 1, state: 'registered' },
      { uri: 'coap://2', shortServerId: 102, state: 'registered' },
    ]);
    await scene.network.run(40_000);
    expect(scene.at(1).seen).toHaveLength(2);
    expect(scene.at(2).seen).toHaveLength(1);
  });

  test('attributes and observations of one are none of the other', async () => {
    const scene = new SeveralServers();
    const rights = { 0: 'R' };
    const client = await scene.registered({ servers: two, accessControl: { defaults: { rights } } });
    const path = ['3303', '0', '5700'];
    const seen: string[][] = [[], []];
    for (const id of [1, 2]) {
      const { endpoint, device } = scene.at(id);
      await scene.network.settle(
        endpoint.observe(
          device,
          { method: 'GET', path, accept: 0 },
          {
            onNotification: ({ payload }) => void seen[id - 1]?.push(new TextDecoder().decode(payload)),
            onEnd: () => {},
          },
        ),
      );
    }
    expect(await scene.code(2, 'PUT', '/3303/0/5700', { query: ['pmin=100'] })).toBe('2.04');
    client.set(Temperature.sensorValue, 22);
    await scene.network.run(scene.network.clock.now() + 1_000);
    expect(seen).toEqual([['22'], []]);
  });

  test('a server that does not answer keeps nobody from the others', async () => {
    const scene = new SeveralServers();
    scene.at(1).script = () => ({ code: parseCode('5.00') });
    const client = await scene.start({ servers: two });
    await scene.network.run(1_000);
    expect(client.inspect().servers.map(({ state }) => state)).toEqual(['waiting', 'registered']);
  });

  test('Priority Order, Initial Delay and Failure Block (resources 13 to 15)', async () => {
    const scene = new SeveralServers();
    scene.at(2).script = () => ({ code: parseCode('5.03') });
    const retry = { count: 1, sequenceDelaySeconds: 100, jitterFactor: 1 };
    await scene.start({
      servers: [
        { uri: 'coap://3', priority: 3 },
        { uri: 'coap://2', priority: 2, blocksOnFailure: true, retry },
        { uri: 'coap://1', priority: 1, initialDelaySeconds: 10 },
      ],
    });
    await scene.network.run(9_000);
    expect(scene.servers.map(({ seen }) => seen.length)).toEqual([0, 0, 0]);
    await scene.network.run(50_000);
    expect(scene.servers.map(({ seen }) => seen.length)).toEqual([1, 1, 0]);
    scene.at(2).script = () => undefined;
    await scene.network.run(120_000);
    expect(scene.servers.map(({ seen }) => seen.length)).toEqual([1, 2, 1]);
  });

  test('servers are added and removed while the client runs', async () => {
    const scene = new SeveralServers();
    const client = await scene.registered({ server: 'coap://1' });
    client.addServer('coap://3');
    await scene.network.settle(client.registered());
    expect(client.inspect().servers.map(({ shortServerId }) => shortServerId)).toEqual([1, 2]);
    expect(scene.at(1).lines.at(-1)).toContain('</1/0>,</1/1>,</2/0>');
    await scene.network.settle(client.removeServer(1));
    expect(scene.at(1).lines.at(-1)).toMatch(/^DELETE \/rd/);
    expect(client.inspect().servers).toMatchObject([{ uri: 'coap://3', shortServerId: 2 }]);
    await expect(client.removeServer(1)).rejects.toMatchObject({ code: 'no-such-server' });
  });

  test.each([
    [{ servers: [] }, TypeError],
    [
      {
        servers: [
          { uri: 'coap://1', shortServerId: 5 },
          { uri: 'coap://2', shortServerId: 5 },
        ],
      },
      TypeError,
    ],
    [{ server: { uri: 'coap://1', binding: 'X' } }, RangeError],
    [{ server: { uri: 'coap://1', priority: -1 } }, RangeError],
    [{ server: 'coap://1', rootPath: '/3' as const }, TypeError],
    [{ server: 'coap://1', accessControl: { entries: [{ path: '/3/0/1' as const }] } }, TypeError],
    [{ server: 'coap://1', accessControl: { entries: [{ path: '/3/0' as const, rights: { 1: 'X' } }] } }, TypeError],
  ])('%o is refused', async (options, error) => {
    await expect(new SeveralServers().start(options)).rejects.toThrow(error);
  });
});

describe('access control (Core 1.1.1 §8, object 2)', () => {
  const accounts = {
    servers: [
      { uri: 'coap://1', shortServerId: 101 },
      { uri: 'coap://2', shortServerId: 102 },
    ],
  };

  test('with one server there is none, and that server may do everything', async () => {
    const scene = new SeveralServers();
    await scene.registered({ server: 'coap://1' });
    expect(scene.at(1).lines[0]).not.toContain('</2/');
    expect(await scene.code(1, 'GET', '/3/0')).toBe('2.05');
    expect(await scene.code(1, 'GET', '/2')).toBe('4.04');
  });

  test('unless said otherwise the first server owns all, and each its own account', async () => {
    const scene = new SeveralServers();
    await scene.registered(accounts);
    expect(await scene.code(1, 'GET', '/3303/0/5700')).toBe('2.05');
    expect(await scene.code(2, 'GET', '/3303/0/5700')).toBe('4.01');
    expect(await scene.code(2, 'GET', '/3303/0')).toBe('4.01');
    expect(await scene.code(2, 'GET', '/3303')).toBe('4.01');
    expect(await scene.code(2, 'GET', '/1/1/1')).toBe('2.05');
    expect(await scene.code(2, 'GET', '/1/0/1')).toBe('4.01');
    expect(await scene.code(2, 'PUT', '/1/1/1', text('600'))).toBe('2.04');
    expect(await scene.code(2, 'POST', '/3/0/4')).toBe('4.01');
    expect(await scene.code(2, 'PUT', '/3303/0', { query: ['pmin=5'] })).toBe('4.01');
    expect(await scene.code(2, 'GET', '/3303/0', { accept: 40 })).toBe('2.05');
    expect(await scene.code(2, 'GET', '/9999/0')).toBe('4.04');
  });

  test('an object gives the instances that may be read', async () => {
    const scene = new SeveralServers();
    const entries = [{ path: Temperature.at(1), owner: 101, rights: { 102: 'R' } }];
    const objects = [Temperature.instance({ sensorValue: 1 }), Temperature.instance({ sensorValue: 2 }, 1)];
    await scene.registered({ ...accounts, accessControl: { entries }, objects });
    const answer = await scene.network.settle(scene.at(2).ask('GET', '/3303', { accept: 110 }));
    expect(new TextDecoder().decode(answer.payload)).toBe('[{"bn":"/3303/1/5700","v":2}]');
  });

  test('entry 0 is for who is not named; the owner may change rights, and others not', async () => {
    const scene = new SeveralServers();
    const entries = [{ path: '/3/0' as const, owner: 101, rights: { 0: 'R' } }];
    await scene.registered({ ...accounts, accessControl: { entries } });
    expect(await scene.code(2, 'GET', '/3/0/0')).toBe('2.05');
    expect(await scene.code(2, 'POST', '/3/0/4')).toBe('4.01');
    const acl = { contentFormat: 110, payload: new TextEncoder().encode('[{"n":"/2/2/2/102","v":5}]') };
    const about = await scene.network.settle(scene.at(1).ask('GET', '/2/2', { accept: 110 }));
    expect(new TextDecoder().decode(about.payload)).toContain('"n":"0","v":3}');
    expect(await scene.code(2, 'POST', '/2/2', acl)).toBe('4.01');
    expect(await scene.code(1, 'POST', '/2/2', acl)).toBe('2.04');
    expect(await scene.code(2, 'POST', '/3/0/4')).toBe('2.04');
    expect(await scene.code(2, 'DELETE', '/2/2')).toBe('4.01');
  });

  test('Create needs its right at the object; who creates owns; Delete takes the rights along', async () => {
    const scene = new SeveralServers();
    const entries = [{ path: '/42800' as const, rights: { 102: 'C' } }];
    await scene.registered({ ...accounts, accessControl: { entries }, objects: [creatableGauges()] });
    const payload = new TextEncoder().encode('[{"n":"/42800/3/1","vs":"new"}]');
    expect(await scene.code(1, 'POST', '/42800', { contentFormat: 110, payload })).toBe('4.01');
    expect(await scene.code(2, 'POST', '/42800', { contentFormat: 110, payload })).toBe('2.01');
    await scene.network.run(scene.network.clock.now() + 1_000);
    expect(scene.at(1).lines.at(-1)).toContain('</42800/3>');
    expect(await scene.code(1, 'GET', '/42800/3')).toBe('4.01');
    expect(await scene.code(1, 'DELETE', '/42800/3')).toBe('4.01');
    expect(await scene.code(2, 'PUT', '/42800/3/1', text('mine'))).toBe('2.04');
    const before =
      scene
        .at(1)
        .lines.at(-1)
        ?.split(',')
        .filter((link) => link.startsWith('</2/')).length ?? 0;
    expect(await scene.code(2, 'DELETE', '/42800/3')).toBe('2.02');
    await scene.network.run(scene.network.clock.now() + 1_000);
    const after = scene
      .at(1)
      .lines.at(-1)
      ?.split(',')
      .filter((link) => link.startsWith('</2/')).length;
    expect(after).toBe(before - 1);
  });

  test('without the right to read, notifications stop; with it, they go on (§8.2.5)', async () => {
    const scene = new SeveralServers();
    const entries = [{ path: '/3303/0' as const, owner: 101, rights: { 102: 'R' } }];
    const client = await scene.registered({ ...accounts, accessControl: { entries } });
    const seen: string[] = [];
    const server = scene.at(2);
    await scene.network.settle(
      server.endpoint.observe(
        server.device,
        { method: 'GET', path: ['3303', '0', '5700'], accept: 0 },
        { onNotification: ({ payload }) => void seen.push(new TextDecoder().decode(payload)), onEnd: () => {} },
      ),
    );
    // The rights of /1/0, /1/1, /3/0 and /3303/0 stand in this order.
    const id = 3;
    const grant = async (rights: number): Promise<void> => {
      const payload = new TextEncoder().encode(`[{"n":"/2/${id}/2/102","v":${rights}}]`);
      expect(await scene.code(1, 'POST', `/2/${id}`, { contentFormat: 110, payload })).toBe('2.04');
    };
    await grant(2);
    client.set(Temperature.sensorValue, 30);
    await scene.network.run(scene.network.clock.now() + 1_000);
    expect(seen).toEqual([]);
    await grant(1);
    await scene.network.run(scene.network.clock.now() + 1_000);
    expect(seen).toEqual(['30']);
  });

  test('a Read-Composite leaves out what may not be read, and is 4.01 if that is all; a Write-Composite needs every right', async () => {
    const scene = new SeveralServers();
    const entries = [{ path: '/3303/0' as const, rights: { 102: 'R' } }];
    await scene.registered({ ...accounts, accessControl: { entries } });
    const list = (...paths: string[]) => ({
      contentFormat: 110,
      payload: new TextEncoder().encode(JSON.stringify(paths.map((n) => ({ n })))),
    });
    const ask = (paths: string[]) =>
      scene.network.settle(scene.at(2).endpoint.request(scene.at(2).device, { method: 'FETCH', ...list(...paths) }));
    const both = await ask(['/3303/0/5700', '/3/0/0']);
    expect(new TextDecoder().decode(both.payload)).toBe('[{"bn":"/3303/0/5700","v":21.5}]');
    expect((await ask(['/3/0/0'])).code).toBe(parseCode('4.01'));
    const payload = new TextEncoder().encode('[{"n":"/1/1/1","v":600},{"n":"/1/0/1","v":600}]');
    const request = { method: 'iPATCH', contentFormat: 110, payload } as const;
    const written = await scene.network.settle(scene.at(2).endpoint.request(scene.at(2).device, request));
    expect(written.code).toBe(parseCode('4.01'));
    expect(await scene.code(2, 'GET', '/1/1/1')).toBe('2.05');
  });
});
