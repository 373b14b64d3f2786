import { parseCode } from '@motestack/coap';
import { Server, Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import type { RegistrationError } from './index.ts';
import { Scene } from './scripted-server.fixture.ts';

const LINKS = '</>;rt="oma.lwm2m";ct="112 110 11542",</1/0>,</3>;ver=1.2,</3/0>,</3303>;ver=1.1,</3303/0>';
const exact = { retry: { jitterFactor: 1 } };

describe('Register', () => {
  test('tells endpoint, version, lifetime, binding and objects, and keeps the location', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    expect(scene.server.lines).toEqual([`POST /rd?ep=thermometer&lwm2m=1.1&lt=300&b=U ${LINKS}`]);
    expect(scene.told).toEqual(['registering', 'registered', 'registered /rd/the place/1']);
    expect(client.inspect()).toMatchObject({
      endpoint: 'thermometer',
      servers: [
        { uri: 'coap://server', shortServerId: 1, state: 'registered', location: '/rd/the place/1', observations: 0 },
      ],
    });
  });

  test('speaks 1.0 to a server of 1.0: no root link, versions against the enabler', async () => {
    const scene = new Scene();
    await scene.registered({ lwm2mVersion: '1.0' });
    expect(scene.server.lines).toEqual([
      'POST /rd?ep=thermometer&lwm2m=1.0&lt=300&b=U </1/0>,</3>;ver=1.2,</3/0>,</3303>;ver=1.1,</3303/0>',
    ]);
  });

  test('comes through a network that loses a third', async () => {
    const scene = new Scene({ seed: 7, loss: 0.33 });
    await scene.registered();
    await scene.network.run(3_600_000);
    expect(scene.errors).toEqual([]);
    expect(scene.told.filter((line) => line === 'updated').length).toBeGreaterThan(10);
  });

  test('a refusal is told, and tried again over a new socket with growing waits', async () => {
    const scene = new Scene();
    scene.server.script = (_request, line) =>
      line.startsWith('POST /rd?')
        ? { code: parseCode('4.03'), payload: new TextEncoder().encode('not you') }
        : undefined;
    const client = await scene.start({ server: { uri: 'coap://server', ...exact } });
    await scene.network.run(2_000_000);
    expect(scene.failures).toEqual([
      'Register 4.03, attempt 1, in 60 s',
      'Register 4.03, attempt 2, in 120 s',
      'Register 4.03, attempt 3, in 240 s',
      'Register 4.03, attempt 4, in 480 s',
      'Register 4.03, attempt 5, in 86400 s',
    ]);
    const [first] = scene.errors as RegistrationError[];
    expect(first).toMatchObject({
      code: 'registration-refused',
      diagnostic: 'not you',
      endpoint: 'thermometer',
      serverUri: 'coap://server',
    });
    expect(new Set(scene.server.seen.map(({ from }) => from)).size).toBe(5);
    expect(client.inspect().servers[0]).toMatchObject({ state: 'waiting', coap: null, location: null });
    // A device without a bootstrap account goes on after the pause.
    scene.server.script = () => undefined;
    await scene.network.settle(client.registered(), 100_000_000);
  });

  test.each([[[]], [['']]])('a 2.01 with the location %j is told, and tried again', async (locationPath) => {
    const scene = new Scene();
    scene.server.script = () => ({ code: parseCode('2.01'), locationPath });
    await scene.start({ server: { uri: 'coap://server', ...exact } });
    await scene.network.run(1_000);
    expect(scene.failures).toEqual(['Register registration-failed, attempt 1, in 60 s']);
    expect(scene.errors[0]?.message).toContain('failed: the server’s 2.01 names no usable location; next attempt');
  });

  test('a socket that nobody answers ends the attempt at once', async () => {
    const scene = new Scene();
    await scene.start({
      connect: async (_uri, candidate) =>
        candidate === 0 ? scene.network.transport('10.0.0.2:0', { remote: '10.0.0.9:5683' }) : undefined,
      server: { uri: 'coap://server', ...exact },
    });
    await scene.network.run(1_000);
    expect(scene.failures).toEqual(['Register server-unreachable, attempt 1, in 60 s']);
  });

  test('the next address of the name is tried at once', async () => {
    const scene = new Scene();
    const remotes = ['10.0.0.9:5683', '10.0.0.1:5683'];
    const client = await scene.start({
      connect: async (_uri, candidate) => {
        const remote = remotes[candidate];
        return remote === undefined ? undefined : scene.network.transport('10.0.0.2:0', { remote });
      },
    });
    await scene.network.run(1_000);
    expect(client.inspect().servers[0]?.state).toBe('registered');
    expect(scene.errors).toEqual([]);
  });

  test('a server that never answers is a timeout', async () => {
    const scene = new Scene();
    scene.network.drop(({ from }) => from === '10.0.0.1:5683');
    await scene.start({ server: { uri: 'coap://server', ...exact }, requestTimeoutMs: 10_000 });
    await scene.network.run(11_000);
    expect(scene.failures).toEqual(['Register registration-timeout, attempt 1, in 60 s']);
  });

  test('a name that cannot be resolved is a failure with its cause', async () => {
    const scene = new Scene();
    const cause = new Error('ENOTFOUND');
    await scene.start({ connect: () => Promise.reject(cause) });
    await scene.network.run(100);
    expect(scene.errors).toMatchObject([{ code: 'registration-failed', operation: 'Register', cause }]);
  });

  test('a transport that is not connected is a failure', async () => {
    const scene = new Scene();
    await scene.start({ connect: async () => scene.network.transport('10.0.0.2:0') });
    await scene.network.run(100);
    expect(scene.errors).toMatchObject([{ code: 'registration-failed', cause: { name: 'TypeError' } }]);
  });

  test('a 2.01 without location is a failure', async () => {
    const scene = new Scene();
    scene.server.script = () => ({ code: parseCode('2.01') });
    await scene.start();
    await scene.network.run(1_000);
    expect(scene.errors).toMatchObject([{ code: 'registration-failed' }]);
  });
});

describe('Update', () => {
  test('renews the lifetime before it ends, with every segment of the location', async () => {
    const scene = new Scene();
    await scene.registered();
    await scene.network.run(420_000);
    const [, first, second] = scene.server.seen;
    expect(first?.line).toBe('POST /rd/the place/1');
    expect(first?.at).toBeCloseTo(207_010, -2);
    expect(second?.at).toBeCloseTo(414_020, -2);
  });

  test('tells a lifetime that the server wrote, and goes by it', async () => {
    const scene = new Scene();
    await scene.registered();
    expect(await scene.network.settle(scene.server.write('/1/0/1', '60'))).toBe('2.04');
    await scene.network.run(40_000);
    expect(scene.server.lines.slice(1)).toEqual(['POST /rd/the place/1?lt=60', 'POST /rd/the place/1']);
    expect(await scene.network.settle(scene.server.read('/1/0/1'))).toBe('60');
  });

  test('tells a lifetime that the device set, and instances that come and go', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    client.set(Server.lifetime, 120);
    await scene.network.run(1_000);
    client.add(Temperature.instance({ sensorValue: 4 }, 7));
    await scene.network.run(2_000);
    client.remove(Temperature.at(0));
    await scene.network.run(3_000);
    const head = LINKS.slice(0, LINKS.lastIndexOf(',') + 1);
    expect(scene.server.lines.slice(1)).toEqual([
      'POST /rd/the place/1?lt=120',
      `POST /rd/the place/1 ${head}</3303/0>,</3303/7>`,
      `POST /rd/the place/1 ${head}</3303/7>`,
    ]);
  });

  test.each([
    ['4.00', '/1/0/1', '-1'],
    ['2.04', '/1/0/1', '2147483647'],
    ['4.00', '/1/0/1', '2147483648'],
    ['4.00', '/1/0/2', '-1'],
    ['2.04', '/1/0/6', '1'],
    ['2.04', '/1/0/7', 'U'],
    ['4.00', '/1/0/7', 'T'],
    ['4.05', '/1/0/0', '2'],
    ['4.05', '/1/0/8', 'x'],
    ['4.04', '/1/0/9', 'x'],
  ])('%s: the server writes %s as %s', async (code, path, value) => {
    const scene = new Scene();
    await scene.registered();
    expect(await scene.network.settle(scene.server.write(path, value))).toBe(code);
  });

  test('/1/0/8 asks for an Update without parameters, after its answer', async () => {
    const scene = new Scene();
    await scene.registered();
    expect(await scene.network.settle(scene.server.code('POST', '/1/0/8'))).toBe('2.04');
    expect(scene.server.lines).toHaveLength(1);
    await scene.network.run(1_000);
    expect(scene.server.lines.slice(1)).toEqual(['POST /rd/the place/1']);
  });

  test('4.04 is followed by a Register at once from the same address', async () => {
    const scene = new Scene();
    await scene.registered();
    scene.server.script = (_request, line) =>
      line === 'POST /rd/the place/1' ? { code: parseCode('4.04') } : undefined;
    await scene.network.run(208_000);
    expect(scene.failures).toEqual(['Update 4.04, attempt 1, in 0 s']);
    expect(scene.told.slice(2)).toEqual([
      'registered /rd/the place/1',
      'registering',
      'registered',
      'registered /rd/the place/2',
    ]);
    expect(new Set(scene.server.seen.map(({ from }) => from)).size).toBe(1);
  });

  test('another refusal waits, then registers', async () => {
    const scene = new Scene();
    const client = await scene.registered({ server: { uri: 'coap://server', lifetimeSeconds: 300, ...exact } });
    scene.server.script = (_request, line) =>
      line === 'POST /rd/the place/1' ? { code: parseCode('5.03') } : undefined;
    await scene.network.run(208_000);
    expect(scene.failures).toEqual(['Update 5.03, attempt 1, in 60 s']);
    await scene.network.settle(client.registered());
    expect(scene.told.slice(3)).toEqual(['waiting', 'registering', 'registered', 'registered /rd/the place/2']);
  });
});

describe('De-register', () => {
  test('Disable answers, leaves, and comes back after the Disable Timeout', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    expect(await scene.network.settle(scene.server.write('/1/0/5', '600'))).toBe('2.04');
    expect(await scene.network.settle(scene.server.code('POST', '/1/0/4'))).toBe('2.04');
    await scene.network.run(1_000);
    expect(scene.server.lines.at(-1)).toBe('DELETE /rd/the place/1');
    expect(client.inspect().servers[0]?.state).toBe('disabled');
    await scene.network.run(599_000);
    expect(scene.server.lines).toHaveLength(2);
    await scene.network.run(602_000);
    expect(scene.server.lines.at(-1)).toContain('POST /rd?ep=thermometer');
  });

  test('stop says goodbye and leaves no timer', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await scene.network.settle(client.stop());
    await scene.network.settle(scene.server.endpoint.close());
    expect(scene.server.lines.at(-1)).toBe('DELETE /rd/the place/1');
    expect(scene.told.at(-1)).toBe('stopped');
    expect(scene.network.pendingTimers).toBe(0);
  });

  test('stop without De-register says nothing', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    await scene.network.settle(client.stop({ deregister: false }));
    expect(scene.server.lines).toHaveLength(1);
  });

  test('stop does not wait for a server that is gone', async () => {
    const scene = new Scene();
    const client = await scene.registered();
    scene.network.drop(() => true);
    const before = scene.network.clock.now();
    await scene.network.settle(client.stop({ timeoutMs: 2_000 }));
    expect(scene.network.clock.now() - before).toBeLessThan(4_100);
  });

  test('stop while the Register is on its way leaves no registration behind', async () => {
    const scene = new Scene();
    const client = await scene.start();
    await scene.network.run(15);
    expect(scene.server.lines).toHaveLength(1);
    await scene.network.settle(client.stop());
    expect(scene.server.lines.at(-1)).toBe('DELETE /rd/the place/1');
    expect(scene.told).toEqual(['registering', 'stopped']);
  });

  test('stop while the transport is opened closes it', async () => {
    const scene = new Scene();
    const transport = scene.network.transport('10.0.0.2:0', { remote: '10.0.0.1:5683' });
    let open: (opened: typeof transport) => void = () => undefined;
    const opening = new Promise<typeof transport>((resolve) => {
      open = resolve;
    });
    const client = await scene.start({ connect: () => opening });
    await scene.network.run(10);
    await scene.network.settle(client.stop());
    open(transport);
    await scene.network.run(1_000);
    expect(scene.server.lines).toEqual([]);
    // The address is free again.
    const [, address = ''] = transport.localUrl.split('//');
    expect(() => scene.network.transport(address)).not.toThrow();
  });

  test('stop before the first Register sends nothing', async () => {
    const scene = new Scene();
    const client = await scene.start();
    await scene.network.settle(client.stop());
    await scene.network.run(1_000);
    expect(scene.server.lines).toEqual([]);
  });
});
