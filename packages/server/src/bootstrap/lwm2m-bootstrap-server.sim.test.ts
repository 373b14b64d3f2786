import { encodeUtf8, fromHex } from '@motestack/bytes';
import { ContentFormat, formatCode } from '@motestack/coap';
import { decodePayload } from '@motestack/codecs';
import { formatPath, objectLookup } from '@motestack/model';
import { AccessControl, Device, Security, Server } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { AbortedError, InternalError, ResponseError, TimeoutError } from '../lwm2m-error.ts';
import { InMemorySecurityStore } from '../security/in-memory-security-store.ts';
import { type BootstrapConfiguration, instanceWrite, resourceWrite } from './bootstrap-configuration.ts';
import { BOOTSTRAP_ADDRESS, BootstrappedClient, bootstrapStage } from './bootstrapped-client.fixture.ts';

const key = fromHex('000102030405060708090a0b0c0d0e0f');
const two: BootstrapConfiguration = {
  servers: [
    {
      uri: 'coaps://one.example',
      shortServerId: 101,
      lifetimeSeconds: 300,
      credentials: { kind: 'psk', identity: 'node', key },
    },
    { uri: 'coap://two.example', shortServerId: 102, binding: 'T', storeNotifications: false, server: { 2: 10 } },
  ],
};

describe('LwM2mBootstrapServer', () => {
  test('a configuration: Discover, Delete, Write, Finish, with the bootstrap account left as it is', async () => {
    const { network, client, told, server } = await bootstrapStage({ configuration: () => two });
    client.security = '</>;lwm2m=1.1,</0/0>;ssid=7;uri="coap://old",</0/1>';
    expect(await network.settle(client.ask('ep=node&pct=112'))).toBe('2.04');
    await network.run(1_000);
    expect(client.steps).toEqual([
      'GET /0',
      'DELETE /0',
      'DELETE /1',
      'PUT /0/0',
      'PUT /0/2',
      'PUT /1/0',
      'PUT /1/1',
      'POST /bs',
    ]);
    expect([...client.formats]).toEqual([112]);
    const read = (path: string): unknown => client.written.get(path);
    expect(read('/0/0/0')).toBe('coaps://one.example');
    expect(read('/0/0/1')).toBe(false);
    expect(read('/0/0/2')).toBe(0);
    expect(read('/0/0/3')).toEqual(encodeUtf8('node'));
    expect(read('/0/0/5')).toEqual(key);
    expect(read('/0/0/10')).toBe(101);
    expect(read('/0/2/2')).toBe(3);
    expect(read('/0/2/5')).toEqual(new Uint8Array(0));
    expect([read('/1/0/0'), read('/1/0/1'), read('/1/0/6'), read('/1/0/7')]).toEqual([101, 300, true, 'U']);
    expect([read('/1/1/0'), read('/1/1/1'), read('/1/1/2'), read('/1/1/6'), read('/1/1/7')]).toEqual([
      102,
      86_400,
      10,
      false,
      'T',
    ]);
    expect(told).toEqual([
      ['started', 'node'],
      ['finished', 'node'],
    ]);
    expect(server.sessions).toBe(0);
  });

  test('writes in TLV without pct, in what the configuration says with one', async () => {
    const { network, client } = await bootstrapStage({ configuration: () => two });
    await network.settle(client.ask('ep=node'));
    await network.run(1_000);
    expect([...client.formats]).toEqual([ContentFormat.Tlv]);
    const other = await bootstrapStage({ configuration: () => ({ ...two, contentFormat: 'lwm2m-cbor' }) });
    await other.network.settle(other.client.ask('ep=node&pct=110'));
    await other.network.run(1_000);
    expect([...other.client.formats]).toEqual([ContentFormat.LwM2mCbor]);
  });

  test('replaces its own account where the client has it', async () => {
    const { network, client } = await bootstrapStage({
      configuration: () => ({
        servers: [],
        delete: [],
        bootstrapServer: {
          uri: 'coaps://bs.example',
          credentials: { kind: 'psk', identity: 'b', key },
          holdOffSeconds: 5,
        },
      }),
    });
    client.security = '</>;lwm2m=1.1,</0/0>;ssid=7,</0/3>';
    await network.settle(client.ask('ep=node'));
    await network.run(1_000);
    expect(client.steps).toEqual(['GET /0', 'PUT /0/3', 'POST /bs']);
    expect(client.written.get('/0/3/1')).toBe(true);
    expect(client.written.get('/0/3/11')).toBe(5);
  });

  test('typed writes go before the accounts', async () => {
    const { network, client } = await bootstrapStage({
      configuration: () => ({
        servers: [{ uri: 'coap://a', shortServerId: 1 }],
        delete: ['/'],
        write: [
          instanceWrite(AccessControl, 4, { objectId: 3, objectInstanceId: 0, acl: { 1: 15 }, accessControlOwner: 1 }),
          resourceWrite(Device.currentTime, new Date(1_000_000)),
        ],
      }),
    });
    await network.settle(client.ask('ep=node'));
    await network.run(1_000);
    expect(client.steps).toEqual(['GET /0', 'DELETE /', 'PUT /2/4', 'PUT /3/0/13', 'PUT /0/1', 'PUT /1/0', 'POST /bs']);
    expect(client.written.get('/2/4/2/1')).toBe(15);
    expect(client.written.get('/3/0/13')).toEqual(new Date(1_000_000));
  });

  test.each([
    ['4.04', () => ({ code: 0x84 })],
    ['a form of its draft', () => ({ code: 0x45, contentFormat: 40, payload: encodeUtf8('lwm2m=1.0,</0/0>') })],
  ])('a client that answers Discover with %s: the account is where the configuration says', async (_what, answer) => {
    const { network, client, told } = await bootstrapStage({
      configuration: () => ({ servers: [{ uri: 'coap://a', shortServerId: 1 }], bootstrapAccountInstance: 2 }),
    });
    client.instead = (request) => (request.method === 'GET' ? answer() : undefined);
    await network.settle(client.ask('ep=node'));
    await network.run(1_000);
    expect(client.steps.slice(3)).toEqual(['PUT /0/0', 'PUT /1/0', 'POST /bs']);
    expect(told.at(-1)).toEqual(['finished', 'node']);
  });

  test('a procedure goes its own way, and Finish follows', async () => {
    const seen: unknown[] = [];
    const { network, client, told } = await bootstrapStage({
      configuration: () => async (device) => {
        seen.push(device.endpoint, device.preferredContentFormat, (await device.discover()).nodes.length);
        await device.delete('/1/0');
        await device.write(instanceWrite(Server, 0, { shortServerId: 1, lifetime: 60 }));
        seen.push((await device.read('/1/0')).length);
      },
    });
    client.instead = (request) =>
      request.method === 'GET' && request.path[0] === '1'
        ? { code: 0x45, contentFormat: 11_542, payload: fromHex('c10001c1013c') }
        : undefined;
    await network.settle(client.ask('ep=node&pct=110'));
    await network.run(1_000);
    expect(client.steps).toEqual(['GET /', 'DELETE /1/0', 'PUT /1/0', 'GET /1/0', 'POST /bs']);
    expect(seen).toEqual(['node', 110, 1, 2]);
    expect(told.at(-1)).toEqual(['finished', 'node']);
  });

  describe('breaks off', () => {
    test('at Finish: 4.06 says that the client finds it inconsistent', async () => {
      const { network, client, told } = await bootstrapStage({ configuration: () => two });
      client.instead = (request) => (request.method === 'POST' ? { code: 0x86 } : undefined);
      await network.settle(client.ask('ep=node'));
      await network.run(1_000);
      const [event, endpoint, error] = told.at(-1) ?? [];
      expect([event, endpoint]).toEqual(['failed', 'node']);
      expect(ResponseError.is(error) && error.responseCode).toBe('4.06');
      expect(error).toMatchObject({ operation: 'Bootstrap-Finish', endpoint: 'node' });
    });

    test('at a write that is refused: nothing follows, Finish neither', async () => {
      const { network, client, told } = await bootstrapStage({ configuration: () => two });
      client.instead = (request) => (request.path.join('/') === '0/1' ? { code: 0x8f } : undefined);
      await network.settle(client.ask('ep=node'));
      await network.run(1_000);
      expect(client.steps.at(-1)).toBe('PUT /0/1');
      expect(told.at(-1)?.[2]).toMatchObject({ operation: 'Bootstrap-Write', path: '/0/1', responseCode: '4.15' });
    });

    test('at a client that is silent', async () => {
      const { network, client, told, server } = await bootstrapStage({
        configuration: () => two,
        requestTimeoutMs: 20_000,
      });
      client.instead = () => new Promise(() => undefined);
      await network.settle(client.ask('ep=node'));
      await network.run(21_000);
      expect(TimeoutError.is(told.at(-1)?.[2])).toBe(true);
      expect(server.sessions).toBe(0);
    });

    test('at a procedure that does nothing for EXCHANGE_LIFETIME', async () => {
      const { network, client, told } = await bootstrapStage({
        configuration: () => () => new Promise(() => undefined),
      });
      await network.settle(client.ask('ep=node'));
      await network.run(246_000);
      expect(told).toEqual([['started', 'node']]);
      await network.run(248_000);
      expect(AbortedError.is(told.at(-1)?.[2])).toBe(true);
    });

    test('when the client asks anew: the first is told as broken off, the second goes on', async () => {
      let slow = true;
      const { network, client, told } = await bootstrapStage({ configuration: () => two });
      client.instead = () => (slow ? new Promise(() => undefined) : undefined);
      await network.settle(client.ask('ep=node'));
      await network.run(500);
      slow = false;
      await network.settle(client.ask('ep=node'));
      await network.run(2_000);
      expect(told.map(([event]) => event)).toEqual(['started', 'started', 'failed', 'finished']);
    });

    test('when the configuration cannot be written, or the procedure throws', async () => {
      const bad: BootstrapConfiguration = { servers: [{ uri: '', shortServerId: 1 }] };
      for (const configuration of [() => bad, () => () => Promise.reject(new Error('mine'))]) {
        const { network, client, told } = await bootstrapStage({ configuration });
        await network.settle(client.ask('ep=node'));
        await network.run(1_000);
        expect(InternalError.is(told.at(-1)?.[2])).toBe(true);
        expect(client.steps).not.toContain('POST /bs');
      }
    });
  });

  describe('refuses', () => {
    test.each([
      ['', '4.00'],
      ['ep=', '4.00'],
      ['ep=name', '4.00'],
      ['ep=nodes', '4.00'],
      ['ep=node&pct=x', '4.00'],
      ['ep=node&pct=0', '4.15'],
      ['ep=node&pct=70000', '4.15'],
    ])('%j with %s', async (query, code) => {
      const { network, client, told } = await bootstrapStage({
        configuration: ({ endpoint }) => (endpoint === 'name' ? undefined : two),
        limits: { endpointBytesMax: 4 },
      });
      expect(await network.settle(client.ask(query))).toBe(code);
      await network.run(1_000);
      expect(client.steps).toEqual([]);
      expect(told).toEqual([]);
    });

    test('other paths and methods', async () => {
      const { network, client } = await bootstrapStage({ configuration: () => two });
      const ask = async (method: 'GET' | 'POST', ...path: string[]): Promise<string> =>
        formatCode((await network.settle(client.coap.request(BOOTSTRAP_ADDRESS, { method, path }))).code);
      expect(await ask('GET', 'bs')).toBe('4.05');
      expect(await ask('POST', 'bspack')).toBe('4.05');
      expect(await ask('POST', 'rd')).toBe('4.04');
      expect(await ask('POST', 'bs', '0')).toBe('4.04');
      expect(await ask('POST')).toBe('4.04');
    });

    test('one client beyond sessionsMax with 5.03', async () => {
      const { network, client } = await bootstrapStage({ configuration: () => two, limits: { sessionsMax: 1 } });
      client.instead = () => new Promise(() => undefined);
      const second = new BootstrappedClient(network, '10.0.0.3:5683');
      expect(await network.settle(client.ask('ep=a'))).toBe('2.04');
      expect(await network.settle(second.ask('ep=b'))).toBe('5.03');
      expect(await network.settle(client.ask('ep=a'))).toBe('2.04');
    });

    test('a name that has credentials, without them, with 4.03', async () => {
      const security = new InMemorySecurityStore([
        { endpoint: 'node', credentials: { kind: 'psk', identity: 'i', key } },
      ]);
      const { network, client } = await bootstrapStage({ configuration: () => two, security });
      expect(await network.settle(client.ask('ep=node'))).toBe('4.03');
      expect(await network.settle(client.ask('ep=other'))).toBe('2.04');
    });

    test('with 5.00 where the configurator fails, which error is told of', async () => {
      const { network, client, told } = await bootstrapStage({
        configuration: () => {
          throw new Error('the database is gone');
        },
      });
      expect(await network.settle(client.ask('ep=node'))).toBe('5.00');
      expect(told.map(([event]) => event)).toEqual(['error']);
    });

    test('limits that mean nothing', async () => {
      await expect(bootstrapStage({ limits: { sessionsMax: 0 } })).rejects.toThrow(RangeError);
    });
  });

  describe('Bootstrap-Pack-Request', () => {
    const lookup = objectLookup([Security, Server]);
    const pack = { method: 'GET', path: ['bspack'], query: ['ep=node'] } as const;

    test.each([112, 110, 11_544, undefined])('all that is written, in format %s', async (accept) => {
      const { network, client, told } = await bootstrapStage({ configuration: () => two });
      const init = accept === undefined ? pack : { ...pack, accept };
      const response = await network.settle(client.coap.request(BOOTSTRAP_ADDRESS, init));
      expect([formatCode(response.code), response.contentFormat]).toEqual(['2.05', accept ?? 112]);
      const nodes = decodePayload(accept ?? 112, response.payload, { path: {}, lookup });
      const written = new Map(nodes.map(({ path, value }) => [formatPath(path), value]));
      expect(written.get('/0/1/0')).toBe('coaps://one.example');
      expect(written.get('/0/2/10')).toBe(102);
      expect(written.get('/1/1/0')).toBe(102);
      expect([...written.keys()].some((path) => path.startsWith('/0/0/'))).toBe(false);
      expect(client.steps).toEqual([]);
      expect(told).toEqual([['packed', 'node']]);
    });

    test('a format that no pack has is 4.06; a procedure has no pack: 5.01', async () => {
      const { network, client } = await bootstrapStage({ configuration: () => two });
      const response = await network.settle(client.coap.request(BOOTSTRAP_ADDRESS, { ...pack, accept: 11_542 }));
      expect(formatCode(response.code)).toBe('4.06');
      const other = await bootstrapStage({ configuration: () => async () => undefined });
      const refused = await other.network.settle(other.client.coap.request(BOOTSTRAP_ADDRESS, pack));
      expect(formatCode(refused.code)).toBe('5.01');
    });
  });

  test('close ends what is under way, and is one thing when said twice', async () => {
    const { network, client, server } = await bootstrapStage({ configuration: () => two });
    client.instead = () => new Promise(() => undefined);
    await network.settle(client.ask('ep=node'));
    await network.run(100);
    expect(server.sessions).toBe(1);
    await network.settle(Promise.all([server.close(), server.close()]));
    await network.run(1_000);
    expect(server.sessions).toBe(0);
  });
});
