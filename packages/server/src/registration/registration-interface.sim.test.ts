import { encodeUtf8 } from '@motestack/bytes';
import { type CoapRequestInit, formatCode } from '@motestack/coap';
import { SimulatedNetwork, vectors } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import { ScriptedDevice, serverIn, stage } from '../scripted-device.fixture.ts';

interface ErrorVector {
  readonly id: string;
  readonly request: string;
  readonly response: string;
}
interface RequestVector {
  readonly id: string;
  readonly operation: string;
  readonly uriQuery: readonly string[];
  readonly parameters: { readonly [Name in 'ep' | 'lwm2m' | 'lt' | 'b' | 'sms']?: string };
}
const suite = vectors<{ requests: RequestVector[]; registrationErrors: ErrorVector[] }>('registration');
const LINKS = '</1/0>,</3/0>';

describe('Register, Update, De-register', () => {
  let network: SimulatedNetwork;
  let server: LwM2mServer;
  let device: ScriptedDevice;
  let events: string[];
  const listen = async (options: Parameters<typeof stage>[0] = {}): Promise<void> => {
    ({ network, server, device } = await stage(options));
    events = [];
    server.on('registered', ({ endpoint }) => void events.push(`registered ${endpoint}`));
    server.on('updated', ({ endpoint }) => void events.push(`updated ${endpoint}`));
    server.on('deregistered', ({ endpoint }, reason) => void events.push(`${reason} ${endpoint}`));
  };
  const code = async (init: CoapRequestInit): Promise<string> =>
    formatCode((await network.settle(device.send(init))).code);
  const register = (query = 'ep=node&lt=60&lwm2m=1.1', links = LINKS): Promise<string> =>
    network.settle(device.register(query, links));
  beforeEach(() => listen());

  test('the whole life of a registration', async () => {
    expect(await register()).toBe('2.01');
    expect(device.location).toEqual(['rd', expect.stringMatching(/^[A-Za-z0-9_-]{12}$/)]);
    expect(await network.settle(device.update('lt=600'))).toBe('2.04');
    expect((await server.device('node'))?.registration.lifetimeSeconds).toBe(600);
    expect(await network.settle(device.deregister())).toBe('2.02');
    expect(await server.device('node')).toBeUndefined();
    expect(await network.settle(device.update())).toBe('4.04');
    expect(await network.settle(device.deregister())).toBe('4.04');
    expect(events).toEqual(['registered node', 'updated node', 'deregister node']);
  });

  test.each(
    suite.requests.filter(({ operation, parameters }) => operation === 'register' && parameters.ep !== undefined),
  )('takes $id', async ({ uriQuery, parameters }) => {
    expect(await register(uriQuery.join('&'))).toBe('2.01');
    const registered = (await server.device(parameters.ep ?? ''))?.registration;
    expect(registered).toMatchObject({
      lwm2mVersion: parameters.lwm2m,
      lifetimeSeconds: Number(parameters.lt),
      binding: parameters.b ?? 'U',
      queueMode: 'Q' in parameters || parameters.b === 'UQ',
      ...(parameters.sms === undefined ? {} : { smsNumber: parameters.sms }),
    });
  });

  // An ep that differs from the identity of a security association needs one; without security there is none.
  const judged = suite.registrationErrors.filter(({ id }) => id !== 'r-ep-mismatch');
  test.each(judged)('$id is told $response', async ({ id, request, response }) => {
    const strict: Parameters<typeof stage>[0] = {
      leniencies: { unknownParameters: false, missingLifetime: false },
      authorize: ({ endpoint }) => endpoint !== 'notallowed',
    };
    await listen(strict);
    const [method = '', uri = ''] = request.split(' ');
    const [path = '', query] = uri.split('?');
    const payload =
      id.endsWith('no-list') || id === 'r-pid-unknown' || method === 'DELETE' || !path.endsWith('/rd') ? '' : LINKS;
    const told = await code({
      method: method as 'POST',
      path: path.slice(1).split('/'),
      query: query === undefined ? [] : query.split('&'),
      ...(payload === '' ? {} : { contentFormat: 40, payload: encodeUtf8(payload) }),
    });
    expect(told).toBe(response);
    expect(events).toEqual([]);
  });

  test.each([
    ['GET on /rd', '4.05', { method: 'GET', path: ['rd'] }],
    ['DELETE on /rd', '4.05', { method: 'DELETE', path: ['rd'] }],
    ['FETCH on /rd', '4.05', { method: 'FETCH', path: ['rd'] }],
    ['GET on a location', '4.05', { method: 'GET', path: ['rd', 'x'] }],
    ['PUT on a location', '4.05', { method: 'PUT', path: ['rd', 'x'] }],
    ['POST below a location', '4.04', { method: 'POST', path: ['rd', 'x', 'y'] }],
    ['GET on the root', '4.04', { method: 'GET', path: [] }],
    ['POST on /bs', '4.04', { method: 'POST', path: ['bs'], query: ['ep=node'] }],
    ['POST on /dp', '4.04', { method: 'POST', path: ['dp'] }],
    ['GET on another path', '4.04', { method: 'GET', path: ['3', '0'] }],
    [
      'a list in another format',
      '4.15',
      {
        method: 'POST',
        path: ['rd'],
        query: ['ep=n', 'lt=60', 'lwm2m=1.1'],
        contentFormat: 0,
        payload: encodeUtf8(LINKS),
      },
    ],
    [
      'a list that is cut off',
      '4.00',
      {
        method: 'POST',
        path: ['rd'],
        query: ['ep=n', 'lt=60', 'lwm2m=1.1'],
        contentFormat: 40,
        payload: encodeUtf8('</1/0>,</3/'),
      },
    ],
    [
      'a list that is no UTF-8',
      '4.00',
      {
        method: 'POST',
        path: ['rd'],
        query: ['ep=n', 'lt=60', 'lwm2m=1.1'],
        contentFormat: 40,
        payload: Uint8Array.of(0x3c, 0xff, 0x3e),
      },
    ],
    [
      'a list without an object',
      '4.00',
      {
        method: 'POST',
        path: ['rd'],
        query: ['ep=n', 'lt=60', 'lwm2m=1.1'],
        contentFormat: 40,
        payload: encodeUtf8('</>;ct=110'),
      },
    ],
  ] as const)('%s is told %s, and the server goes on', async (_name, expected, init) => {
    expect(await code(init)).toBe(expected);
    expect(await register()).toBe('2.01');
  });

  test('an Update that cannot be read changes nothing', async () => {
    await register();
    expect(await network.settle(device.update('lt=x'))).toBe('4.00');
    expect(await network.settle(device.update('ep=other'))).toBe('4.00');
    expect(await network.settle(device.update('', '</1/0'))).toBe('4.00');
    expect((await server.device('node'))?.registration).toMatchObject({ revision: 0, lifetimeSeconds: 60 });
  });

  test('an Update says what changed; its list is complete', async () => {
    await register('ep=node&lt=60&lwm2m=1.1&b=U&sms=123&site=7', '</>;ct=110,</1/0>,</3/0>,</3303/0>');
    expect(await network.settle(device.update('b=U&Q&site=8', '</1/0>,</3/0>,</3303/1>'))).toBe('2.04');
    expect((await server.device('node'))?.registration).toMatchObject({
      revision: 1,
      lifetimeSeconds: 60,
      queueMode: true,
      smsNumber: '123',
      additionalParameters: { site: '8' },
      inventory: {
        contentFormats: [110],
        objects: [{ objectId: 1 }, { objectId: 3 }, { objectId: 3303, instances: [1] }],
      },
    });
    expect(await network.settle(device.update('b=U'))).toBe('2.04');
    expect((await server.device('node'))?.registration.queueMode).toBe(false);
  });

  test('parameters that nobody knows are bounded over Updates too', async () => {
    await listen({ limits: { additionalParametersMax: 2 } });
    await register('ep=node&lt=60&lwm2m=1.1&x');
    expect(await network.settle(device.update('y=1'))).toBe('2.04');
    expect(await network.settle(device.update('x=2'))).toBe('2.04');
    expect(await network.settle(device.update('z=1'))).toBe('4.00');
  });

  test('an alternate root path is kept by an Update that does not say it again', async () => {
    await register('ep=node&lt=60&lwm2m=1.1', '</lwm2m>;rt="oma.lwm2m",</lwm2m/1/0>,</lwm2m/3/0>');
    expect(await network.settle(device.update('', '</lwm2m/1/0>,</lwm2m/3/0>,</lwm2m/3303/2>'))).toBe('2.04');
    expect((await server.device('node'))?.registration.inventory).toMatchObject({
      rootPath: '/lwm2m',
      objects: [{}, {}, { objectId: 3303 }],
    });
  });

  test.each(['/..', '/a/../b', '/5', '/%35', '/a//b', '/%E4', `/${'x'.repeat(256)}`])(
    'an alternate root path %s is told 4.00, at Update too',
    async (root) => {
      const links = `<${root}>;rt="oma.lwm2m",<${root}/1/0>`;
      expect(await register('ep=node&lt=60&lwm2m=1.1', links)).toBe('4.00');
      expect(await register()).toBe('2.01');
      expect(await network.settle(device.update('', links))).toBe('4.00');
      expect((await server.device('node'))?.registration.inventory.rootPath).toBe('/');
    },
  );

  test('objects 0 and 21 are passed over, versions are kept', async () => {
    await register('ep=node&lt=60&lwm2m=1.1', '</0/0>,</1/0>,</3>;ver=1.2,</3/0>,</21/0>,</9999/1>');
    expect((await server.device('node'))?.registration.inventory.objects).toEqual([
      { objectId: 1, version: undefined, instances: [0] },
      { objectId: 3, version: '1.2', instances: [0] },
      { objectId: 9999, version: undefined, instances: [1] },
    ]);
  });

  test('a list without Content-Format is read by leniency alone', async () => {
    const init = {
      method: 'POST',
      path: ['rd'],
      query: ['ep=n', 'lt=60', 'lwm2m=1.1'],
      payload: encodeUtf8(LINKS),
    } as const;
    expect(await code(init)).toBe('2.01');
    await listen({ leniencies: { missingContentFormat: false } });
    expect(await code(init)).toBe('4.15');
  });

  test('a registration ends when its lifetime passes without an Update, and not before', async () => {
    await register();
    await network.run(network.clock.now() + 59_900);
    expect(events).toEqual(['registered node']);
    await network.run(network.clock.now() + 200);
    expect(events).toEqual(['registered node', 'expired node']);
    expect(await network.settle(device.update())).toBe('4.04');
  });

  test('a lane that is full when the lifetime passes is looked at again', async () => {
    let admit: (answer: boolean) => void = () => undefined;
    const gate = new Promise<boolean>((resolve) => {
      admit = resolve;
    });
    let asked = 0;
    await listen({ limits: { registrationRequestsWaitingMax: 1 }, authorize: () => asked++ === 0 || gate });
    await register();
    await network.run(network.clock.now() + 59_000);
    const others = ['3', '4'].map((host) => new ScriptedDevice(network, `10.0.1.${host}:5683`));
    const refusals = others.map((other) => other.register('ep=node&lt=60&lwm2m=1.1'));
    await network.run(network.clock.now() + 2_000);
    expect(events).toEqual(['registered node']);
    admit(false);
    expect(await network.settle(Promise.all(refusals))).toEqual(['4.03', '4.03']);
    await network.run(network.clock.now() + 2_000);
    expect(events).toEqual(['registered node', 'expired node']);
  });

  test('an Update moves the end; a lifetime of 0 has none', async () => {
    await register();
    await network.run(network.clock.now() + 50_000);
    await network.settle(device.update());
    await network.run(network.clock.now() + 50_000);
    expect(await server.device('node')).toBeDefined();
    await network.settle(device.update('lt=0'));
    await network.run(network.clock.now() + 40 * 86_400_000);
    expect(await server.device('node')).toBeDefined();
    await network.settle(device.update('lt=20'));
    await network.run(network.clock.now() + 20_100);
    expect(events.at(-1)).toBe('expired node');
  });

  test('a lifetime of years is waited for by one timer', async () => {
    const before = network.pendingTimers;
    await register('ep=node&lt=100000000&lwm2m=1.1');
    expect((await server.device('node'))?.registration.lifetimeSeconds).toBe(100_000_000);
    // The devices' deduplication has timers of its own: only the server's one is looked for here.
    expect(network.pendingTimers).toBeGreaterThan(before);
    await server.close();
    await network.settle(device.coap.close());
    expect(network.pendingTimers).toBe(0);
  });

  test('registering anew replaces: one device, a new location, the old one is gone', async () => {
    await register();
    const [old, first] = [device.location, await server.device('node')];
    expect(await register()).toBe('2.01');
    const second = await server.device('node');
    expect(second).not.toBe(first);
    expect(first?.signal).toMatchObject({ aborted: true, reason: 'replaced' });
    expect(second?.signal.aborted).toBe(false);
    expect(await code({ method: 'POST', path: old })).toBe('4.04');
    expect(events).toEqual(['registered node', 'replaced node', 'registered node']);
  });

  test('an Update from another address is followed by leniency alone', async () => {
    await register();
    network.rebind(device.transport, '10.0.0.9:1024');
    expect(await network.settle(device.update())).toBe('2.04');
    expect((await server.device('node'))?.peer).toBe('10.0.0.9:1024');
    await listen({ leniencies: { addressChange: false } });
    await register();
    network.rebind(device.transport, '10.0.0.9:1024');
    expect(await network.settle(device.update())).toBe('4.04');
  });

  test('Register is answered before it is told, so that a Read cannot overtake the 2.01', async () => {
    const order: string[] = [];
    network.tap(({ from, bytes, fate }) => {
      if (from === '10.0.0.1:5683' && fate === 'delivered') order.push(formatCode(bytes[1] ?? 0));
    });
    server.on('registered', async (registered) => {
      await registered.read('/3/0/0').catch(() => undefined);
    });
    await register();
    await network.run(network.clock.now() + 200);
    expect(order.slice(0, 2)).toEqual(['2.01', '0.01']);
  });

  test('over a bad network every device ends up registered once', async () => {
    const lossy = new SimulatedNetwork({ seed: 11, loss: 0.3, delayMs: [5, 400], duplication: 0.2, reordering: 0.2 });
    const lossyServer = await serverIn(lossy);
    let told = 0;
    lossyServer.on('registered', () => void told++);
    const devices = Array.from({ length: 20 }, (_, index) => new ScriptedDevice(lossy, `10.0.2.${index + 1}:5683`));
    const codes = await lossy.settle(
      Promise.all(
        devices.map((each, index) => each.register(`ep=device-${index}&lt=3600&lwm2m=1.1`).catch(() => 'lost')),
      ),
    );
    const registered = codes.filter((each) => each === '2.01').length;
    expect(registered).toBeGreaterThan(15);
    expect(told).toBe(lossyServer.inspect().registrations);
    expect(told).toBeGreaterThanOrEqual(registered);
  });
});
