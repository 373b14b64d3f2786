import { encodeUtf8 } from '@motestack/bytes';
import { CoapRouter, ContentFormat, content, formatCode } from '@motestack/coap';
import { decodeObjectLinks } from '@motestack/codecs';
import { SimulatedNetwork } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import { ScriptedDevice, SERVER_ADDRESS, serverIn } from '../scripted-device.fixture.ts';
import type { PortableServerOptions } from '../server-options.ts';
import type { AuthorizationRequest } from './authorizer.ts';
import { InMemoryProfileStore } from './profile-store.ts';

const inventory = (links: string) => decodeObjectLinks(encodeUtf8(links));

let network: SimulatedNetwork;
let server: LwM2mServer;
let device: ScriptedDevice;
const listen = async (options: Partial<PortableServerOptions> = {}): Promise<void> => {
  server = await serverIn(network, options);
};
const register = (query: string, links?: string): Promise<string> => network.settle(device.register(query, links));
const objectsOf = async (endpoint: string): Promise<number[] | undefined> =>
  (await server.device(endpoint))?.registration.inventory.objects.map(({ objectId }) => objectId);
beforeEach(() => {
  network = new SimulatedNetwork({ seed: 7 });
  device = new ScriptedDevice(network, '10.0.0.2:5683');
});

describe('Profile ID [LwM2M Core 1.2 §6.2.1]', () => {
  test('without profiles, or for one that is not known, a Register without a list gets 4.09', async () => {
    await listen();
    expect(await register('ep=a&lt=60&lwm2m=1.2&pid=6:27354b9a', '')).toBe('4.09');
    await server.close();
    await listen({ profiles: new InMemoryProfileStore() });
    expect(await register('ep=a&lt=60&lwm2m=1.2&pid=6:27354b9a', '')).toBe('4.09');
  });

  test('known profiles stand in for the list, several together', async () => {
    const profiles = new InMemoryProfileStore({
      profiles: [
        ['oma:1', inventory('</>;ct=112,</1/0>,</3/0>')],
        ['acme:2', inventory('</3303/0>,</3/1>')],
      ],
    });
    await listen({ profiles });
    expect(await register('ep=a&lt=60&lwm2m=1.2&pid="oma:1,acme:2"', '')).toBe('2.01');
    const registered = await server.device('a');
    expect(registered?.registration.profileIds).toEqual(['oma:1', 'acme:2']);
    expect(registered?.registration.inventory).toEqual({
      rootPath: '/',
      contentFormats: [112],
      objects: [
        { objectId: 1, version: undefined, instances: [0] },
        { objectId: 3, version: undefined, instances: [0, 1] },
        { objectId: 3303, version: undefined, instances: [0] },
      ],
    });
  });

  test('a profile is learned from who registers with it and a list, the first counts, and no more than learnedMax', async () => {
    const profiles = new InMemoryProfileStore({ learnedMax: 1 });
    await listen({ profiles });
    expect(await register('ep=a&lt=60&lwm2m=1.2&pid=6:00000001', '</1/0>,</3/0>')).toBe('2.01');
    expect(await register('ep=b&lt=60&lwm2m=1.2&pid=6:00000001', '</1/0>')).toBe('2.01');
    expect(await register('ep=b&lt=60&lwm2m=1.2&pid=6:00000002', '</1/0>')).toBe('2.01');
    expect(profiles.size).toBe(1);
    expect(await register('ep=c&lt=60&lwm2m=1.2&pid=6:00000001', '')).toBe('2.01');
    expect(await objectsOf('c')).toEqual([1, 3]);
    expect(await register('ep=d&lt=60&lwm2m=1.2&pid=6:00000002', '')).toBe('4.09');
    expect(() => new InMemoryProfileStore({ learnedMax: -1 })).toThrow(RangeError);
  });

  test('an Update with another profile replaces the list; with one that is not known it gets 4.00', async () => {
    await listen({ profiles: new InMemoryProfileStore({ profiles: [['oma:2', inventory('</5/0>')]] }) });
    await register('ep=a&lt=60&lwm2m=1.2', '</1/0>');
    expect(await network.settle(device.update('pid=oma:2'))).toBe('2.04');
    expect(await objectsOf('a')).toEqual([5]);
    expect(await network.settle(device.update('pid=oma:3'))).toBe('4.00');
    expect(await objectsOf('a')).toEqual([5]);
  });
});

describe('the authorizer', () => {
  const asked: AuthorizationRequest[] = [];
  beforeEach(() => void asked.splice(0));

  test('is asked at every operation, and its data stays at the registration', async () => {
    await listen({
      authorize: (request) => {
        asked.push(request);
        return request.operation === 'Register' ? { applicationData: { tenant: 'north' } } : true;
      },
    });
    await register('ep=a&lt=60&lwm2m=1.1');
    await network.settle(device.update('lt=90'));
    expect((await server.device('a'))?.registration.applicationData).toEqual({ tenant: 'north' });
    const sent = { method: 'POST', path: ['dp'], contentFormat: 110, payload: encodeUtf8('[]') } as const;
    await network.settle(device.send(sent));
    await network.settle(device.deregister());
    expect(asked.map(({ operation, endpoint, peer }) => ({ operation, endpoint, peer }))).toEqual(
      ['Register', 'Update', 'Send', 'De-register'].map((operation) => ({
        operation,
        endpoint: 'a',
        peer: '10.0.0.2:5683',
      })),
    );
    expect(asked[1]).toMatchObject({ registration: { lifetimeSeconds: 60 }, parameters: { lifetimeSeconds: 90 } });
  });

  test.each<[AuthorizationRequest['operation'], string]>([
    ['Register', '4.03'],
    ['Update', '4.00'],
    ['De-register', '4.00'],
    ['Send', '4.00'],
  ])('that refuses a %s makes it %s, and nothing is done', async (refused, code) => {
    await listen({ authorize: ({ operation }) => operation !== refused });
    const reports: unknown[] = [];
    server.on('send', (_device, report) => void reports.push(report));
    const first = await register('ep=a&lt=60&lwm2m=1.1');
    if (refused === 'Register') return expect(first).toBe(code);
    const requests = {
      Update: () => device.update('lt=90'),
      'De-register': () => device.deregister(),
      Send: async () => {
        const payload = encodeUtf8('[{"n":"/3303/0/5700","v":1}]');
        return formatCode((await device.send({ method: 'POST', path: ['dp'], contentFormat: 110, payload })).code);
      },
    };
    expect(await network.settle(requests[refused]())).toBe(code);
    expect((await server.device('a'))?.registration.lifetimeSeconds).toBe(60);
    expect(reports).toEqual([]);
  });

  test('an Update may attach other data', async () => {
    await listen({
      authorize: ({ operation }) => ({ applicationData: { by: operation } }),
    });
    await register('ep=a&lt=60&lwm2m=1.1');
    await network.settle(device.update());
    expect((await server.device('a'))?.registration.applicationData).toEqual({ by: 'Update' });
  });
});

describe('lifetimes', () => {
  const pass = (ms: number): Promise<void> => network.run(network.clock.now() + ms);

  test('a registration outlives its lifetime by lifetimeGraceSeconds, and not by a second more', async () => {
    await listen({ limits: { lifetimeGraceSeconds: 30 } });
    await register('ep=a&lt=60&lwm2m=1.1');
    await pass(89_000);
    expect(await server.device('a')).toBeDefined();
    await pass(2_000);
    expect(await server.device('a')).toBeUndefined();
  });

  test('lt=0 has no end [Core 1.2 §6.2.1]', async () => {
    await listen();
    await register('ep=a&lt=0&lwm2m=1.2');
    await pass(400 * 86_400_000);
    expect(await server.device('a')).toBeDefined();
  });
});

describe('the list of objects', () => {
  test('comes in blocks too, and devices of one kind share one list in memory', async () => {
    await listen({ coap: { blockSzx: 2 } });
    const links = Array.from({ length: 60 }, (_, index) => `</${3300 + index}/0>`).join();
    expect(await register('ep=a&lt=60&lwm2m=1.1', links)).toBe('2.01');
    const other = new ScriptedDevice(network, '10.0.0.3:5683');
    expect(await network.settle(other.register('ep=b&lt=60&lwm2m=1.1', links))).toBe('2.01');
    expect(await objectsOf('a')).toHaveLength(60);
    expect((await server.device('b'))?.registration.inventory).toBe((await server.device('a'))?.registration.inventory);
  });
});

describe('resources of the application', () => {
  test('stand at the same address, beside those of LwM2M and never in their place', async () => {
    const router = new CoapRouter({ clock: network.clock });
    router.get('/time/:zone', ({ params }) => content(`noon in ${params.zone}`));
    router.post('/rd', () => content('not this one'));
    await listen({ resources: router });
    const answer = await network.settle(device.send({ method: 'GET', path: ['time', 'utc'] }));
    expect([formatCode(answer.code), String.fromCharCode(...answer.payload)]).toEqual(['2.05', 'noon in utc']);
    expect(formatCode((await network.settle(device.send({ method: 'GET', path: ['nothing'] }))).code)).toBe('4.04');
    expect(await register('ep=a&lt=60&lwm2m=1.1')).toBe('2.01');
    for (const path of ['bs', 'bspack']) {
      expect(formatCode((await network.settle(device.send({ method: 'POST', path: [path] }))).code)).toBe('4.04');
    }
  });
});

describe('a device that registers at one address of the server and updates at another', () => {
  test('is asked where it was heard last', async () => {
    const other = '10.0.0.9:5683';
    await listen({ transports: [network.transport(SERVER_ADDRESS), network.transport(other)] });
    device = new ScriptedDevice(network, '10.0.0.4:5683', true);
    await register('ep=a&lt=60&lwm2m=1.1');
    const updated = await network.settle(device.coap.request(other, { method: 'POST', path: device.location }));
    expect(formatCode(updated.code)).toBe('2.04');
    device.answer = ({ peer }) => ({ code: 0x45, contentFormat: ContentFormat.TextPlain, payload: encodeUtf8(peer) });
    const registered = await server.device('a');
    expect(await network.settle(registered?.read('/3/0/0') ?? Promise.resolve())).toBe(other);
  });
});
