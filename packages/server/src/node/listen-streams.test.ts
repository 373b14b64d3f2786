import { encodeUtf8, fromHex } from '@motestack/bytes';
import { type CoapEndpoint, formatCode, type ObserverRelation } from '@motestack/coap';
import { type OpenCoapEndpointOptions, openCoapEndpoint } from '@motestack/coap/node';
import { Device, Temperature } from '@motestack/objects';
import { afterEach, describe, expect, test } from 'vitest';
import { InMemorySecurityStore, LwM2mServer, type RegisteredDevice, type SecurityStore } from './index.ts';
import { caPem, deviceKeyPem, devicePem, serverKeyPem, serverPem } from './test-keys.fixture.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

const key = fromHex('000102030405060708090a0b0c0d0e0f');
const security = new InMemorySecurityStore([
  { endpoint: 'by-psk', credentials: { kind: 'psk', identity: 'p', key } },
  { endpoint: 'thermometer', credentials: { kind: 'x509' } },
]);
const credentials = { privateKey: serverKeyPem, certificates: serverPem, trustedRoots: caPem };

async function listen(options: Parameters<typeof LwM2mServer.listen>[0]): Promise<LwM2mServer> {
  const server = await LwM2mServer.listen(options);
  opened.push(server);
  return server;
}

/** A device over a connection. */
class StreamDevice {
  readonly relations: ObserverRelation[] = [];
  location: readonly string[] = [];
  coap: CoapEndpoint | undefined;

  async connect(remote: string, tls?: OpenCoapEndpointOptions['tls']): Promise<void> {
    this.coap = await openCoapEndpoint({
      remote,
      tls,
      handler: (request) => {
        if (request.observe === 0) this.relations.push(request.acceptObserver());
        const text = request.path[0] === '3' ? 'Acme' : '20.5';
        return { code: 0x45, contentFormat: 0, payload: encodeUtf8(text) };
      },
    });
    opened.push(this.coap);
  }

  async register(endpoint: string | undefined, binding = 'T'): Promise<string> {
    const name = endpoint === undefined ? [] : [`ep=${endpoint}`];
    const answer = await this.#post(['rd'], [...name, 'lt=60', 'lwm2m=1.1', `b=${binding}`], '</1/0>,</3/0>,</3303/0>');
    this.location = answer.locationPath;
    return formatCode(answer.code);
  }

  async update(): Promise<string> {
    return formatCode((await this.#post(this.location, [], '')).code);
  }

  #post(path: readonly string[], query: readonly string[], links: string) {
    const { coap } = this;
    if (coap?.remote === undefined) throw new Error('not connected');
    const list = links === '' ? {} : { contentFormat: 40, payload: encodeUtf8(links) };
    return coap.request(coap.remote, { method: 'POST', path, query, ...list });
  }
}

const next = <Event extends 'registered' | 'disconnected' | 'updated'>(server: LwM2mServer, event: Event) =>
  new Promise<RegisteredDevice>((resolve) => server.on(event, resolve));
const localhost = (url: string): string => url.replace('127.0.0.1', 'localhost');

describe.each<[string, OpenCoapEndpointOptions['tls'], string | undefined, string | undefined]>([
  ['coap+tcp', undefined, 'node', undefined],
  ['coap+ws', undefined, 'node', undefined],
  ['coaps+tcp', { preSharedKey: { identity: 'p', key } }, undefined, 'psk:70'],
  [
    'coaps+tcp',
    { identity: { certificate: devicePem, privateKey: deviceKeyPem }, trustedRoots: caPem },
    undefined,
    'x509:thermometer',
  ],
  [
    'coaps+ws',
    { identity: { certificate: devicePem, privateKey: deviceKeyPem }, trustedRoots: caPem },
    'thermometer',
    'x509:thermometer',
  ],
])('%s [RFC 8323]', (scheme, tls, endpoint, identity) => {
  test(`a device registers as ${identity ?? endpoint}, is read and observed, goes and comes back`, async () => {
    const server = await listen({ urls: [`${scheme}://127.0.0.1:0`], security, credentials });
    const [url = ''] = server.urls;
    const device = new StreamDevice();
    await device.connect(localhost(url), tls);
    const registered = next(server, 'registered');
    expect(await device.register(endpoint)).toBe('2.01');
    const seen = await registered;
    expect(seen.registration).toMatchObject({ localUrl: url, binding: 'T' });
    expect([seen.registration.identity, seen.bindings]).toEqual([identity, ['TCP']]);
    expect(await seen.read(Device.manufacturer)).toBe('Acme');
    const values = seen.observe(Temperature.sensorValue)[Symbol.asyncIterator]();
    expect((await values.next()).value).toBe(20.5);
    device.relations[0]?.notify({ code: 0x45, contentFormat: 0, payload: encodeUtf8('21') });
    expect((await values.next()).value).toBe(21);

    const lost = next(server, 'disconnected');
    await device.coap?.close();
    expect((await lost).endpoint).toBe(seen.endpoint);
    await expect(seen.read(Device.manufacturer)).rejects.toMatchObject({ code: 'connection-lost' });
    expect(server.inspect().registrations).toBe(1);

    await device.connect(localhost(url), tls);
    expect(await device.update()).toBe('2.04');
    // The observation is made again over the new connection, and the loop goes on.
    expect((await values.next()).value).toBe(20.5);
    expect(await seen.read(Device.manufacturer)).toBe('Acme');
    await values.return?.();
  });
});

describe('one server at several addresses', () => {
  test('a device registers over UDP, updates over TCP, and is asked over TCP', async () => {
    const server = await listen({ urls: ['coap://127.0.0.1:0', 'coap+tcp://127.0.0.1:0'] });
    const [udp = '', tcp = ''] = server.urls;
    const device = new StreamDevice();
    await device.connect(udp);
    expect(await device.register('node', 'UT')).toBe('2.01');
    const overUdp = device.coap;
    await device.connect(tcp);
    const updated = next(server, 'updated');
    expect(await device.update()).toBe('2.04');
    const seen = await updated;
    await overUdp?.close();
    expect([seen.registration.localUrl, seen.bindings]).toEqual([tcp, ['UDP', 'TCP']]);
    expect(await seen.read(Device.manufacturer)).toBe('Acme');
  });
});

describe('over TLS', () => {
  test('the proof of another name is told 4.00, and a wrong key does not come in', async () => {
    const server = await listen({ urls: ['coaps+tcp://127.0.0.1:0'], security, credentials });
    const [url = ''] = server.urls;
    const device = new StreamDevice();
    await device.connect(localhost(url), { preSharedKey: { identity: 'p', key } });
    expect(await device.register('thermometer')).toBe('4.00');
    const stranger = new StreamDevice();
    await stranger.connect(localhost(url), { preSharedKey: { identity: 'p', key: fromHex('ff') } });
    await expect(stranger.register('by-psk')).rejects.toThrow();
    expect(server.inspect().registrations).toBe(0);
  });

  test.each(['coaps+tcp', 'coaps+ws'])('%s: a store that answers only later is refused at start', async (scheme) => {
    const later: SecurityStore = {
      findByEndpoint: (endpoint) => Promise.resolve(security.findByEndpoint(endpoint)),
      findByPskIdentity: (identity) => Promise.resolve(security.findByPskIdentity(identity)),
      findByPublicKey: () => undefined,
    };
    const urls = [`${scheme}://127.0.0.1:0`];
    await expect(LwM2mServer.listen({ urls, security: later, credentials })).rejects.toMatchObject({
      name: 'SynchronousLookupError',
      message: expect.stringContaining('findByPskIdentityNow'),
    });
    await listen({ urls: ['coaps://127.0.0.1:0'], security: later });
    await listen({ urls, security: { ...later, findByPskIdentityNow: () => undefined }, credentials });
  });

  test('a secure scheme without security is refused', async () => {
    await expect(LwM2mServer.listen({ urls: ['coaps+tcp://127.0.0.1:0'] })).rejects.toThrow(TypeError);
  });
});
